package freshet

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"reflect"
	"time"

	"github.com/freshet-dev/freshet/internal/idtoken"
	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
)

// CodeExchange is an authorization code or device code, and the registration that the connection gets.
// Package login returns one. Without a Form it is a login that needs no person: the registration says
// how the first token is obtained ([Registration.RenewBy]).
type CodeExchange struct {
	redact.Sealed

	Registration Registration
	Form         url.Values // from [oauth.CodeGrant] or [oauth.DeviceGrant]
	Nonce        string     // expected in the id_token; "" if the login requested none
}

// Login exchanges a login's code for a token (RFC 6749 §4.1.3) and saves it as the named
// connection. It creates the connection if there is none. Login keeps the promises of a refresh: it
// sends nothing unless the result can be saved, it saves the reply before it reads it, and no
// caller can interrupt it. An existing connection keeps its token and registration until the new
// ones are saved, in one step.
//
// If the server cannot have acted on the code, or says so, and the pause that it asks for ends before
// the deadline of ctx, Login makes another attempt, as [Refresher.Token] does. The caller repeats the
// exchange of a device code.
//
// Errors: [*SetupError]; [*RefreshError], whose cause is an [*oauth.Error] if the server refused the
// code; [*UnsavedError]; or the store's. If the user has not confirmed a device code yet, the error
// is a RefreshError of kind [oauth.Temporary] with the code authorization_pending or slow_down (RFC
// 8628 §3.5).
func (r *Refresher) Login(ctx context.Context, name string, g CodeExchange) (Result, error) {
	secret, err := r.readSecretFrom(ctx, g.Registration)
	if err != nil {
		return Result{}, withName(name, err)
	}
	if err := r.create(ctx, name, g.Registration); err != nil {
		return Result{}, withName(name, err)
	}
	secret.addTo(&g.Registration)
	ctx, cancel := withDefaultTimeout(ctx)
	defer cancel()
	for n := 1; ; n++ {
		result, err := r.loginOnce(ctx, name, g)
		if err == nil || g.isPoll() || n == maxAttempts || !isTemporary(err) || !waitForNextAttempt(ctx, err) {
			return result, withName(name, err)
		}
	}
}

// isPoll reports whether the exchange is of a device code, which the caller repeats (RFC 8628 §3.4).
func (g CodeExchange) isPoll() bool {
	grant := g.Form.Get("grant_type")
	return grant == oauth.DeviceGrant("").Get("grant_type") || grant == "device" // Salesforce's
}

// loginOnce makes one attempt of a login.
func (r *Refresher) loginOnce(ctx context.Context, name string, g CodeExchange) (result Result, err error) {
	err = r.Store.Update(ctx, name, func(ctx context.Context, c Connection, save Save) (err error) {
		c.ReplyPending = false
		a := &attempt{Refresher: r, connection: c, save: save, login: &g}
		ended, err := a.exchangeCode(ctx)
		result, result.Response = *ended, a.response
		return err
	})
	return result, err
}

func (r *Refresher) create(ctx context.Context, name string, reg Registration) error {
	if _, err := r.Store.Get(ctx, name); !errors.Is(err, ErrNotFound) {
		return err
	}
	err := r.Store.Create(ctx, Connection{Name: name, Registration: reg.withoutSecret()})
	if errors.Is(err, ErrExists) {
		return nil // another process created it in between
	}
	return err
}

// exchangeCode exchanges the code of a.login. The connection is locked.
func (a *attempt) exchangeCode(ctx context.Context) (*Result, error) {
	if err := a.setKeptReplyAside(ctx); err != nil {
		return a.unchanged(), err
	}
	if result, err := a.rollForward(ctx); err != nil {
		return result, err
	}
	next := new(a.connection)
	next.Registration, next.Token = a.login.Registration, Token{} // the old token must not determine the endpoint
	if err := a.connection.checkMove(next); err != nil {
		return a.unchanged(), err
	}
	request, err := a.loginRequest(next)
	if err != nil {
		return a.unchanged(), err
	}
	return a.sendIfSavable(ctx, next, request)
}

