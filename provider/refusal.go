package provider

import (
	"strings"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Refusal explains one error of a token endpoint: what is wrong, in one sentence, and what to do, in another. Neither
// begins with a capital nor ends with a period.
type Refusal struct {
	Code   string // "error"; "" for any
	Text   string // part of "error_description", in lower case; "" for any
	Status int    // for a reply without a code; 0 for any
	Login  bool   // an invalid_grant that is about a login's code, and not about a refresh token
	Kind   oauth.Kind
	Cause  string
	Remedy string
	Wait   time.Duration // before the next attempt, when the server does not say; 0 leaves it to the caller
}

func (r Refusal) covers(e *oauth.Error, login bool) bool {
	return (r.Code == "" || r.Code == e.Code) &&
		(r.Login == login || r.Code != "invalid_grant" && !r.Login) &&
		(r.Status == 0 || e.Code == "" && r.Status == e.Status) &&
		(r.Text == "" || strings.Contains(strings.ToLower(e.Description), r.Text))
}

// Explain finds the explanation of a refresh that was refused: the vendor's own, then the RFC's, then one made from the
// status.
func (p *Provider) Explain(e *oauth.Error) Refusal { return p.explain(e, false) }

// ExplainLogin is Explain for the exchange of a login's code.
func (p *Provider) ExplainLogin(e *oauth.Error) Refusal { return p.explain(e, true) }

func (p *Provider) explain(e *oauth.Error, login bool) Refusal {
	if p != &Generic {
		for _, r := range p.Refusals {
			if r.covers(e, login) {
				if e.Kind() == oauth.Unknown {
					r.Kind = oauth.Unknown // the text may be the vendor's, but who sent it nobody knows
				}
				return r
			}
		}
	}
	for _, r := range Generic.Refusals {
		if r.covers(e, login) && r.Kind == e.Kind() {
			return r
		}
	}
	return fallback(e)
}

func fallback(e *oauth.Error) Refusal {
	r := Refusal{Kind: e.Kind()}
	switch {
	case e.Redirect != "":
		r.Cause = "the token endpoint redirects to " + e.Redirect + "; a refresh token is not sent on to another address"
		r.Remedy = "if that host is the right one, pass its token endpoint in Endpoints.Token"
	case r.Kind == oauth.Misconfigured:
		r.Cause = "the token endpoint refused the request"
		r.Remedy = "check the token endpoint, the client id and the client secret"
	case r.Kind == oauth.Unknown:
		r.Cause = "the server failed"
		r.Remedy = "nothing to do now: the saved access token is used while it is valid, then one more attempt is made"
	case r.Kind == oauth.LoginRequired:
		r.Cause = "the provider no longer accepts the refresh token"
		r.Remedy = "log in again"
	default:
		r.Cause = "the provider cannot answer now"
		r.Remedy = "try again later"
	}
	return r
}
