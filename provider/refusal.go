package provider

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
)

// Refusal explains an error of a token endpoint. It applies to errors that match all of its fields
// Code, Text, Status, Login and Astray. Cause and Remedy are clauses without a period.
type Refusal struct {
	Code   Texts `json:"code,omitzero"`    // one of these is "error"; empty for any
	Text   Texts `json:"text,omitzero"`    // one of these, in lower case, is in "error_description"; empty for any
	Status int   `json:"status,omitzero"`  // of a reply without a code; 0 for any
	Login  bool  `json:"login,omitempty"`  // the exchange of a login's code was refused, not a refresh
	Astray bool  `json:"astray,omitempty"` // the token was sent to the wrong host ([Provider.Astray])

	Kind   oauth.Kind `json:"kind"`
	Cause  string     `json:"cause"`
	Remedy string     `json:"remedy"`
	Wait   Duration   `json:"wait,omitzero"` // before the next attempt, if the server does not say; 0 for the default

	own bool
}

// Own reports whether the explanation is from the provider's file, rather than from the RFCs.
func (r Refusal) Own() bool { return r.own }

// Particular reports whether r explains a certain error, rather than a status.
func (r Refusal) Particular() bool { return len(r.Code) > 0 || len(r.Text) > 0 }

// Texts is one text or several. Files write a string or a list of strings.
type Texts []string

// UnmarshalJSON parses a string or a list of strings.
func (t *Texts) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil {
		*t = Texts{one}
		return nil
	}
	if json.Unmarshal(data, (*[]string)(t)) != nil {
		return errors.New(`the "code" and "text" of an error must be a string or a list of strings`)
	}
	return nil
}

// MarshalJSON formats a single text as a string.
func (t Texts) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

func (t Texts) String() string { return strings.Join(t, ", ") }

// matches reports whether r applies to an error of a login or a refresh. astray says that the token
// was sent to the wrong host.
func (r Refusal) matches(e *oauth.Error, login, astray bool) bool {
	description := strings.ToLower(e.Description)
	inDescription := func(text string) bool { return strings.Contains(description, text) }
	return (len(r.Code) == 0 || slices.Contains(r.Code, e.Code)) &&
		(len(r.Text) == 0 || slices.ContainsFunc(r.Text, inDescription)) &&
		(r.Status == 0 || e.Code == "" && r.Status == e.Status) &&
		(astray || !r.Astray) &&
		(r.Login == login || login && !r.isAboutRefreshToken())
}

// isAboutRefreshToken reports whether r explains invalid_grant without a text. In a login the same
// code is about the login's code (RFC 6749 §5.2).
func (r Refusal) isAboutRefreshToken() bool {
	return len(r.Text) == 0 && slices.Contains(r.Code, "invalid_grant")
}

// Explain returns the explanation of a refused refresh: the provider's, else the RFCs', else one
// that depends on the kind of the error only.
func (p *Provider) Explain(e *oauth.Error) Refusal { return p.explain(e, false, nil) }

// ExplainLogin is like Explain for the exchange of a login's code.
func (p *Provider) ExplainLogin(e *oauth.Error) Refusal { return p.explain(e, true, nil) }

// ExplainAstray is like Explain for a token that was sent to the wrong host.
func (p *Provider) ExplainAstray(e *oauth.Error, a Astray) Refusal { return p.explain(e, false, &a) }

func (p *Provider) explain(e *oauth.Error, login bool, astray *Astray) Refusal {
	if !p.IsGeneric() {
		for _, r := range p.Errors {
			if !r.matches(e, login, astray != nil) {
				continue
			}
			if len(r.Text) == 0 && r.Kind == oauth.LoginRequired && e.Kind() == oauth.Temporary {
				continue // the text says that the server is busy
			}
			if r.Astray {
				r.Cause, r.Remedy = astray.fill(r.Cause), astray.fill(r.Remedy)
			}
			if e.Kind() == oauth.Unknown || e.Status == http.StatusTooManyRequests {
				r.Kind = e.Kind() // the status decides whether the server may have acted, and when to ask again
			}
			r.own = true
			return r
		}
	}
	for _, r := range Generic().Errors {
		if r.matches(e, login, false) && r.Kind == e.Kind() {
			return r
		}
	}
	return explainKind(e, login)
}

// explainKind explains an error that no table has.
func explainKind(e *oauth.Error, login bool) Refusal {
	r := Refusal{Kind: e.Kind()}
	switch {
	case e.Redirect != "":
		r.Cause = "the token endpoint redirects to " + e.Redirect + "; a refresh token is not sent to another address"
		r.Remedy = "if that host is the right one, pass its token endpoint in Endpoints.Token"
	case r.Kind == oauth.Misconfigured:
		r.Cause = "the token endpoint refused the request"
		r.Remedy = "check the token endpoint, the client id and the client secret"
	case r.Kind == oauth.Unknown && login:
		r.Cause = "the server failed"
		r.Remedy = "log in again"
	case r.Kind == oauth.LoginRequired && login:
		r.Cause = "the provider did not accept the login's code"
		r.Remedy = "log in again; if it happens at once, check the client id and the redirect address"
	case r.Kind == oauth.Unknown:
		r.Cause = "the server failed"
		r.Remedy = "nothing to do now: the saved access token is used while it is valid, then one more attempt is made"
	case r.Kind == oauth.LoginRequired:
		r.Cause = "the provider no longer accepts the refresh token"
		r.Remedy = "log in again"
	default:
		r.Cause = "the provider is not available now"
		r.Remedy = "try again later"
	}
	return r
}
