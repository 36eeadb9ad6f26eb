package oauthtest

import "net/http"

// provider is what differs from one vendor to the next.
type provider struct {
	tokenPath    string
	accessToken  func() string
	refreshToken func() string
	members      func(Config, tokens) object // of a successful reply
	refusals     map[reason]refusal
	oneAtATime   bool                                        // a refresh that overlaps another is refused, and not a reuse
	deny         func(w http.ResponseWriter, presented bool) // at the resource, with a bad token or without any
}

var providers = map[string]provider{
	Generic:    generic,
	Salesforce: salesforce,
}

// reason is why the token endpoint refuses a request; "" when it does not.
type reason string

const (
	notPOST          reason = "the token endpoint wants POST"
	badForm          reason = "the body is not a form, or has a parameter twice"
	badGrantType     reason = "the grant type is not supported"
	badAuthorization reason = "the Authorization header is not Basic authentication"
	twoClients       reason = "the client authenticates in more than one way"
	unknownClient    reason = "there is no such client"
	badSecret        reason = "the client's secret is wrong or missing"
	noRefreshToken   reason = "the parameter refresh_token is missing"
	deadGrant        reason = "the refresh token is unknown, spent or revoked"
	overlapping      reason = "the refresh token is being used"
)

// refusal is how a provider words a reason.
type refusal struct {
	status      int
	code        string
	description string // "" is the reason itself
}
