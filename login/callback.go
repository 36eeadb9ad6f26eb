package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// ErrForeign is matched by the error for an answer that does not belong to the attempt. Any web
// page can send such an answer, so the login goes on: its own answer may still come.
var ErrForeign = errors.New("the answer does not belong to this login")

const again = "begin the login again, and finish it in the same browser"

// Exchanger exchanges a code for a token and saves the token: a [*freshet.Keeper], which then also
// returns it to its callers, or a [*freshet.Refresher].
type Exchanger interface {
	Login(ctx context.Context, name string, g freshet.CodeExchange) (freshet.Result, error)
}

// Exchange finishes a login. It checks the answer ([Attempt.Grant]), has the Exchanger exchange the
// code for a token (RFC 6749 §4.1.3), and returns when the token is saved as the named connection.
// reg is the registration that the attempt was begun with.
//
// Forget the attempt before you call Exchange: each is for one answer, so that reloading the page
// has no effect.
func Exchange(
	ctx context.Context, to Exchanger, name string, reg freshet.Registration, a Attempt, callback url.Values,
) (freshet.Result, error) {
	grant, err := a.Grant(ctx, reg, callback)
	if err != nil {
		return freshet.Result{}, err
	}
	return to.Login(ctx, name, grant)
}

// Grant checks the answer that came to the redirect address and returns the grant for
// [freshet.Refresher.Login]. reg is the registration that the attempt was begun with.
//
// The error is a [*freshet.SetupError]. It matches [ErrForeign] if the state is missing or wrong, and
// is of kind [oauth.LoginRequired] if consent was denied. Grant uses the network only to fetch the
// provider's keys, if an id_token came with the code.
func (a Attempt) Grant(ctx context.Context, reg freshet.Registration, callback url.Values) (freshet.CodeExchange, error) {
	if err := a.checkState(callback); err != nil {
		return freshet.CodeExchange{}, err
	}
	reg, at := resolve(reg)
	if reg.Client.ID != a.ClientID || at.Issuer != a.Issuer {
		return freshet.CodeExchange{}, misconfigured("the login was begun with another client or at another provider", again)
	}
	if err := a.checkIssuer(reg, callback); err != nil {
		return freshet.CodeExchange{}, err
	}
	if callback.Has("error") {
		return freshet.CodeExchange{}, refusal(reg, a.errorResponse(reg, at, callback), "")
	}
	for _, name := range []string{"code", "iss", "id_token"} {
		if len(callback[name]) > 1 {
			return freshet.CodeExchange{}, unusable("the answer has the parameter " + name + " twice")
		}
	}
	code := callback.Get("code")
	if code == "" {
		return freshet.CodeExchange{}, unusable("the answer has neither a code nor an error")
	}
	if a.ResponseType == hybrid {
		if err := a.verifyIDToken(ctx, reg, at, callback); err != nil {
			return freshet.CodeExchange{}, err
		}
	}
	form := oauth.CodeGrant(oauth.Secret(code), a.RedirectURI, a.Verifier)
	if len(a.Resources) > 0 {
		form["resource"] = a.Resources
		reg.Login.Resources = a.Resources // for the refreshes
	}
	reg.Redirect = extraParams(callback)
	reg.Parts = endpoints.PartsAfter((&freshet.Connection{Registration: reg}).ProviderInfo(), reg.Parts, callback.Get)
	return freshet.CodeExchange{Registration: reg, Form: form, Nonce: a.Nonce}, nil
}

// checkState returns an [ErrForeign] unless the answer belongs to this attempt (RFC 6749 §10.12).
func (a Attempt) checkState(callback url.Values) error {
	states := callback["state"]
	switch {
	case a.State == "":
		return foreign("no login is under way here")
	case len(states) == 0 || states[0] == "":
		return foreign("the answer has no state, so it may belong to another login")
	case len(states) > 1:
		return foreign("the answer has the parameter state twice, so it may belong to another login")
	case subtle.ConstantTimeCompare([]byte(states[0]), []byte(a.State)) == 0:
		return foreign("the answer belongs to another login: its state is not the one that was sent")
	}
	return nil
}

// checkIssuer returns an error if the answer is from another server, which must not get the code
// (RFC 9207 §2.4).
func (a Attempt) checkIssuer(reg freshet.Registration, callback url.Values) error {
	issuer := callback.Get("iss")
	switch {
	case issuer == "" && a.RequireIssuer:
		return unusable("the answer does not name its issuer (iss), which this provider always does")
	case issuer != "" && a.Issuer != "" && strings.TrimSuffix(issuer, "/") != strings.TrimSuffix(a.Issuer, "/"):
		issuer = printable(a.redactor(reg, callback).Text(issuer), 200)
		return unusable("the answer is from another server: " + issuer + " instead of " + a.Issuer)
	}
	return nil
}

// errorResponse parses an error response (RFC 6749 §4.1.2.1) and redacts the secrets in it.
func (a Attempt) errorResponse(
	reg freshet.Registration, at oauth.Endpoints, callback url.Values,
) *oauth.Error {
	redactor := a.redactor(reg, callback)
	host := ""
	if u, err := url.Parse(at.Authorization); err == nil {
		host = u.Host
	}
	return &oauth.Error{
		Host:        host,
		Code:        printable(redactor.Text(callback.Get("error")), 100),
		Description: printable(redactor.Text(callback.Get("error_description")), 300),
	}
}

// redactor returns a redactor for the secrets that were sent and those in the answer.
func (a Attempt) redactor(reg freshet.Registration, callback url.Values) *redact.Redactor {
	secrets := append(redact.Client(reg.Client.ID, string(reg.Client.Secret)), a.State, a.Nonce, string(a.Verifier))
	for _, options := range []freshet.RequestOptions{reg.Requests.Authorize, reg.Requests.Code, reg.Requests.Refresh} {
		secrets = append(secrets, redact.Options(options.Params, options.Headers)...)
	}
	for _, name := range []string{"code", "id_token", "access_token", "refresh_token"} {
		secrets = append(secrets, callback[name]...)
	}
	return redact.New(secrets...)
}

// standardParams are the parameters of an answer that a standard defines. Some are secrets.
var standardParams = []string{
	"code", "state", "iss", "error", "error_description", "error_uri", "session_state", "scope", "response",
	"id_token", "access_token", "refresh_token", "token_type", "expires_in",
}

// extraParams returns the parameters that the provider added to the answer, such as QuickBooks's
// realmId: at most 20, of at most 200 printable characters.
func extraParams(callback url.Values) map[string]string {
	isShort := func(s string) bool { return s != "" && printable(s, 200) == s }
	var names []string
	for name, values := range callback {
		if !slices.Contains(standardParams, name) && len(values) == 1 && isShort(name) && isShort(values[0]) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	extra := map[string]string{}
	for _, name := range names[:min(len(names), 20)] {
		extra[name] = callback.Get(name)
	}
	return extra
}

func foreign(what string) error {
	return &freshet.SetupError{Kind: oauth.LoginRequired, What: what, Remedy: again, Err: ErrForeign}
}

func unusable(what string) error {
	return &freshet.SetupError{Kind: oauth.LoginRequired, What: what, Remedy: again}
}
