// Package provider describes OAuth 2.0 providers as data: their hosts and endpoints, how a client
// logs in and authenticates, how long tokens live and whether refresh tokens rotate, how their
// replies differ from the RFCs, and what their errors mean.
//
// One JSON file describes one provider. The built-in ones are in this directory (salesforce.json,
// google.json, …). A user adds or replaces a provider with a file NAME.json in [Directory]. It has
// the members that [Provider] describes; comments and trailing commas are allowed, and an unknown
// member is an error. The files are read once per process, when the first provider is looked up.
//
// Each file names the provider's official pages. A value that none of them states is listed with
// its source in [Provider.Unofficial]; only times and texts depend on such values, never the choice
// of a host.
//
// [Generic] stands for a server without a file. It follows the RFCs and assumes nothing else.
package provider

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Provider is the content of one provider's file. Treat it as read-only.
type Provider struct {
	// Name is the name of the file and the value of --provider: lower-case letters, digits,
	// hyphens.
	Name  string `json:"name"`
	Title string `json:"title"` // the name for people: "Salesforce"
	// Documentation lists the provider's pages that the values are from.
	Documentation []string `json:"documentation"`
	Notes         []string `json:"notes,omitzero"`
	// Unofficial has the values that no page of the provider states: by path
	// ("refresh_token.grace", "errors.3"), the source of each.
	Unofficial map[string]string `json:"unofficial,omitzero"`

	// Hosts belong to the provider. A leading dot stands for all hosts below that name.
	Hosts []string `json:"hosts,omitzero"`
	// Parts are the placeholders of the addresses, as in https://login.example.com/{tenant}/token.
	Parts map[string]Part `json:"parts,omitzero"`
	// Issuer is the default address to log in at: "https://login.salesforce.com".
	Issuer string `json:"issuer,omitempty"`
	// Endpoints are absolute addresses, or paths that are appended to the issuer.
	Endpoints oauth.Endpoints `json:"endpoints,omitzero"`
	// Identity says how a saved token determines its token endpoint; nil if it does not.
	Identity *Identity `json:"identity,omitempty"`

	Client       Client       `json:"client,omitzero"`
	JWTBearer    JWTBearer    `json:"jwt_bearer,omitzero"`
	Login        Login        `json:"login,omitzero"`
	Exchange     Exchange     `json:"exchange,omitzero"`
	Refresh      Refresh      `json:"refresh,omitzero"`
	Revocation   Revocation   `json:"revocation,omitzero"`
	AccessToken  AccessToken  `json:"access_token,omitzero"`
	RefreshToken RefreshToken `json:"refresh_token,omitzero"`
	Reply        Reply        `json:"reply,omitzero"`
	API          API          `json:"api,omitzero"`
	// Errors explain the errors of the token endpoint. The first match counts.
	Errors []Refusal `json:"errors,omitzero"`
}

// Part is a placeholder in an address: a tenant, a shop, a data centre.
type Part struct {
	Default string   `json:"default,omitempty"` // if "", the user must give a value
	Values  []string `json:"values,omitzero"`   // the allowed values; if empty, any
	Hint    string   `json:"hint"`              // what it is and where a person finds it, as a clause
	// Redirect is a parameter of a login's redirect that has the part's value as an https address.
	// Only one of Values is accepted.
	Redirect string `json:"redirect,omitempty"`
	// Clouds have what differs between isolated values.
	Clouds []Cloud `json:"clouds,omitzero"`
}

// Cloud is one of the isolated clouds, data centres or environments of a provider. A token of a
// cloud is for the cloud's endpoints and hosts only.
type Cloud struct {
	Values []string `json:"values"` // the values of the part that select this cloud
	// Endpoints are the endpoints that differ in every cloud. A cloud without one of them has no
	// such endpoint.
	Endpoints oauth.Endpoints `json:"endpoints,omitzero"`
	// Hosts are the hosts of the cloud's APIs, as in [API.Hosts].
	Hosts []string `json:"api_hosts"`
}

// Identity is a member of the reply that holds a URL on the host that issued the token.
type Identity struct {
	Member     string `json:"member"`      // "id"
	PathPrefix string `json:"path_prefix"` // how such a URL is recognized: "/id/"
	// Orgs say which shared login host the hosts of customers belong to.
	Orgs []Orgs `json:"orgs,omitzero"`
}

// Orgs are the hosts of customers that log in at one shared host.
type Orgs struct {
	Login string   `json:"login"` // "test.salesforce.com"
	Hosts []string `json:"hosts"` // ".sandbox.my.salesforce.com"
}

