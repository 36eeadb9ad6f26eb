package login

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Attempt is a login that has begun. It is needed again when the answer arrives. Keep it in the
// session of the person who logs in and nowhere else: it holds the Verifier. It can be marshalled
// as JSON, including that secret.
type Attempt struct {
	redact.Hidden

	URL           string       `json:"url"` // to open in the browser
	State         string       `json:"state"`
	Verifier      oauth.Secret `json:"verifier,omitempty"` // of PKCE; with the code, it gets the token
	Nonce         string       `json:"nonce,omitempty"`
	ClientID      string       `json:"client_id"`
	Issuer        string       `json:"issuer,omitempty"`         // of the provider; "" if unknown
	RequireIssuer bool         `json:"require_issuer,omitempty"` // the answer must name it
	RedirectURI   string       `json:"redirect_uri"`
	ResponseType  string       `json:"response_type"`
	Resources     []string     `json:"resources,omitempty"`

	// HTTP fetches the provider's keys, if an id_token comes with the code. Defaults to a client for the
	// registration's proxy and CA file.
	HTTP *http.Client `json:"-"`
}

// MarshalJSON encodes the attempt for a session, including the Verifier.
func (a Attempt) MarshalJSON() ([]byte, error) {
	type members Attempt
	return json.Marshal(struct {
		members
		Verifier string `json:"verifier,omitempty"` // hides the embedded one, which refuses to be marshalled
	}{members(a), string(a.Verifier)})
}

// Options configure the request for consent. Only RedirectURI is required.
type Options struct {
	redact.Sealed

	RedirectURI  string // receives the answer, as registered with the provider: an address, or eBay's name for one
	State        string // unguessable and used once; defaults to a random one
	ResponseType string // "code" (the default) or "code id_token" (OpenID Connect Core 1.0 §3.3)
	ResponseMode string // how the answer is sent, such as "form_post"; defaults to the provider's default
	Challenge    string // the PKCE method: "S256", "plain" or "none"; defaults to the provider's, usually S256

	// Nonce requests an id_token with a nonce. The scope openid and the response type "code id_token"
	// imply it. A token reply without an id_token is a warning; one with another nonce is refused.
	Nonce       bool
	NonceLength int // in characters; defaults to 26

	// RequireIssuer refuses an answer that does not name its issuer (RFC 9207). Set it if the
	// provider's [oauth.Metadata] has IssParameter.
	RequireIssuer bool

	Resources []string          // that the token is for (RFC 8707)
	Params    map[string]string // further parameters; they override the registration's and the provider's
}

// hybrid is the response type that returns an id_token with the code.
const hybrid = "code id_token"

// Begin prepares a request for a person's consent. It asks for the scopes of reg, or the provider's
// default scopes. It sends nothing. The error is a [*freshet.SetupError].
func Begin(reg freshet.Registration, o Options) (Attempt, error) {
	if err := reg.CheckProvider(); err != nil {
		return Attempt{}, err
	}
	reg, at := resolve(reg)
	p := (&freshet.Connection{Registration: reg}).ProviderInfo()
	scopes := reg.Scopes
	if len(scopes) == 0 {
		scopes = p.Login.Scopes
	}
	if err := o.setDefaults(p, scopes); err != nil {
		return Attempt{}, err
	}
	if err := checkBegin(reg, at, p, o); err != nil {
		return Attempt{}, err
	}
	a := Attempt{
		State: cmp.Or(o.State, rand.Text()), ClientID: reg.Client.ID, Issuer: at.Issuer,
		RequireIssuer: o.RequireIssuer, RedirectURI: o.RedirectURI,
		ResponseType: o.ResponseType, Resources: o.Resources,
	}
	if o.Nonce {
		a.Nonce = newNonce(o.NonceLength)
	}
	params := map[string]string{}
	for _, m := range []map[string]string{p.Login.Params, reg.Requests.Authorize.Params, o.Params} {
		maps.Copy(params, m)
	}
	if _, said := params["prompt"]; !said && p.IsGeneric() && at.Issuer != "" && slices.Contains(scopes, "offline_access") {
		params["prompt"] = "consent" // OpenID Connect Core 1.0 §11: without it, offline_access is ignored
	}
	request := oauth.Authorization{
		Endpoint: at.Authorization, ClientID: a.ClientID, RedirectURI: a.RedirectURI,
		ResponseType: a.ResponseType, ResponseMode: o.ResponseMode, State: a.State, Nonce: a.Nonce,
		Scopes: []string{p.Login.Scope(scopes)}, Resources: a.Resources, Params: params,
		InsecureHosts: reg.InsecureHosts,
	}
	if o.Challenge != "none" {
		a.Verifier = oauth.NewVerifier()
		request.Challenge, request.ChallengeMethod = oauth.Challenge(a.Verifier, o.Challenge), o.Challenge
	}
	var err error
	if a.URL, err = request.URL(); err != nil {
		return Attempt{}, misconfigured(err.Error(), endpoints.HTTPSRemedy("{set authorize_url}: an https address", err))
	}
	return a, nil
}

