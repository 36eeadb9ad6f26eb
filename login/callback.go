package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// ErrForeign is matched by the error for an answer that does not belong to the attempt. Anybody can send one: it says
// nothing about the login, which may still be answered.
var ErrForeign = errors.New("the answer does not belong to this login")

const again = "begin the login again, and finish it in the same browser"

// Grant checks the answer that came to the redirect address, and makes of it what [freshet.Refresher.Login] exchanges. reg is
// the registration that the attempt was begun with.
//
// The error is a [*freshet.Problem]. It matches [ErrForeign] when the state is missing or another one, and is of kind
// [oauth.LoginRequired] when consent was denied. No network is used, unless an id_token came with the code: its signature is
// checked with the provider's keys.
func (a Attempt) Grant(ctx context.Context, reg freshet.Registration, callback url.Values) (freshet.Grant, error) {
	if err := a.recognize(callback); err != nil {
		return freshet.Grant{}, err
	}
	reg, endpoints := addressed(reg)
	if reg.Client.ID != a.ClientID || endpoints.Issuer != a.Issuer {
		return freshet.Grant{}, misconfigured("the login was begun with another client or at another provider", again)
	}
	if err := a.checkIssuer(reg, callback); err != nil {
		return freshet.Grant{}, err
	}
	if callback.Has("error") {
		return freshet.Grant{}, refusal(reg, a.refusedBy(reg, endpoints, callback))
	}
	for _, name := range []string{"code", "iss", "id_token"} {
		if len(callback[name]) > 1 {
			return freshet.Grant{}, unusable("the answer carries the parameter " + name + " twice")
		}
	}
	code := callback.Get("code")
	if code == "" {
		return freshet.Grant{}, unusable("the answer carries neither a code nor an error")
	}
	if a.ResponseType == hybrid {
		if err := a.verify(ctx, reg, endpoints, callback); err != nil {
			return freshet.Grant{}, err
		}
	}
	form := oauth.CodeGrant(oauth.Secret(code), a.RedirectURI, a.Verifier)
	if len(a.Resources) > 0 {
		form["resource"] = a.Resources
	}
	reg.Redirect = extras(callback)
	reg.Parts = freshet.Connection{Registration: reg}.Vendor().PartsAfter(reg.Parts, callback.Get)
	return freshet.Grant{Registration: reg, Form: form, Nonce: a.Nonce}, nil
}

// recognize tells whether a callback answers this attempt, and nothing about what it says.
func (a Attempt) recognize(callback url.Values) error {
	states := callback["state"]
	switch {
	case a.State == "":
		return foreign("no login is under way here")
	case len(states) == 0 || states[0] == "":
		return foreign("the answer carries no state: it cannot be told whose login it belongs to")
	case len(states) > 1:
		return foreign("the answer carries the parameter state twice: it cannot be told whose login it belongs to")
	case subtle.ConstantTimeCompare([]byte(states[0]), []byte(a.State)) == 0:
		return foreign("the answer belongs to another login: its state is not the one that was sent")
	}
	return nil
}

// checkIssuer keeps a code from being sent to another server than the one that issued it (RFC 9207 §2.4).
func (a Attempt) checkIssuer(reg freshet.Registration, callback url.Values) error {
	issuer := callback.Get("iss")
	switch {
	case issuer == "" && a.RequireIssuer:
		return unusable("the answer does not say which server it is from (iss), as answers of this provider do")
	case issuer != "" && a.Issuer != "" && strings.TrimSuffix(issuer, "/") != strings.TrimSuffix(a.Issuer, "/"):
		issuer = shown(a.redactor(reg, callback).Text(issuer), 200)
		return unusable("the answer is from another server than the one that was asked: " + issuer + " instead of " + a.Issuer)
	}
	return nil
}

// refusedBy reads an error response (RFC 6749 §4.1.2.1), without the secrets that it may repeat.
func (a Attempt) refusedBy(reg freshet.Registration, endpoints oauth.Endpoints, callback url.Values) *oauth.Error {
	safe := func(name string, limit int) string {
		return shown(a.redactor(reg, callback).Text(callback.Get(name)), limit)
	}
	host := ""
	if u, err := url.Parse(endpoints.Authorization); err == nil {
		host = u.Host
	}
	return &oauth.Error{Host: host, Code: safe("error", 100), Description: safe("error_description", 300)}
}

// redactor returns one for the secrets of the login: what was sent, and what the answer brought.
func (a Attempt) redactor(reg freshet.Registration, callback url.Values) *redact.Redactor {
	params := url.Values{}
	for name, value := range reg.Requests.Authorize.Params {
		params.Set(name, value)
	}
	for _, name := range []string{"code", "id_token", "access_token", "refresh_token"} {
		params[name] = callback[name]
	}
	return redact.New(slices.Concat(
		[]string{a.State, a.Nonce, string(a.Verifier)}, redact.Client(reg.Client.ID, string(reg.Client.Secret)), redact.Parameters(params),
	)...)
}

// protocol are the parameters of an answer that mean something here or to others, and those that hold secrets.
var protocol = []string{
	"code", "state", "iss", "error", "error_description", "error_uri", "session_state", "scope", "response",
	"id_token", "access_token", "refresh_token", "token_type", "expires_in",
}

const (
	maxExtras      = 20
	maxExtraLength = 200
)

// extras are the parameters that the provider added on its own account, in reasonable number and size.
func extras(callback url.Values) map[string]string {
	var names []string
	for name, values := range callback {
		if !slices.Contains(protocol, name) && len(values) == 1 && tidy(name) && tidy(values[0]) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	kept := map[string]string{}
	for _, name := range names[:min(len(names), maxExtras)] {
		kept[name] = callback.Get(name)
	}
	return kept
}

func tidy(s string) bool { return s != "" && shown(s, maxExtraLength) == s }

func foreign(what string) error {
	return &freshet.Problem{Kind: oauth.LoginRequired, What: what, Remedy: again, Err: ErrForeign}
}

func unusable(what string) error {
	return &freshet.Problem{Kind: oauth.LoginRequired, What: what, Remedy: again}
}
