package provider

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
)

// Refusal explains one error of a token endpoint: what is wrong, in one clause, and what to do, in another. Neither
// ends with a period.
type Refusal struct {
	Code   Texts `json:"code,omitzero"`    // "error", one of these; none for any
	Text   Texts `json:"text,omitzero"`    // parts of "error_description" in lower case, of which it has one; none for any
	Status int   `json:"status,omitzero"`  // for a reply without a code; 0 for any
	Login  bool  `json:"login,omitempty"`  // an error that is about a login's code, and not about a refresh token
	Astray bool  `json:"astray,omitempty"` // only for a token that the host asked does not serve ([Provider.Astray])
	// Kind says what the error asks for.
	Kind   oauth.Kind `json:"kind"`
	Cause  string     `json:"cause"`
	Remedy string     `json:"remedy"`
	Wait   Duration   `json:"wait,omitzero"` // before the next attempt, when the server does not say; 0 leaves it to the caller

	own bool // from the vendor's file, and not from the RFCs
}

// Own reports whether the vendor's file has the explanation.
func (r Refusal) Own() bool { return r.own }

// Particular reports whether r is about this error, and not about any with its status.
func (r Refusal) Particular() bool { return len(r.Code) > 0 || len(r.Text) > 0 }

// Texts is one text or several: files write a string, or a list of them.
type Texts []string

// UnmarshalJSON reads either.
func (t *Texts) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil {
		*t = Texts{one}
		return nil
	}
	if json.Unmarshal(data, (*[]string)(t)) != nil {
		return errors.New("what an error's code or text is must be a string or a list of strings")
	}
	return nil
}

// MarshalJSON writes a single one as a string.
func (t Texts) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

func (t Texts) String() string { return strings.Join(t, ", ") }

func (r Refusal) covers(e *oauth.Error, login, astray bool) bool {
	description := strings.ToLower(e.Description)
	return (len(r.Code) == 0 || slices.Contains(r.Code, e.Code)) && (astray || !r.Astray) &&
		(r.Login == login || !r.Login && (len(r.Text) > 0 || !slices.Contains(r.Code, "invalid_grant"))) &&
		(r.Status == 0 || e.Code == "" && r.Status == e.Status) &&
		(len(r.Text) == 0 || slices.ContainsFunc(r.Text, func(part string) bool { return strings.Contains(description, part) }))
}

// Explain finds the explanation of a refresh that was refused: the vendor's own, then the RFC's, then one made from the
// status.
func (p *Provider) Explain(e *oauth.Error) Refusal { return p.explain(e, false, nil) }

// ExplainLogin is Explain for the exchange of a login's code.
func (p *Provider) ExplainLogin(e *oauth.Error) Refusal { return p.explain(e, true, nil) }

// ExplainAstray is Explain for a token that was sent to a host which does not serve it.
func (p *Provider) ExplainAstray(e *oauth.Error, a Astray) Refusal { return p.explain(e, false, &a) }

func (p *Provider) explain(e *oauth.Error, login bool, astray *Astray) Refusal {
	if !p.IsGeneric() {
		for _, r := range p.Errors {
			if r.covers(e, login, astray != nil) {
				if r.Astray {
					r.Cause, r.Remedy = astray.in(r.Cause), astray.in(r.Remedy)
				}
				if e.Kind() == oauth.Unknown || e.Status == http.StatusTooManyRequests {
					r.Kind = e.Kind() // the text may be the vendor's, but the status says who sent it, or why
				}
				r.own = true
				return r
			}
		}
	}
	for _, r := range Generic().Errors {
		if r.covers(e, login, false) && r.Kind == e.Kind() {
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