// Client says how clients are registered and authenticate.
type Client struct {
	Auth      oauth.AuthStyle `json:"auth,omitempty"`       // for clients with a secret; "" is [oauth.AuthBody]
	IDPattern string          `json:"id_pattern,omitempty"` // a regular expression (RE2) for client ids
	Hint      string          `json:"hint,omitempty"`       // where a person finds the client id, as a clause
	// IDHeader is the header field that has the id of a client without a secret: "X-Goog-Api-Key". ""
	// is the parameter client_id (RFC 6749 §3.2.1).
	IDHeader string `json:"id_header,omitempty"`

	// AssertionAudience is the aud of the JWT by which a client authenticates (RFC 7523 §3): "" for the
	// issuer if it is known, or AudienceToken.
	AssertionAudience string `json:"assertion_audience,omitempty"`
}

// JWTBearer says what the assertion of a JWT bearer grant has (RFC 7523 §2.1).
type JWTBearer struct {
	// Audiences are the aud by the host of the token endpoint. The first that has the host counts.
	// Defaults to the issuer, else to the address of the token endpoint.
	Audiences  []Audience        `json:"audiences,omitempty"`
	Lifetime   Duration          `json:"lifetime,omitempty"`    // from iat to exp; default: 3 minutes
	ScopeClaim bool              `json:"scope_claim,omitempty"` // the scopes are a claim, not a parameter
	Claims     map[string]string `json:"claims,omitempty"`      // more claims; an own one replaces one of these
	// OmitSubject leaves sub out if the token is not for a user, instead of repeating iss.
	OmitSubject bool `json:"omit_subject,omitempty"`

	// ConsentCode is the error code for a user who has to allow the client once, in a browser. Its remedy
	// names the address.
	ConsentCode string `json:"consent_code,omitempty"`
}

// Audience is the aud for token endpoints on some hosts.
type Audience struct {
	Hosts    []string `json:"hosts,omitempty"` // as [Provider.Hosts]; none: all
	Audience string   `json:"audience"`        // "token_endpoint": the address of the endpoint; "host": its host
}

// Values of [Client.AssertionAudience] and of an [Audience].
const (
	AudienceToken = "token_endpoint" // the address of the token endpoint
	AudienceHost  = "host"           // its host; for an Audience only
)

// ClientIDHint says where a person finds the client id, as a clause.
func (p *Provider) ClientIDHint() string { return cmp.Or(p.Client.Hint, Generic().Client.Hint) }

// Login says how people log in.
type Login struct {
	// Scopes are the default scopes, with which the reply has a refresh token.
	Scopes []string `json:"scopes,omitzero"`
	// ScopeSeparator separates the scopes of a request; "" is a space (RFC 6749 §3.3).
	ScopeSeparator string `json:"scope_separator,omitempty"`
	// RefreshScope is the scope that a refresh token requires; "" if there is none.
	RefreshScope string `json:"refresh_scope,omitempty"`
	// Params are added to the authorization request.
	Params map[string]string `json:"params,omitzero"`
	// Redirect says which loopback redirect URIs the provider accepts.
	Redirect Redirect `json:"redirect,omitempty"`
	// RedirectURI is the loopback address to register, if Redirect is [ExactRedirect].
	RedirectURI string `json:"redirect_uri,omitempty"`
	// PKCE is the challenge method (RFC 7636): "S256", "plain" or "none"; "" is S256.
	PKCE         string `json:"pkce,omitempty"`
	PKCERequired bool   `json:"pkce_required,omitempty"` // a login without a challenge is refused
	// DeviceAtTokenEndpoint: the device flow sends both of its requests to the token endpoint, with
	// response_type=device_code and then with grant_type=device.
	DeviceAtTokenEndpoint bool `json:"device_at_token_endpoint,omitempty"`
	// Hint says what a person must set up at the provider before the first login.
	Hint string `json:"hint,omitempty"`
}

// Scope returns the value of the scope parameter.
func (l Login) Scope(scopes []string) string {
	return strings.Join(scopes, cmp.Or(l.ScopeSeparator, " "))
}

// Redirect is a rule for loopback redirect URIs.
type Redirect string

// The rules. The zero value is AnyPort.
const (
	AnyPort       Redirect = "any_port" // any free port (RFC 8252 §7.3)
	ExactRedirect Redirect = "exact"    // the registered URI, with its port
	HTTPSRedirect Redirect = "https"    // no loopback; an https page of the user must forward to this machine
)

// Exchange says how a code is exchanged for a token.
type Exchange struct {
	Format string            `json:"format,omitempty"` // "form" or "", or "json"
	Params map[string]string `json:"params,omitzero"`  // in addition to those of RFC 6749 §4.1.3
}

