// Package replies interprets the replies of a provider's token endpoint: where their members are,
// and what their errors mean.
package replies

import (
	"net/http"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Request is what the explanation of a refusal depends on.
type Request struct {
	Login     bool                 // it exchanged a login's code, or began a login
	Secret    bool                 // the client authenticated with a secret
	WrongHost *endpoints.WrongHost // it was sent to a host that cannot refresh the token
}

// Explanation explains an error of a token endpoint.
type Explanation struct {
	provider.Refusal
	Own         bool // from the provider's file, rather than from the RFCs
	NeedsSecret bool // the client sent no secret, and was refused for that
}

// Particular reports whether e explains a certain error, rather than a status.
func (e Explanation) Particular() bool { return len(e.Code) > 0 || len(e.Text) > 0 }

// matches reports whether r applies to an error, if the request had a secret.
func matches(r provider.Refusal, e *oauth.Error, q Request) bool {
	description := strings.ToLower(e.Description)
	inDescription := func(text string) bool { return strings.Contains(description, text) }
	return (len(r.Code) == 0 || slices.Contains(r.Code, e.Code)) &&
		(len(r.Text) == 0 || slices.ContainsFunc(r.Text, inDescription)) &&
		(r.Status == 0 || e.Code == "" && r.Status == e.Status) &&
		(q.WrongHost != nil || !r.WrongHost) &&
		(r.Login == q.Login || q.Login && !isAboutRefreshToken(r))
}

// isAboutRefreshToken reports whether r explains invalid_grant without a text. In a login the same
// code is about the login's code (RFC 6749 §5.2).
func isAboutRefreshToken(r provider.Refusal) bool {
	return len(r.Text) == 0 && slices.Contains(r.Code, "invalid_grant")
}

// Explain returns the explanation of a refused request: the provider's, else the RFCs', else one
// that depends on the kind of the error only. An explanation that is about the secret does not apply
// if none was sent: then the client may need one.
func Explain(p *provider.Provider, e *oauth.Error, q Request) Explanation {
	needsSecret := Explanation{NeedsSecret: true, Refusal: provider.Refusal{
		Code: provider.Texts{e.Code}, Kind: oauth.Misconfigured,
		Cause:  "this client needs a secret, or its id is wrong",
		Remedy: "{set client_secret}; or check the client id",
	}}
	aboutSecret := false
	if !p.IsGeneric() {
		for _, r := range p.Errors {
			switch {
			case !matches(r, e, q):
				continue
			case r.WithSecret && !q.Secret:
				aboutSecret = true
				continue
			case len(r.Text) == 0 && r.Kind == oauth.LoginRequired && e.Kind() == oauth.Temporary:
				continue // the text says that the server is busy
			}
			if r.WrongHost {
				r.Cause, r.Remedy = q.WrongHost.Fill(r.Cause), oauth.Remedy(q.WrongHost.Fill(string(r.Remedy)))
			}
			if e.Kind() == oauth.Unknown || e.Status == http.StatusTooManyRequests {
				r.Kind = e.Kind() // the status decides whether the server may have acted, and when to ask again
			}
			return Explanation{Refusal: r, Own: true}
		}
	}
	aboutSecret = aboutSecret || e.Code == "invalid_client" && !q.Secret
	if aboutSecret && e.Kind() != oauth.Unknown && e.Kind() != oauth.Temporary {
		return needsSecret
	}
	q.WrongHost = nil
	for _, r := range provider.Generic().Errors {
		if matches(r, e, q) && r.Kind == e.Kind() {
			if r.WithSecret && !q.Secret {
				return needsSecret
			}
			return Explanation{Refusal: r}
		}
	}
	return Explanation{Refusal: explainKind(e, q)}
}

// explainKind explains an error that no table has.
func explainKind(e *oauth.Error, q Request) provider.Refusal {
	r := provider.Refusal{Kind: e.Kind()}
	switch {
	case e.Redirect != "":
		r.Cause = "the token endpoint redirects to " + e.Redirect + "; the request is not sent to another address"
		r.Remedy = "if that host is the right one, {set token_url}, with its token endpoint"
	case r.Kind == oauth.Misconfigured && !q.Secret:
		r.Cause = "the token endpoint refused the request"
		r.Remedy = "check the token endpoint and the client id; if the client needs a secret, {set client_secret}"
	case r.Kind == oauth.Misconfigured:
		r.Cause = "the token endpoint refused the request"
		r.Remedy = "check the token endpoint, the client id and the client secret"
	case r.Kind == oauth.Unknown && q.Login:
		r.Cause = "the server failed"
		r.Remedy = "{login again}"
	case r.Kind == oauth.LoginRequired && q.Login:
		r.Cause = "the provider did not accept the login's code"
		r.Remedy = "{login again}; if it happens at once, check the client id and the redirect address"
	case r.Kind == oauth.Unknown:
		r.Cause = "the server failed"
		r.Remedy = "nothing to do now: the saved access token is used while it is valid, then one more attempt is made"
	case r.Kind == oauth.LoginRequired:
		r.Cause = "the provider no longer accepts the refresh token"
		r.Remedy = "{login again}"
	default:
		r.Cause = "the provider is not available now"
		r.Remedy = "try again later"
	}
	return r
}
