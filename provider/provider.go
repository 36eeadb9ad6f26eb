package provider

import (
	"cmp"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Provider is what is known about one vendor: the contents of its file. Read-only.
type Provider struct {
	Name          string   `json:"name"`          // as --provider takes it, and of the file: lower-case letters, digits and hyphens
	Title         string   `json:"title"`         // as people write it: "Salesforce"
	Documentation []string `json:"documentation"` // the vendor's own pages that the values are from
	Notes         []string `json:"notes,omitzero"`
	// Unofficial are the values that no page of the vendor states, by their path ("refresh_token.grace", "errors.3"), each
	// with where it is from instead.
	Unofficial map[string]string `json:"unofficial,omitzero"`

	// Hosts are the vendor's own. One that begins with a dot stands for everything below it.
	Hosts []string `json:"hosts,omitzero"`
	// Parts are what stands in braces in the addresses: https://login.example.com/{tenant}/token.
	Parts map[string]Part `json:"parts,omitzero"`
	// Issuer is where people log in unless they name another address: "https://login.salesforce.com".
	Issuer string `json:"issuer,omitempty"`
	// Endpoints are absolute, or paths on the issuer.
	Endpoints oauth.Endpoints `json:"endpoints,omitzero"`
	// Identity says how a token endpoint follows from a saved token; nil when it does not.
	Identity *Identity `json:"identity,omitempty"`

	Client       Client       `json:"client,omitzero"`
	Login        Login        `json:"login,omitzero"`
	Exchange     Exchange     `json:"exchange,omitzero"`
	Refresh      Refresh      `json:"refresh,omitzero"`
	AccessToken  AccessToken  `json:"access_token,omitzero"`
	RefreshToken RefreshToken `json:"refresh_token,omitzero"`
	Reply        Reply        `json:"reply,omitzero"`
	API          API          `json:"api,omitzero"`
	// Errors are what the token endpoint's errors mean, the more special first.
	Errors []Refusal `json:"errors,omitzero"`
}

// Part is a piece of an address that differs between customers: a tenant, a shop, a data centre.
type Part struct {
	Default string   `json:"default,omitempty"` // "": it must be given
	Values  []string `json:"values,omitzero"`   // the only ones there are, where they can be listed
	Hint    string   `json:"hint"`              // what it is and where a person finds it, as a clause
	// Redirect is the parameter by which a login's redirect names the host that the part is, as an https address. It can only be
	// one of Values.
	Redirect string `json:"redirect,omitempty"`
	// Clouds are what differs between its values, where those are isolated from each other.
	Clouds []Cloud `json:"clouds,omitzero"`
}

// Identity is a member of the reply with a URL on the host that issued the token.
type Identity struct {
	Member     string `json:"member"`      // "id"
	PathPrefix string `json:"path_prefix"` // by which such a URL is recognized: "/id/"
	// Orgs tell at which of the vendor's shared hosts the customers log in whose own hosts are such.
	Orgs []Orgs `json:"orgs,omitzero"`
}

// Orgs are the hosts of customers that log in at one shared host.
type Orgs struct {
	Login string   `json:"login"` // "test.salesforce.com"
	Hosts []string `json:"hosts"` // ".sandbox.my.salesforce.com"
}

// Client says how clients are registered and authenticate.
type Client struct {
	Auth      oauth.AuthStyle `json:"auth,omitempty"`       // of a client with a secret; "" is [oauth.AuthBody]
	IDPattern string          `json:"id_pattern,omitempty"` // a regular expression (RE2) that every client id matches
	Hint      string          `json:"hint,omitempty"`       // where a person finds the client id, as a clause
}

// ClientIDHint tells a person where to find the client id, as a clause.
func (p *Provider) ClientIDHint() string { return cmp.Or(p.Client.Hint, Generic().Client.Hint) }

// Login says how people log in at a vendor.
type Login struct {
	// Scopes are asked for when the user names none, so that a refresh token comes back.
	Scopes []string `json:"scopes,omitzero"`
	// ScopeSeparator stands between the scopes of a request; "" is a space (RFC 6749 §3.3).
	ScopeSeparator string `json:"scope_separator,omitempty"`
	// RefreshScope is the scope without which no refresh token comes; "" when none is needed.
	RefreshScope string `json:"refresh_scope,omitempty"`
	// Params are added to the authorization request.
	Params map[string]string `json:"params,omitzero"`
	// Redirect says which redirect addresses on this machine the vendor takes.
	Redirect Redirect `json:"redirect,omitempty"`
	// RedirectURI is the loopback address to register and to listen at when Redirect is [ExactRedirect].
	RedirectURI string `json:"redirect_uri,omitempty"`
	// PKCE is the challenge's method (RFC 7636): "S256", "plain" or "none"; "" is S256.
	PKCE         string `json:"pkce,omitempty"`
	PKCERequired bool   `json:"pkce_required,omitempty"` // a login without a challenge is refused
	// DeviceAtTokenEndpoint: the device flow asks the token endpoint for a code, with response_type device_code, and then with
	// grant_type device.
	DeviceAtTokenEndpoint bool `json:"device_at_token_endpoint,omitempty"`
	// Hint tells a person what to set up at the vendor before the first login.
	Hint string `json:"hint,omitempty"`
}

// Scope writes the scopes as the vendor's requests have them.
func (l Login) Scope(scopes []string) string {
	return strings.Join(scopes, cmp.Or(l.ScopeSeparator, " "))
}

// Redirect is a rule for redirect addresses on the loopback interface.
type Redirect string

// The rules. The zero value is AnyPort.
const (
	AnyPort       Redirect = "any_port" // whatever port is free (RFC 8252 §7.3)
	ExactRedirect Redirect = "exact"    // compared with its port
	HTTPSRedirect Redirect = "https"    // none: an https page of one's own must lead to this machine
)

// Exchange says how a code is exchanged for a token.
type Exchange struct {
	Params map[string]string `json:"params,omitzero"` // beyond those of RFC 6749 §4.1.3
}

// Refresh says how a refresh token is presented. The zero value is RFC 6749 §6.
type Refresh struct {
	Method    string            `json:"method,omitempty"`     // "POST", also when empty; "GET" puts the parameters into the address
	Format    string            `json:"format,omitempty"`     // "form", also when empty, or "json"
	GrantType string            `json:"grant_type,omitempty"` // "" is refresh_token
	Parameter string            `json:"parameter,omitempty"`  // that holds the token; "" is refresh_token
	Params    map[string]string `json:"params,omitzero"`      // beyond those
}

// AccessToken says how access tokens live.
type AccessToken struct {
	// Lifetime is the usual one. It is assumed when neither the token nor the reply says.
	Lifetime Duration `json:"lifetime,omitzero"`
	// PermanentWithoutExpiresIn: a token that came without expires_in does not expire.
	PermanentWithoutExpiresIn bool `json:"permanent_without_expires_in,omitempty"`
	// EndedByRefresh: a refresh ends the access token before it, which others may still be using.
	EndedByRefresh bool `json:"ended_by_refresh,omitempty"`
	// Variables are environment variables that the vendor's own tools read an access token from.
	Variables []string `json:"variables,omitzero"`
}

// Assumed returns how long an access token lives that says nothing of it; 0 when it does not expire.
func (a AccessToken) Assumed() Duration {
	if a.PermanentWithoutExpiresIn {
		return 0
	}
	return a.Lifetime
}

// RefreshToken says how refresh tokens live and die.
type RefreshToken struct {
	Rotation     Rotation `json:"rotation,omitempty"`
	Grace        Duration `json:"grace,omitzero"`          // how long the previous one is still answered after a rotation
	StaysValid   bool     `json:"stays_valid,omitempty"`   // a rotation does not end the previous one
	ReuseRevokes bool     `json:"reuse_revokes,omitempty"` // a spent one that comes back ends the grant
	Idle         Duration `json:"idle,omitzero"`           // it dies when it is not used for so long
	Absolute     Duration `json:"absolute,omitzero"`       // it dies so long after the login, whatever is done
	Limit        int      `json:"limit,omitempty"`         // so many live for one user and client; one more ends the oldest
}

// StillAnswers reports whether a refresh token is answered again that was presented so long ago. What is not official does not
// count: to present a spent token may end the grant.
func (p *Provider) StillAnswers(after time.Duration) bool {
	r := p.RefreshToken
	switch {
	case r.StaysValid:
		return p.Unofficial["refresh_token.stays_valid"] == ""
	case r.Rotation == Never:
		return p.Unofficial["refresh_token.rotation"] == ""
	default:
		return after < time.Duration(r.Grace) && p.Unofficial["refresh_token.grace"] == ""
	}
}

// Rotation says whether a refresh brings another refresh token.
type Rotation string

// The kinds of rotation. The zero value says that it is not known.
const (
	Always    Rotation = "always"
	BySetting Rotation = "setting"   // the app or its customer decides
	Sometimes Rotation = "sometimes" // the vendor decides, from time to time
	Never     Rotation = "never"
)

// Reply says how token replies differ from RFC 6749 §5.
type Reply struct {
	// Members are standard ones that stand elsewhere in the reply, by where: "error" at "error.type". What is found where it
	// should be counts first.
	Members map[string]string `json:"members,omitzero"`
	// Harmless are further members that may be shown to people.
	Harmless []string `json:"harmless,omitzero"`
	// SignsIdentity: replies carry a signature over id and issued_at, keyed with the client secret.
	SignsIdentity bool `json:"signs_identity,omitempty"`
}

// API is what is known of a vendor's APIs.
type API struct {
	// Hosts are those of the APIs, in addition to [Provider.Hosts]. One that begins with a dot stands for everything below it. One
	// with parts in it is for the tokens of an endpoint with the same parts.
	Hosts []string `json:"hosts,omitzero"`
	// Base is where a relative address leads. With parts in it, its host is the only one that a token is for; without, it is for
	// tokens from the vendor's own hosts.
	Base string `json:"base,omitempty"`
	// Members are those of a token that name the hosts which that token is for; no other host gets it. The first is where a
	// relative address leads. None: a token is for all of the vendor's hosts.
	Members []string `json:"members,omitzero"`
	// Rejections are the answers by which an API refuses an access token, beside status 401 (RFC 6750 §3.1).
	Rejections []Rejection `json:"rejections,omitzero"`
	// Header is what the access token is sent in, alone, where that is not Authorization: "X-Shopify-Access-Token".
	Header string `json:"header,omitempty"`
	// Scheme is what the Authorization header begins with; "" is the reply's token_type (RFC 6749 §7.1).
	Scheme string `json:"scheme,omitempty"`
}

// Rejection is a status with a text in the answer's body.
type Rejection struct {
	Status int    `json:"status"`
	Text   string `json:"text"`
}

// IsGeneric reports whether p stands for a server that nothing is known about.
func (p *Provider) IsGeneric() bool { return p.Name == genericName }
