package oauthtest

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed profiles/*.json
var profileFiles embed.FS

// profile describes how the server imitates one provider. It is the content of profiles/NAME.json.
// A member that the file leaves out is as in profiles/generic.json.
type profile struct {
	Endpoints endpoints
	// Parts are the values of {parts} of Endpoints in the URLs that the server publishes. The
	// server accepts any value in a request.
	Parts          map[string]string
	RedirectParams map[string]string // added to each redirect with a code
	ContentType    string            // of the token endpoint's JSON
	Subject        string            // sub of the user
	Scope          string            // granted if the client asks for none

	// Defaults of the Config. TTL and RefreshTTL are here if Login does not state them.
	RequireSecret, RequirePKCE, OneAccessToken bool
	Grace, IdleLimit, TTL, RefreshTTL          duration
	MaxGrants                                  int

	// Logins.
	SendsIssuer bool   // a redirect has iss (RFC 9207)
	Hybrid      bool   // response_type "code id_token" is supported
	UserScopes  bool   // user_scope in place of scope asks for a user's token
	Offline     string // what a login asks for to get a refresh token: a scope or NAME=VALUE
	Code        string // an authorization code; {random} stands for random characters

	// Clients.
	Auth           clientAuth
	PublicWithPKCE bool // a login with PKCE needs no client secret, nor do refreshes of its grant
	PublicDevices  bool // the same for the login of a device

	// Token requests.
	FormOnly          bool   // JSON is not read
	QueryParams       bool   // parameters in the URL are read
	AllowGet          bool   // a GET is accepted
	ImplicitCodeGrant bool   // a request with a code needs no grant_type
	RefreshGrant      string // grant_type of a refresh, and the parameter with the token
	DeviceGrant       string // grant_type of a device's poll
	DeviceCode        string // the parameter with its device code
	DeviceExpired     oauthError

	// Tokens.
	Rotation           rotation
	ReuseRevokes       bool // a spent refresh token that is presented again ends its grant
	RefusesOverlap     bool // a refresh token is refused while a refresh with it is in flight
	AccessTokenGrace   bool // with OneAccessToken, the previous access token is valid during Grace
	ExtendsAccessToken bool // no refresh tokens: an access token is exchanged for the next one
	Permanent          bool // an access token without a refresh token does not expire
	TokenBlocks        int  // see [tokenCodec]

	// Samples of replies. A token begins as in the sample, and lifetimes and scopes are replaced
	// by those of the login. All other members are sent as they are.
	Login, Refresh         members // Refresh is as Login if empty
	LoginPermanent         members // as Login if empty
	LoginUser, RefreshUser members // for a user's token; as Login and Refresh if empty
	FormReplies            bool    // replies are forms unless the client accepts JSON
	ScopeCommas            bool    // the scopes of a reply are separated by commas
	HidesOffline           bool    // the scopes of a reply do not include Offline

	// Errors are samples of error replies, by the code of an [oauthError] or one of the names
	// refresh_token, code, client, secret (what was wrong), api, userinfo (where an access token
	// was refused) and other. Without a sample, the reply is as RFC 6749 §5.2 says.
	Errors       map[string]errorSample
	TracedErrors bool // errors have Microsoft's trace members

	// Other endpoints.
	StrictRevocation bool   // refuses unknown tokens (against RFC 7009 §2.2), and checks no client
	AccessTokenType  string // token_type in an introspection
	RefreshTokenType string // the same for a refresh token; left out if empty
	Userinfo         members
	Identity         members
	TokenScheme      string // accepted in Authorization in addition to Bearer
	TokenHeader      string // has the access token in place of Authorization
}

// endpoints are the paths of a provider. Device is empty if the token endpoint issues device codes.
type endpoints struct {
	Authorization, Token, Device, DevicePage, Introspection, Revocation, Userinfo, Identity, Keys string
}

// clientAuth is how a client with a secret authenticates.
type clientAuth string

const (
	authBodyOrBasic clientAuth = ""
	authBody        clientAuth = "body"
	authBasic       clientAuth = "basic"
	authKey         clientAuth = "key" // HTTP Basic with the secret as the user name
)

// duration is a [time.Duration] written as text, with days as d.
type duration time.Duration

const day = 24 * time.Hour

func (d *duration) UnmarshalText(text []byte) error {
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		n, err := strconv.Atoi(days)
		*d = duration(time.Duration(n) * day)
		return err
	}
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// Providers returns the names that [Config.Provider] accepts, sorted.
func Providers() []string {
	files, err := profileFiles.ReadDir("profiles")
	if err != nil {
		panic(err) // unreachable: the directory is embedded
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file.Name(), ".json"))
	}
	slices.Sort(names) // x.json comes before x-y.json in the directory
	return names
}

// loadProfile returns the profile with this name for a server at url.
func loadProfile(name, url string) (*profile, error) {
	p := new(profile)
	if err := p.read(Generic, url); err != nil || name == Generic {
		return p, err
	}
	p.SendsIssuer, p.Hybrid, p.ReuseRevokes = false, false, false
	return p, p.read(name, url)
}

// read sets the members that the file has. {url} in it stands for the server's URL.
func (p *profile) read(name, url string) error {
	data, err := profileFiles.ReadFile("profiles/" + name + ".json")
	if err != nil {
		return fmt.Errorf("unknown provider %q", name)
	}
	quoted, err := json.Marshal(url)
	if err != nil {
		return err
	}
	data = bytes.ReplaceAll(data, []byte("{url}"), bytes.Trim(quoted, `"`))
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(p); err != nil {
		return fmt.Errorf("profiles/%s.json: %w", name, err)
	}
	return nil
}

// config returns the provider's defaults.
func (p *profile) config() Config {
	return Config{
		RequireSecret:  p.RequireSecret,
		RequirePKCE:    p.RequirePKCE,
		OneAccessToken: p.OneAccessToken,
		Grace:          time.Duration(p.Grace),
		IdleLimit:      time.Duration(p.IdleLimit),
		MaxGrants:      p.MaxGrants,
		TTL:            max(time.Duration(p.TTL), p.Login.seconds("expires_in")),
		RefreshTTL: max(time.Duration(p.RefreshTTL),
			p.Login.seconds("refresh_token_expires_in"), p.Login.seconds("x_refresh_token_expires_in")),
	}
}

// asksOffline reports whether a login with this scope and these parameters asks for a refresh token.
func (p *profile) asksOffline(scope string, params url.Values) bool {
	name, value, isParameter := strings.Cut(p.Offline, "=")
	switch {
	case p.Offline == "":
		return true
	case isParameter:
		return params.Get(name) == value
	default:
		return slices.Contains(strings.Fields(scope), p.Offline)
	}
}
