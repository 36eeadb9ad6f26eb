package freshet

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Connection is everything that is needed to keep one token alive.
type Connection struct {
	Name     string       // by which the store knows it
	Provider string       // as [provider.Lookup] takes it; "" tells it from the token and the endpoint
	Client   oauth.Client // an empty ID takes the registration from the document
	Endpoint string       // the token endpoint; "" lets it follow from the document
	Policy   Policy
	Token    Token
	Saved    time.Time // when the token was saved, as the store knows; also the version that a [Save] replaces
	Health   Health
	Pending  *Pending // a refresh that was begun; only [Store.Update] fills it in

	// Unsettled says, without a lock, that an interrupted refresh left a whole reply, which the next update will adopt.
	Unsettled bool
}

// Policy is what the user decided about a connection. The zero value takes the provider's defaults.
type Policy struct {
	AssumeTTL time.Duration // life of an access token when nobody says; 0: the provider's, usually an hour
}

// Health is what is remembered of past refreshes.
type Health struct {
	// RefreshTokenHash is the refresh token that the rest is about. When the token changes, the rest is forgotten.
	RefreshTokenHash string    `json:"refresh_token_hash,omitempty"`
	AccessTokenHash  string    `json:"access_token_hash,omitempty"` // what the last success delivered
	LastSuccess      time.Time `json:"last_success,omitzero"`
	LastFailure      *Failure  `json:"last_failure,omitempty"` // nil after a success
	Failures         int       `json:"failures,omitempty"`     // in a row
	NextAttempt      time.Time `json:"next_attempt,omitzero"`  // nobody refreshes before, unless told to
	RequestHash      string    `json:"request_hash,omitempty"` // what failed: another client or endpoint need not wait
	LoginRequired    bool      `json:"login_required,omitempty"`
}

// of returns h if it is about token, and nothing otherwise.
func (h Health) of(token Token) Health {
	if h.RefreshTokenHash == token.RefreshTokenHash() {
		return h
	}
	return Health{}
}

// delivered reports whether the last refresh brought the token's access token.
func (h Health) delivered(token Token) bool {
	return h.AccessTokenHash != "" && h.AccessTokenHash == token.accessTokenHash()
}

// Pending is the journal of one refresh: what is written before the refresh token is sent, and then the reply.
type Pending struct {
	Spent    string       `json:"spent"` // [Token.RefreshTokenHash] of the refresh token that is presented
	Since    time.Time    `json:"since"`
	Host     string       `json:"host"` // who began it
	PID      int          `json:"pid"`
	Problem  string       `json:"problem,omitempty"` // why there is no reply, when that is known
	Reply    *oauth.Reply `json:"reply,omitempty"`   // its Body is kept beside it
	Received time.Time    `json:"received,omitzero"`
	// Elsewhere names the place that the store had to put the reply in when it could not write it where it belongs, and
	// that cannot be read from here.
	Elsewhere string `json:"elsewhere,omitempty"`
}

// Vendor returns what is known about the connection's provider: the one named, or else the one the endpoint or the
// document shows.
func (c Connection) Vendor() *provider.Provider {
	if p, ok := provider.Lookup(c.Provider); ok {
		return p
	}
	return provider.Recognize(c.Token.Member, cmp.Or(c.Endpoint, c.statedEndpoint()))
}

// requestHash tells one client and endpoint from another. The refresh token in it keeps a weak client secret from being
// guessed.
func (c Connection) requestHash() string {
	r, err := c.Request()
	if err != nil {
		return ""
	}
	return hashOf(strings.Join([]string{string(r.RefreshToken), r.Endpoint, r.Client.ID, string(r.Client.Secret), string(r.Client.Style())}, "\x00"))
}

// Request makes the refresh request: who asks, whom, with what. The error is a [*Problem].
func (c Connection) Request() (oauth.Refresh, error) {
	if err := c.refreshable(); err != nil {
		return oauth.Refresh{}, err
	}
	endpoint, err := c.endpoint()
	if err != nil {
		return oauth.Refresh{}, err
	}
	client := c.registration(endpoint)
	if client.Style() != oauth.AuthNone && client.Secret == "" {
		return oauth.Refresh{}, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "no client secret is known, but the client is to authenticate with one",
			Remedy: "pass --client-secret-file or set FRESHET_CLIENT_SECRET; for a client without a secret pass --auth none",
		}
	}
	if client.ID == "" {
		return oauth.Refresh{}, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "no client id is known",
			Remedy: "pass --client-id or set FRESHET_CLIENT_ID; " + c.Vendor().ClientIDHint,
		}
	}
	return oauth.Refresh{Endpoint: endpoint, Client: client, RefreshToken: c.Token.RefreshToken()}, nil
}

func (c Connection) refreshable() error {
	switch {
	case c.Token.bound():
		return errBound()
	case c.Token.RefreshToken() == "":
		return &Problem{
			Kind:   oauth.LoginRequired,
			What:   "the document has no refresh_token, so that nothing can be refreshed",
			Remedy: "log in again and ask for one: scope refresh_token or offline_access at most providers, access_type=offline at Google",
		}
	}
	return nil
}

func errBound() error {
	return &Problem{
		What:   "the token is bound to a key (token_type DPoP), and only the program that holds the key can use or refresh it",
		Remedy: "use it there, or log in with a client that asks for Bearer tokens",
	}
}

// endpoint returns where the refresh token may go: the endpoint that the user named, or a known provider's own. A host
// that is found only in the document is never believed.
func (c Connection) endpoint() (string, error) {
	if c.Endpoint != "" {
		if _, err := oauth.ParseEndpoint(c.Endpoint); err != nil {
			return "", &Problem{Kind: oauth.Misconfigured, What: err.Error(), Remedy: "pass an https address with --token-url", Err: err}
		}
		return c.Endpoint, nil
	}
	vendor := c.Vendor()
	if stated := c.statedEndpoint(); stated != "" {
		u, err := url.Parse(stated)
		if err == nil && u.Scheme == "https" && u.User == nil && u.Host == u.Hostname() && vendor.Identity != nil && vendor.Owns(u.Hostname()) {
			// Only the host is taken: on a vendor's host other tenants may have pages of their own.
			return "https://" + strings.ToLower(u.Host) + vendor.Identity.TokenPath, nil
		}
	}
	endpoint, err := vendor.TokenEndpoint(c.Token.Member)
	if err != nil {
		return "", &Problem{
			Kind:   oauth.Misconfigured,
			What:   "no token endpoint is known: " + err.Error(),
			Remedy: "pass --token-url, if you know which server issued the token",
			Err:    err,
		}
	}
	return endpoint, nil
}

// statedEndpoint is the endpoint in the document, in the members that google-auth and others use.
func (c Connection) statedEndpoint() string {
	if s := c.Token.Member("token_uri"); s != "" {
		return s
	}
	return c.Token.Member("token_endpoint")
}

// registration returns the client, completed from the document where the user left it out. A secret from there goes only
// to an endpoint that the user named or to a known provider.
func (c Connection) registration(endpoint string) oauth.Client {
	client := c.Client
	stated := c.Token.Member("client_id")
	if client.ID == "" {
		client.ID = stated
	}
	if client.Secret != "" || client.ID != stated || client.Auth == oauth.AuthNone {
		return client
	}
	u, err := url.Parse(endpoint)
	if err == nil && (c.Endpoint != "" || c.Vendor().Owns(u.Hostname())) {
		client.Secret = oauth.Secret(c.Token.Member("client_secret"))
	}
	return client
}