// loginRequest returns the request for the first token of next.
func (a *attempt) loginRequest(next *Connection) (oauth.Request, error) {
	if a.login.Form != nil {
		exchange := next.ProviderInfo().Exchange
		r, err := next.request(a.login.Form, exchange.Params, next.Requests.Code)
		r.JSON = r.JSON || exchange.Format == "json"
		return r, err
	}
	a.repeats = !next.spends()
	return next.Request()
}

// checkMove returns an error if a login would change the client or server of a connection whose
// token is in an external file. File and connection cannot be saved in one step, and a crash in
// between would leave a new refresh token that is sent to the old server.
func (c *Connection) checkMove(to *Connection) error {
	if c.TokenFile == "" {
		return nil
	}
	old, errOld := c.endpoint()
	next, errNext := to.endpoint()
	if errOld != nil || errNext == nil && old == next && c.client(old).ID == to.client(next).ID {
		return nil
	}
	return &SetupError{
		Name: c.Name, Kind: oauth.Misconfigured,
		What: "its token is in a file shared with other programs, and is for another client or server; " +
			"nothing was sent",
		Remedy: "{another}; or first {update}",
	}
}

// checkAdoption repeats checkMove for a predecessor's login, since the connection may have changed
// in the meantime.
func (a *attempt) checkAdoption() error {
	c := &a.connection
	login := c.Pending.Login
	if login == nil || login.Name != c.Name || reflect.DeepEqual(login.Registration, c.withoutSecret()) {
		return nil
	}
	return c.checkMove(a.asRequested())
}

// rejectLogin ends a predecessor's login that checkAdoption rejects. The saved token stays.
func (a *attempt) rejectLogin(ctx context.Context, err error) (*Result, error) {
	place := a.quarantineReply(ctx)
	return a.failLogin(Failure{
		Kind:   oauth.Misconfigured,
		Cause:  "an interrupted login was for another client or server than the connection has now" + place,
		Remedy: "{login again}",
	}, noRepeat, err)
}

// firstToken returns the token of a new grant: the reply, which is merged into base if that is in
// an external file.
func (c *Connection) firstToken(base Token, sent jsonobject.Object) (Token, error) {
	login := c.Pending.Login
	first, _, err := Token{}.merge(sent, c.Pending.Since)
	if err != nil {
		return base, err
	}
	if idToken := first.Member("id_token"); idToken != "" { // without one, the token is kept: see delivered
		issuer := "" // not checked: known providers may use another issuer in id_tokens
		if c.asRequested().ProviderInfo().IsGeneric() {
			issuer = login.Registration.Endpoints.Issuer
		}
		err := idtoken.Check(idToken, issuer, login.Registration.Client.ID, login.Nonce, c.Pending.Received)
		if err != nil {
			return base, &rejectedLoginError{oauth.LoginRequired, err.Error(), "{login again}"}
		}
	}
	if first.RefreshToken() == "" && base.RefreshToken() != "" && c.asRequested().spends() {
		return base, errNoRefreshToken
	}
	if c.TokenFile == "" {
		return first, nil
	}
	merged, _, err := base.merge(sent, c.Pending.Since)
	return merged, err
}

// rejectedLoginError is the error of a login whose reply is valid and must not be used.
type rejectedLoginError struct {
	kind    oauth.Kind
	problem string
	remedy  oauth.Remedy
}

var errNoRefreshToken = &rejectedLoginError{
	oauth.Misconfigured,
	"it brought no refresh token; the one that is saved was kept",
	"{login again scope}: refresh_token or offline_access at most providers; " +
		"at Google {login again authorize_param.access_type=offline}",
}

func (e *rejectedLoginError) asProblem() *SetupError {
	return &SetupError{Kind: e.kind, What: e.Error(), Remedy: e.remedy}
}

func (e *rejectedLoginError) Error() string { return "the login was answered, but " + e.problem }

// loginUnanswered ends a login without a reply. The saved token stays.
func (a *attempt) loginUnanswered(err error, sent bool) (*Result, error) {
	f := Failure{
		Kind: oauth.Temporary, Cause: err.Error(),
		Remedy: "check the network, the proxy (HTTPS_PROXY) and the address, then {login again}",
	}
	if sent && !a.repeats {
		f.Kind = oauth.Unknown
		f.Cause += grantUnknown
		f.Remedy = "{login again}"
		return a.failLogin(f, noRepeat, err)
	}
	return a.failLogin(f, 0, err)
}

