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

// Explanation explains an error of a token endpoint.
type Explanation struct {
	provider.Refusal
	Own bool // from the provider's file, rather than from the RFCs
}

// Particular reports whether e explains a certain error, rather than a status.
func (e Explanation) Particular() bool { return len(e.Code) > 0 || len(e.Text) > 0 }

// matches reports whether r applies to an error of a login or a refresh. wrongHost says that the
// token was sent to the wrong host.
func matches(r provider.Refusal, e *oauth.Error, login, wrongHost bool) bool {
	description := strings.ToLower(e.Description)
	inDescription := func(text string) bool { return strings.Contains(description, text) }
	return (len(r.Code) == 0 || slices.Contains(r.Code, e.Code)) &&
		(len(r.Text) == 0 || slices.ContainsFunc(r.Text, inDescription)) &&
		(r.Status == 0 || e.Code == "" && r.Status == e.Status) &&
		(wrongHost || !r.WrongHost) &&
		(r.Login == login || login && !isAboutRefreshToken(r))
}

// isAboutRefreshToken reports whether r explains invalid_grant without a text. In a login the same
// code is about the login's code (RFC 6749 §5.2).
func isAboutRefreshToken(r provider.Refusal) bool {
	return len(r.Text) == 0 && slices.Contains(r.Code, "invalid_grant")
}

// Explain returns the explanation of a refused refresh: the provider's, else the RFCs', else one
// that depends on the kind of the error only.
func Explain(p *provider.Provider, e *oauth.Error) Explanation { return explain(p, e, false, nil) }

// ExplainLogin is like Explain for the exchange of a login's code.
func ExplainLogin(p *provider.Provider, e *oauth.Error) Explanation { return explain(p, e, true, nil) }

// ExplainWrongHost is like Explain for a token that was sent to the wrong host.
func ExplainWrongHost(p *provider.Provider, e *oauth.Error, w endpoints.WrongHost) Explanation {
	return explain(p, e, false, &w)
}

func explain(p *provider.Provider, e *oauth.Error, login bool, wrong *endpoints.WrongHost) Explanation {
	if !p.IsGeneric() {
		for _, r := range p.Errors {
			if !matches(r, e, login, wrong != nil) {
				continue
			}
			if len(r.Text) == 0 && r.Kind == oauth.LoginRequired && e.Kind() == oauth.Temporary {
				continue // the text says that the server is busy
			}
			if r.WrongHost {
				r.Cause, r.Remedy = wrong.Fill(r.Cause), oauth.Remedy(wrong.Fill(string(r.Remedy)))
			}
			if e.Kind() == oauth.Unknown || e.Status == http.StatusTooManyRequests {
				r.Kind = e.Kind() // the status decides whether the server may have acted, and when to ask again
			}
			return Explanation{Refusal: r, Own: true}
		}
	}
	for _, r := range provider.Generic().Errors {
		if matches(r, e, login, false) && r.Kind == e.Kind() {
			return Explanation{Refusal: r}
		}
	}
	return Explanation{Refusal: explainKind(e, login)}
}

// explainKind explains an error that no table has.
func explainKind(e *oauth.Error, login bool) provider.Refusal {
	r := provider.Refusal{Kind: e.Kind()}
	switch {
	case e.Redirect != "":
		r.Cause = "the token endpoint redirects to " + e.Redirect + "; the request is not sent to another address"
		r.Remedy = "if that host is the right one, {set token_url}, with its token endpoint"
	case r.Kind == oauth.Misconfigured:
		r.Cause = "the token endpoint refused the request"
		r.Remedy = "check the token endpoint, the client id and the client secret"
	case r.Kind == oauth.Unknown && login:
		r.Cause = "the server failed"
		r.Remedy = "{login again}"
	case r.Kind == oauth.LoginRequired && login:
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
