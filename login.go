package freshet

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Grant is what begins a grant: an authorization code or a device code, and what the connection is to be from then on.
// Package login makes one.
type Grant struct {
	Registration Registration
	Form         url.Values // as [oauth.CodeGrant] and [oauth.DeviceGrant] make it
	Nonce        string     // that the id_token must carry; "" when none was asked for
}

// Login exchanges a login's code for a token and saves it as the named connection, which it creates if there is none. It
// is as careful as a refresh: nothing is sent before the result can be saved, the reply is durable before it is read, no
// caller can interrupt it, and a connection that exists keeps its token and registration until the new ones are saved in one
// step.
//
// Errors: [*Problem]; [*RefreshError] (the cause of a refusal is an [*oauth.Error]); [*UnsavedError]; or what the store
// reports. A device code that is not confirmed yet is a RefreshError of kind [oauth.Temporary] with that code.
func (r *Refresher) Login(ctx context.Context, name string, g Grant) (Answer, error) {
	secret, err := r.readSecretFrom(ctx, g.Registration)
	if err != nil {
		return Answer{}, withName(name, err)
	}
	if err := r.create(ctx, name, g.Registration); err != nil {
		return Answer{}, withName(name, err)
	}
	secret.addTo(&g.Registration)
	ctx, cancel := withDefaultTimeout(ctx)
	defer cancel()
	var answer Answer
	err = r.Store.Update(ctx, name, func(ctx context.Context, c Connection, save Save) (err error) {
		c.Unsettled = false
		a := &attempt{Refresher: r, connection: c, save: save.withoutSecret(), login: &g}
		answer, err = a.begin(ctx)
		return err
	})
	return answer, withName(name, err)
}

func (r *Refresher) create(ctx context.Context, name string, reg Registration) error {
	if _, err := r.Store.Get(ctx, name); !errors.Is(err, ErrNotFound) {
		return err
	}
	err := r.Store.Create(ctx, Connection{Name: name, Registration: reg.withoutSecret()})
	if errors.Is(err, ErrExists) {
		return nil // somebody else was faster
	}
	return err
}

// begin makes the exchange of a login, while the connection is locked.
func (a *attempt) begin(ctx context.Context) (Answer, error) {
	if answer, err := a.rollForward(ctx); err != nil {
		return answer, err
	}
	asked := a.connection
	asked.Registration, asked.Token = a.login.Registration, Token{} // nothing of an old document may decide where the code goes
	if err := a.connection.checkMove(asked); err != nil {
		return Answer{Connection: a.connection}, err
	}
	request, err := asked.request(a.login.Form, asked.Vendor().Exchange.Params, asked.Requests.Code)
	if err != nil {
		return Answer{Connection: a.connection}, err
	}
	return a.sendIfSavable(ctx, asked, request)
}

// checkMove refuses to move a connection to another client or server by a login, when its token is in a file of others. The file
// and the connection cannot change in one step, and the new refresh token must not go to the old server.
func (c Connection) checkMove(to Connection) error {
	if c.TokenFile == "" {
		return nil
	}
	from, errFrom := c.endpoint()
	next, errNext := to.endpoint()
	if errFrom != nil || errNext == nil && from == next && c.client(from).ID == to.client(next).ID {
		return nil
	}
	return &Problem{
		Name: c.Name, Kind: oauth.Misconfigured,
		What:   "its token is in a file that other programs use, too, and belongs to another client or server; nothing was sent",
		Remedy: "make a connection of another name; or change this one first with Store.Update",
	}
}

// checkAdoption checks for a predecessor's login what was checked before its code was sent: a connection that shares its
// token file stays with its client and server, whatever has changed since.
func (a *attempt) checkAdoption() error {
	c := a.connection
	login := c.Pending.Login
	if login == nil || login.Name != c.Name || reflect.DeepEqual(login.Registration, c.withoutSecret()) {
		return nil
	}
	return c.checkMove(a.asRequested())
}

// rejectLogin ends a predecessor's login whose reply may not be adopted. What is saved stays.
func (a *attempt) rejectLogin(ctx context.Context, err error) (Answer, error) {
	return a.failLogin(Failure{
		Kind:   oauth.Misconfigured,
		Cause:  "an interrupted login was for another client or server than the connection has now" + a.quarantineReply(ctx),
		Remedy: "log in again",
	}, err)
}

