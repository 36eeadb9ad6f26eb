package oauthtest

import (
	"net/url"
	"slices"
	"strings"
)

// manners are how a provider treats clients and their tokens, as far as a [Config] cannot say it.
type manners struct {
	defaults Config            // what holds unless the test's own Config says otherwise
	parts    map[string]string // what our own addresses have for {} in the paths; the server answers with anything there
	redirect map[string]string // further parameters of each redirect with a code

	auth           clientAuth
	publicPKCE     bool   // a login with PKCE needs no secret, nor do refreshes of its grant
	publicDevices  bool   // nor does the login of a device
	refreshGrant   string // grant_type of a refresh, and the parameter with its token
	scheme         string // of Authorization headers with an access token, beside Bearer
	tokenHeader    string // in place of Authorization
	codeAlone      bool   // a code comes without grant_type
	formOnly       bool   // a JSON body is not read
	fromAddress    bool   // parameters may stand in the address
	takesGet       bool   // a token request may be a GET
	userScopes     bool   // a login may ask for a user's token with user_scope instead of scope
	formUnlessJSON bool   // replies are forms unless the client asks for JSON

	offline   string // what a login must ask for to get a refresh token: a scope, or a parameter NAME=VALUE
	permanent bool   // an access token without a refresh token does not expire
	prolongs  bool   // there are no refresh tokens: an access token is exchanged for the next

	rotation      rotation
	reuseRevokes  bool // a spent refresh token that comes back ends its grant
	accessInGrace bool // with OneAccessToken, the access token before lives through the grace too
}

// clientAuth is how a client with a secret authenticates.
type clientAuth int

const (
	inBodyOrBasic clientAuth = iota
	inBody
	inBasic
	secretAsUser // HTTP Basic, whose user name is the secret
)

// methods are auth's names in a provider's metadata (RFC 8414 §2).
func (auth clientAuth) methods() []string {
	switch auth {
	case inBody:
		return []string{"client_secret_post", "none"}
	case inBasic:
		return []string{"client_secret_basic", "none"}
	case secretAsUser:
		return []string{"client_secret_basic"}
	default:
		return []string{"client_secret_basic", "client_secret_post", "none"}
	}
}

// asksOffline reports whether a login with this scope and these parameters asks for a refresh token.
func (m manners) asksOffline(scope string, params url.Values) bool {
	name, value, isParameter := strings.Cut(m.offline, "=")
	switch {
	case m.offline == "":
		return true
	case isParameter:
		return params.Get(name) == value
	default:
		return slices.Contains(strings.Fields(scope), m.offline)
	}
}