// setDefaults fills in the options that are empty and checks the others.
func (o *Options) setDefaults(p *provider.Provider, scopes []string) error {
	o.Challenge = cmp.Or(o.Challenge, p.Login.PKCE, "S256")
	if !slices.Contains([]string{"S256", "plain", "none"}, o.Challenge) {
		return misconfigured(fmt.Sprintf("there is no PKCE method %q", o.Challenge), "use S256, plain or none")
	}
	if o.Challenge == "none" && p.Login.PKCERequired {
		return misconfigured(p.Title+" refuses a login without PKCE", "use the provider's default PKCE method")
	}
	types := strings.Fields(o.ResponseType)
	slices.Sort(types)
	switch o.ResponseType = strings.Join(types, " "); o.ResponseType {
	case "":
		o.ResponseType = "code"
	case "code":
	case hybrid:
		o.ResponseMode = cmp.Or(o.ResponseMode, "form_post") // the default, a fragment, never reaches a server
	default:
		return misconfigured(
			fmt.Sprintf("the response type %q returns no code, or a token through the browser", o.ResponseType),
			`use "code" or "code id_token"`)
	}
	if o.ResponseMode == "fragment" {
		return misconfigured("an answer in the fragment of an address stays in the browser",
			"use the response mode query or form_post")
	}
	o.Nonce = o.Nonce || o.ResponseType == hybrid || slices.Contains(scopes, "openid")
	return nil
}

// checkBegin returns an error if something is missing that the request, or checking its answer,
// needs.
func checkBegin(reg freshet.Registration, at oauth.Endpoints, p *provider.Provider, o Options) error {
	redirect, err := url.Parse(o.RedirectURI)
	part, hint, missing := endpoints.MissingPart(p, reg.Parts)
	switch {
	case reg.Client.ID == "":
		return misconfigured("no client id is known", oauth.Remedyf("{set client_id}; %s", p.ClientIDHint()))
	case reg.Client.Check() != nil:
		return errClient(reg.Client)
	case at.Authorization == "" && missing:
		return misconfigured(fmt.Sprintf("a part of %s's addresses is not known: the %s", p.Title, part),
			oauth.Remedyf("{set part.%s}: %s", part, hint))
	case at.Authorization == "" && p.Endpoints.Authorization == "" && p.Login.Hint != "":
		return misconfigured("the authorization endpoint of "+p.Title+" is not known",
			oauth.Remedyf("%s; or {set authorize_url}", p.Login.Hint))
	case at.Authorization == "":
		return misconfigured("the authorization endpoint of "+p.Title+" is not known",
			"{set authorize_url}")
	case o.RedirectURI == "":
		return misconfigured("the redirect address is missing", "pass one that is registered with the provider")
	case err != nil || redirect.Fragment != "" || redirect.Scheme == "" && strings.ContainsAny(o.RedirectURI, "/?"):
		return misconfigured("the redirect address is neither an absolute URL without a fragment nor a name",
			"pass one that is registered with the provider")
	case o.ResponseType == hybrid && (at.JWKS == "" || at.Issuer == ""):
		return misconfigured("an id_token with the code cannot be verified: its keys or its issuer are not known",
			`{set keys}, or take the response type "code"`)
	}
	return nil
}

func errClient(client oauth.Client) error {
	return misconfigured(client.Check().Error(), "set it again, without what was copied along with it")
}

// newNonce returns n random characters, or 26 characters with 128 random bits if n is 0.
func newNonce(n int) string {
	if n <= 0 {
		return rand.Text()
	}
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(rand.Text())
	}
	return b.String()[:n]
}

// Complete returns reg with the provider's default issuer, if reg names neither an issuer nor a
// token endpoint. The functions of this package call it themselves. Call it to see the
// [freshet.Connection.ResolvedEndpoints] before a login.
func Complete(reg freshet.Registration) freshet.Registration {
	if reg.Endpoints.Issuer == "" && reg.Endpoints.Token == "" {
		reg.Endpoints.Issuer = endpoints.Issuer((&freshet.Connection{Registration: reg}).ProviderInfo(), reg.Parts)
	}
	return reg
}

// resolve completes reg and returns its endpoints.
func resolve(reg freshet.Registration) (freshet.Registration, oauth.Endpoints) {
	reg = Complete(reg)
	return reg, (&freshet.Connection{Registration: reg}).ResolvedEndpoints()
}

func misconfigured(what string, remedy oauth.Remedy) error {
	return &freshet.SetupError{Kind: oauth.Misconfigured, What: what, Remedy: remedy}
}