// Refresh says how a refresh token is presented. The zero value is RFC 6749 §6.
type Refresh struct {
	Method    string            `json:"method,omitempty"`     // "POST" or "", or "GET" with a query string
	Format    string            `json:"format,omitempty"`     // "form" or "", or "json"
	GrantType string            `json:"grant_type,omitempty"` // "" is refresh_token
	Parameter string            `json:"parameter,omitempty"`  // that has the token; "" is refresh_token
	Params    map[string]string `json:"params,omitzero"`      // additional parameters
	Headers   map[string]string `json:"headers,omitzero"`     // additional header fields
	// OmitResource: a refresh does not have the resources of the login (RFC 8707), since the provider
	// refuses them.
	OmitResource bool `json:"omit_resource,omitempty"`
	// NotBefore is how long before the access token expires a refresh is first accepted; 0 if always.
	NotBefore Duration `json:"not_before,omitzero"`
}

// Revocation says how a token is presented to the revocation endpoint. The zero value is RFC 7009
// §2.1.
type Revocation struct {
	// Auth is how a client with a secret authenticates there, if not as at the token endpoint.
	Auth oauth.AuthStyle `json:"auth,omitempty"`
	// ByType: the parameter is named after the type of the token, access_token or refresh_token, instead
	// of token.
	ByType bool `json:"by_type,omitempty"`
}

// AccessToken says how access tokens behave.
type AccessToken struct {
	// Lifetime is assumed if neither the token nor the reply states one.
	Lifetime Duration `json:"lifetime,omitzero"`
	// PermanentWithoutExpiresIn: a token that came without expires_in does not expire.
	PermanentWithoutExpiresIn bool `json:"permanent_without_expires_in,omitempty"`
	// EndedByRefresh: a refresh revokes the previous access token, which other programs may still
	// use.
	EndedByRefresh bool `json:"ended_by_refresh,omitempty"`
	// Variables are environment variables from which the provider's own tools read an access token.
	Variables []string `json:"variables,omitzero"`
}

// RefreshToken says how refresh tokens behave.
type RefreshToken struct {
	Rotation     Rotation `json:"rotation,omitempty"`
	Grace        Duration `json:"grace,omitzero"`          // how long a rotated token is still accepted
	StaysValid   bool     `json:"stays_valid,omitempty"`   // a rotated token stays valid
	ReuseRevokes bool     `json:"reuse_revokes,omitempty"` // presenting a spent token revokes the grant
	Idle         Duration `json:"idle,omitzero"`           // expires when unused for this long
	Absolute     Duration `json:"absolute,omitzero"`       // expires this long after the login
	Limit        int      `json:"limit,omitempty"`         // per user and client; one more ends the oldest
}

// KeepsOldTokens reports whether refresh tokens stay valid after a refresh. An unofficial value
// does not count.
func (p *Provider) KeepsOldTokens() bool { return p.StillAnswers(math.MaxInt64) }

// StillAnswers reports whether the provider accepts a refresh token again, this long after it was
// presented. An unofficial value does not count: presenting a spent token may revoke the grant.
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

// Rotation says whether a refresh returns a new refresh token. The zero value means unknown.
type Rotation string

// The kinds of rotation.
const (
	Always    Rotation = "always"
	BySetting Rotation = "setting"   // a setting of the app or of its customer
	Sometimes Rotation = "sometimes" // the provider decides from time to time
	Never     Rotation = "never"
)

// Reply says how token replies differ from RFC 6749 §5.
type Reply struct {
	// Members maps a standard member to the path at which the reply has it: "error" to
	// "error.type". A member in its standard place takes precedence.
	Members map[string]string `json:"members,omitzero"`
	// Harmless are further members that may be shown to people.
	Harmless []string `json:"harmless,omitzero"`
}

// API describes the provider's APIs.
type API struct {
	// Hosts are the API's hosts, in addition to [Provider.Hosts]. A leading dot stands for all
	// hosts below that name. A host with parts is for tokens from an endpoint with the same parts.
	Hosts []string `json:"hosts,omitzero"`
	// Base is the base of relative addresses. If it has parts, a token is for its host only; if
	// not, it is for tokens from the provider's own hosts.
	Base string `json:"base,omitempty"`
	// Members are members of a token that name the only hosts that the token is for. The first is
	// the base of relative addresses. If empty, a token is for all of the provider's hosts.
	Members []string `json:"members,omitzero"`
	// Rejections are an API's answers, besides status 401 (RFC 6750 §3.1), that reject an access
	// token.
	Rejections []Rejection `json:"rejections,omitzero"`
	// Header replaces the Authorization header: "X-Shopify-Access-Token". It has the token alone.
	Header string `json:"header,omitempty"`
	// HeaderHosts are the only hosts that Header is for; if empty, it is for all.
	HeaderHosts []string `json:"header_hosts,omitzero"`
	// Scheme begins the Authorization header; "" is the reply's token_type (RFC 6749 §7.1).
	Scheme string `json:"scheme,omitempty"`
}

// Rejection is a status and a text in the answer's body.
type Rejection struct {
	Status int    `json:"status"`
	Text   string `json:"text"`
}

// IsGeneric reports whether p stands for a server without a file.
func (p *Provider) IsGeneric() bool { return p.Name == genericName }