const grantUnknown = "; it is not known whether the provider made the grant"

// loginFailed ends a login that the provider refused, or whose reply cannot be used. The saved
// token stays.
func (a *attempt) loginFailed(ctx context.Context, err error) (*Result, error) {
	refused, isRefusal := errors.AsType[*oauth.Error](err)
	switch {
	case isRefusal && a.repeats:
		explained := a.asRequested().explainRenewal(refused, a.auth)
		return a.failLogin(newFailure(explained, refused), retryAfter(refused, explained), refused)
	case isRefusal:
		return a.loginRefused(refused)
	}
	// The kinds are those of a refresh. The provider may have made the grant.
	f, wait := Failure{Kind: oauth.Unknown, Cause: err.Error(), Remedy: "{login again}"}, noRepeat
	rejected, isRejected := errors.AsType[*rejectedLoginError](err)
	switch {
	case isRejected:
		f.Kind, f.Remedy = rejected.kind, rejected.remedy
	case a.tokenPath() != "": // another login ends in the same way
		f.Kind = oauth.Misconfigured
	case a.repeats:
		f.Kind, wait = oauth.Temporary, 0
	}
	if !a.repeats {
		f.Cause += a.quarantineReply(ctx)
	}
	return a.failLogin(f, wait, err)
}

// loginRefused ends a login that the provider refused.
func (a *attempt) loginRefused(e *oauth.Error) (*Result, error) {
	request := replies.Request{Login: true, Secret: a.auth != oauth.AuthNone}
	explained := replies.Explain(a.asRequested().ProviderInfo(), e, request)
	if explained.NeedsSecret { // its id is right: the server issued a code for it
		explained.Cause, explained.Remedy = "this client needs a secret", "{login again client_secret}"
	}
	f := newFailure(explained, e)
	if f.Kind == oauth.Unknown {
		f.Cause += grantUnknown
		f.Remedy = "{login again}"
	}
	return a.failLogin(f, retryAfter(e, explained), e)
}

// loginSuperseded ends a login during which a program without a lock saved another token. That
// token stays.
func (a *attempt) loginSuperseded(ctx context.Context, base Token) (*Result, error) {
	place := a.quarantineReply(ctx)
	a.connection.Token, a.connection.Health = base, a.connection.Health.forToken(base)
	a.before = nil
	return a.failLogin(Failure{
		Kind:   oauth.Temporary,
		Cause:  "another program saved another token during the login; its token was kept" + place,
		Remedy: "let only one program write this token, then {login again}",
	}, noRepeat, ErrChanged)
}

// noRepeat is the wait after a login that must not be repeated.
const noRepeat time.Duration = -1

// failLogin records a failed login in the history. The health stays, which is about the saved
// token. A temporary failure is repeated after wait, or a pause.
func (a *attempt) failLogin(f Failure, wait time.Duration, cause error) (*Result, error) {
	f.Time = time.Now().Round(0)
	var next time.Time
	if f.Kind == oauth.Temporary && wait != noRepeat {
		next = f.Time.Add(max(wait, retryDelay(1, rand.Float64())))
	}
	c := &a.connection
	began := c.Pending.Since
	c.Pending = a.unresolved()
	if !isAuthorizationPending(cause) {
		c.History = c.History.withEntry(f.entry(), c.Token, began)
	}
	if err := a.write(c); err != nil {
		a.log().Warn("the failure could not be recorded", "connection", c.Name, "error", err)
	}
	return a.unchanged(), &RefreshError{Name: c.Name, Failure: f, NextAttempt: next, Err: cause}
}

// isAuthorizationPending reports whether a device code is not confirmed yet (RFC 8628 §3.5).
func isAuthorizationPending(err error) bool {
	e, ok := errors.AsType[*oauth.Error](err)
	return ok && (e.Code == "authorization_pending" || e.Code == "slow_down")
}