// begun is the token of a new grant: the reply itself, or, in a file that is somebody else's too, merged into what is there.
func (c Connection) firstToken(base Token, reply []byte) (Token, error) {
	login := c.Pending.Login
	sent, err := Token{}.Merge(reply, c.Pending.Since)
	if err != nil {
		return base, err
	}
	if idToken := sent.Member("id_token"); idToken != "" || login.Nonce != "" {
		issuer := "" // unknown, or one that does not issue id tokens under this name
		if (Connection{Registration: login.Registration}).Vendor().IsGeneric() {
			issuer = login.Registration.Endpoints.Issuer
		}
		if err := oauth.CheckIDToken(idToken, issuer, login.Registration.Client.ID, login.Nonce, c.Pending.Received); err != nil {
			return base, &rejectedLoginError{oauth.LoginRequired, err.Error(), "log in again"}
		}
	}
	if sent.RefreshToken() == "" && base.RefreshToken() != "" {
		return base, errNoRefreshToken
	}
	if c.TokenFile == "" {
		return sent, nil
	}
	return base.Merge(reply, c.Pending.Since)
}

// rejectedLoginError is a reply to a login that could be read and must not be used.
type rejectedLoginError struct {
	kind            oauth.Kind
	problem, remedy string
}

var errNoRefreshToken = &rejectedLoginError{
	oauth.Misconfigured,
	"it brought no refresh token; the one that is saved was kept",
	"ask for one: scope refresh_token or offline_access at most providers, access_type=offline at Google",
}

func (e *rejectedLoginError) asProblem() *Problem {
	return &Problem{Kind: e.kind, What: e.Error(), Remedy: e.remedy}
}

func (e *rejectedLoginError) Error() string { return "the login was answered, but " + e.problem }

// loginUnanswered ends a login whose exchange got no reply. What was saved before stays.
func (a *attempt) loginUnanswered(err error, sent bool) (Answer, error) {
	f := Failure{Kind: oauth.Temporary, Cause: err.Error(), Remedy: "check the network, the proxy (HTTPS_PROXY) and the address, then log in again"}
	if sent {
		f.Kind = oauth.Unknown
		f.Cause += "; it is not known whether the provider made the grant"
		f.Remedy = "log in again"
	}
	return a.failLogin(f, err)
}

// loginFailed ends a login that the provider refused, or whose reply is of no use. What was saved before stays.
func (a *attempt) loginFailed(ctx context.Context, err error) (Answer, error) {
	if refused, ok := errors.AsType[*oauth.Error](err); ok {
		return a.failLogin(newFailure(a.asRequested().Vendor().ExplainLogin(refused), refused), refused)
	}
	f := Failure{Kind: oauth.Misconfigured, Cause: err.Error(), Remedy: "log in again"}
	if unwanted, ok := errors.AsType[*rejectedLoginError](err); ok {
		f.Kind, f.Remedy = unwanted.kind, unwanted.remedy
	}
	f.Cause += a.quarantineReply(ctx)
	return a.failLogin(f, err)
}

// loginSuperseded ends a login during which a program that takes no lock saved another token. What it saved stays.
func (a *attempt) loginSuperseded(ctx context.Context, base Token) (Answer, error) {
	place := a.quarantineReply(ctx)
	a.connection.Token, a.connection.Health = base, a.connection.Health.forToken(base)
	a.before = nil
	return a.failLogin(Failure{
		Kind:   oauth.Temporary,
		Cause:  "another program saved another token during the login; its token was kept" + place,
		Remedy: "let only one program write this token, then log in again",
	}, ErrChanged)
}

// failLogin notes a login that failed. It is no failure of the grant that is saved: its health stays as it is.
func (a *attempt) failLogin(f Failure, cause error) (Answer, error) {
	f.Time = time.Now().Round(0)
	c := a.connection
	began := c.Pending.Since
	c.Pending = a.before
	if !pendingDevice(cause) {
		c.History = c.History.withEntry(HistoryEntry{Time: f.Time, Outcome: Failed, Kind: f.Kind, Code: f.Code}, c.Token, began)
	}
	if err := a.write(c); err != nil {
		a.log().Warn("the failure could not be recorded", "connection", c.Name, "error", err)
	}
	a.connection = c
	return Answer{Connection: c}, &RefreshError{Name: c.Name, Failure: f, Err: cause}
}

// pendingDevice reports whether the provider only said that a device code is not confirmed yet (RFC 8628 §3.5).
func pendingDevice(err error) bool {
	e, ok := errors.AsType[*oauth.Error](err)
	return ok && (e.Code == "authorization_pending" || e.Code == "slow_down")
}
