package login

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Options say how to ask for consent. Only RedirectURI is needed.
type Options struct {
	RedirectURI  string // where the answer is to go, as it is registered with the provider
	State        string // one that nobody can guess, made for this login; random when empty
	ResponseType string // "code", also when empty, or "code id_token" (OpenID Connect Core 1.0 §3.3)
	ResponseMode string // how the answer comes: "form_post", or the provider's usual way when empty
	Challenge    string // the PKCE method: "S256", "plain" or "none"; the provider's when empty, usually S256

	// Nonce asks for an id_token with a nonce even if no scope does: the reply must bring one. The scope openid and the
	// response type "code id_token" imply it.
	Nonce       bool
	NonceLength int // in characters; 26 when 0

	// RequireIssuer refuses an answer that does not say which server it is from: [oauth.Metadata] has IssParameter.
	RequireIssuer bool

	Resources []string          // whose tokens are wanted (RFC 8707)
	Params    map[string]string // further parameters of this request; they outrank the registration's and the provider's
}

// hybrid is the response type by which an id_token comes with the code.
const hybrid = "code id_token"

// Begin makes the request for a person's consent at the provider of reg: for reg's scopes, or those that are usual there.
// Nothing is sent. The error is a [*freshet.Problem].
func Begin(reg freshet.Registration, o Options) (Attempt, error) {
	if err := reg.CheckProvider(); err != nil {
		return Attempt{}, err
	}
	reg, endpoints := addressed(reg)
	vendor := freshet.Connection{Registration: reg}.Vendor()
	scopes := reg.Scopes
	if len(scopes) == 0 {
		scopes = vendor.Login.Scopes
	}
	if err := o.complete(vendor, scopes); err != nil {
		return Attempt{}, err
	}
	if err := ready(reg, endpoints, vendor, o); err != nil {
		return Attempt{}, err
	}
	a := Attempt{
		State: o.State, ClientID: reg.Client.ID, Issuer: endpoints.Issuer, RequireIssuer: o.RequireIssuer,
		RedirectURI: o.RedirectURI, ResponseType: o.ResponseType, Resources: o.Resources,
	}
	if a.State == "" {
		a.State = rand.Text()
	}
	if o.Nonce {
		a.Nonce = newNonce(o.NonceLength)
	}
	request := oauth.Authorization{
		Endpoint: endpoints.Authorization, ClientID: a.ClientID, RedirectURI: a.RedirectURI, ResponseType: a.ResponseType,
		ResponseMode: o.ResponseMode, State: a.State, Nonce: a.Nonce, Scopes: []string{vendor.Login.Scope(scopes)}, Resources: a.Resources,
		Params: merged(vendor.Login.Params, reg.Requests.Authorize.Params, o.Params),
	}
	if o.Challenge != "none" {
		a.Verifier = oauth.NewVerifier()
		request.Challenge, request.ChallengeMethod = oauth.Challenge(a.Verifier, o.Challenge), o.Challenge
	}
	var err error
	if a.URL, err = request.URL(); err != nil {
		return Attempt{}, misconfigured(err.Error(), "pass an https address in Endpoints.Authorization")
	}
	return a, nil
}

// complete fills in what was left open, and refuses what does not exist.
func (o *Options) complete(vendor *provider.Provider, scopes []string) error {
	if o.Challenge == "" {
		o.Challenge = vendor.Login.PKCE
	}
	if o.Challenge == "" {
		o.Challenge = "S256"
	}
	if !slices.Contains([]string{"S256", "plain", "none"}, o.Challenge) {
		return misconfigured(fmt.Sprintf("there is no PKCE method %q", o.Challenge), "take S256, plain or none")
	}
	if o.Challenge == "none" && vendor.Login.PKCERequired {
		return misconfigured(vendor.Title+" refuses a login without PKCE", "leave the challenge's method to the provider's default")
	}
	types := strings.Fields(o.ResponseType)
	slices.Sort(types)
	switch o.ResponseType = strings.Join(types, " "); o.ResponseType {
	case "":
		o.ResponseType = "code"
	case "code":
	case hybrid:
		if o.ResponseMode == "" {
			o.ResponseMode = "form_post" // the default, a fragment, never reaches a server
		}
	default:
		return misconfigured(fmt.Sprintf("the response type %q brings no code, or more than one can be careful with", o.ResponseType),
			`take "code" or "code id_token"`)
	}
	if o.ResponseMode == "fragment" {
		return misconfigured("an answer in the fragment of an address stays in the browser", "take the response mode query or form_post")
	}
	o.Nonce = o.Nonce || o.ResponseType == hybrid || slices.Contains(scopes, "openid")
	return nil
}

// ready reports what is missing for the request, and for reading its answer.
func ready(reg freshet.Registration, endpoints oauth.Endpoints, vendor *provider.Provider, o Options) error {
	redirect, err := url.Parse(o.RedirectURI)
	part, hint, missing := vendor.MissingPart(reg.Parts)
	switch {
	case reg.Client.ID == "":
		return misconfigured("no client id is known", "set Client.ID; "+vendor.ClientIDHint())
	case endpoints.Authorization == "" && missing:
		return misconfigured(fmt.Sprintf("a part of %s's addresses is not known: the %s", vendor.Title, part),
			fmt.Sprintf("give the %s in Parts: %s", part, hint))
	case endpoints.Authorization == "":
		return misconfigured("it is not known where people log in at "+vendor.Title,
			"name the authorization endpoint in Endpoints.Authorization")
	case o.RedirectURI == "":
		return misconfigured("there is no redirect address for the answer to go to", "pass one that is registered with the provider")
	case err != nil || redirect.Scheme == "" || redirect.Fragment != "":
		return misconfigured("the redirect address is not an absolute URL without a fragment", "pass one that is registered with the provider")
	case o.ResponseType == hybrid && (endpoints.JWKS == "" || endpoints.Issuer == ""):
		return misconfigured("an id_token that comes with the code cannot be verified: the provider's keys or its issuer are not known",
			`name them in Endpoints.JWKS and Endpoints.Issuer, or take the response type "code"`)
	}
	return nil
}

// newNonce returns n random characters, by default as many as hold 128 bits.
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

// merged is the union of maps; the later outrank the earlier.
func merged(all ...map[string]string) map[string]string {
	union := map[string]string{}
	for _, m := range all {
		maps.Copy(union, m)
	}
	return union
}

func misconfigured(what, remedy string) error {
	return &freshet.Problem{Kind: oauth.Misconfigured, What: what, Remedy: remedy}
}
