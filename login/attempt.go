package login

import (
	"encoding/json"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// Attempt is a login that was begun: what must be remembered of it until the answer comes. It belongs into the session of
// the person who logs in and nowhere else, for it holds the Verifier. It can be marshalled as JSON, with that secret in it.
type Attempt struct {
	URL           string       `json:"url"` // to open in the browser
	State         string       `json:"state"`
	Verifier      oauth.Secret `json:"verifier,omitempty"` // of PKCE: whoever has it and the code gets the token
	Nonce         string       `json:"nonce,omitempty"`
	ClientID      string       `json:"client_id"`
	Issuer        string       `json:"issuer,omitempty"`         // that was asked; "" when it is not known
	RequireIssuer bool         `json:"require_issuer,omitempty"` // the answer must name it
	RedirectURI   string       `json:"redirect_uri"`
	ResponseType  string       `json:"response_type"`
	Resources     []string     `json:"resources,omitempty"`
}

// MarshalJSON writes the attempt for a session, the Verifier included.
func (a Attempt) MarshalJSON() ([]byte, error) {
	type members Attempt
	return json.Marshal(struct {
		members
		Verifier string `json:"verifier,omitempty"` // outranks the member that refuses to be marshalled
	}{members(a), string(a.Verifier)})
}

// Complete returns reg with the issuer at which the vendor's customers log in, unless reg names an address itself. Every
// function here does so by itself; it is for those who want to know the [freshet.Connection.Addresses] before.
func Complete(reg freshet.Registration) freshet.Registration {
	if reg.Endpoints.Issuer == "" && reg.Endpoints.Token == "" {
		reg.Endpoints.Issuer = freshet.Connection{Registration: reg}.Vendor().IssuerWith(reg.Parts)
	}
	return reg
}

// addressed completes reg, and returns the endpoints that follow.
func addressed(reg freshet.Registration) (freshet.Registration, oauth.Endpoints) {
	reg = Complete(reg)
	return reg, freshet.Connection{Registration: reg}.Addresses()
}
