package freshet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Registration says who asks, whom and how: everything about a connection but its token and its past.
//
// A client secret is never saved with it: SecretFrom says where it is to be found, and [Refresher.Secrets] reads it there
// (package secret has a function that does). It can be marshalled as JSON as long as Client.Secret is empty.
type Registration struct {
	Provider   string            `json:"provider,omitempty"` // as [provider.Lookup] takes it; "" tells it from the token and the endpoint
	Client     oauth.Client      `json:"client,omitzero"`    // an empty ID takes the registration from the document
	SecretFrom string            `json:"client_secret_from,omitempty"`
	Endpoints  oauth.Endpoints   `json:"endpoints,omitzero"` // what is empty follows from the provider, the issuer or the token
	Parts      map[string]string `json:"parts,omitempty"`    // of the provider's addresses: a tenant, a shop ([provider.Part])
	Scopes     []string          `json:"scopes,omitempty"`   // that a login asks for; none: the provider's usual ones
	Login      LoginOptions      `json:"login,omitzero"`
	Requests   Requests          `json:"requests,omitzero"`
	Proxy      string            `json:"proxy,omitempty"`   // to the provider, not to its API: an http, https or socks5 URL; "" takes it from the environment
	CAFile     string            `json:"ca_file,omitempty"` // certificates of the provider to trust beside the system's
	Policy     Policy            `json:"policy,omitzero"`
	API        API               `json:"api,omitzero"` // where access tokens go; what the provider and the token say need not be said

	// Redirect are parameters that the provider added to the login's redirect, such as QuickBooks' realmId.
	Redirect map[string]string `json:"redirect,omitempty"`
}

// LoginOptions are how a connection logs in, where that is not the provider's usual way. They are kept, so that logging in
// again needs no more than the connection's name.
type LoginOptions struct {
	RedirectURI   string   `json:"redirect_uri,omitempty"`   // as it is registered with the provider
	CallbackURL   string   `json:"callback_url,omitempty"`   // an https page of one's own that leads to this machine
	Port          string   `json:"port,omitempty"`           // to listen at, or a range: "8484-8490"
	ListenHost    string   `json:"listen_host,omitempty"`    // "localhost" or "127.0.0.1"
	Challenge     string   `json:"pkce,omitempty"`           // "S256", "plain" or "none"
	ResponseType  string   `json:"response_type,omitempty"`  // "code" or "code id_token"
	ResponseMode  string   `json:"response_mode,omitempty"`  // "query" or "form_post"
	Resources     []string `json:"resources,omitempty"`      // RFC 8707
	RequireIssuer bool     `json:"require_issuer,omitempty"` // the server says that its answers name it (RFC 9207)
}

// Requests are what is added to each kind of request.
type Requests struct {
	Authorize RequestOptions `json:"authorize,omitzero"` // only its Params apply: a browser makes this request
	Code      RequestOptions `json:"code,omitzero"`      // the exchange of a code or a device code
	Refresh   RequestOptions `json:"refresh,omitzero"`
}

// RequestOptions are what one kind of request carries beyond what the RFCs ask for.
type RequestOptions struct {
	Params  map[string]string `json:"params,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	JSON    bool              `json:"json,omitempty"` // the body is a JSON object instead of a form
}

// Policy is what the user decided about a connection. The zero value takes the provider's defaults.
type Policy struct {
	AssumeTTL time.Duration // life of an access token when nobody says; 0: the provider's, usually an hour
	IdleLimit time.Duration // how long a refresh token may stay unused; 0: the provider's
}

// policyJSON spells durations as people do: "2h0m0s".
type policyJSON struct {
	AssumeTTL string `json:"assume_ttl,omitempty"`
	IdleLimit string `json:"idle_limit,omitempty"`
}

// MarshalJSON writes the durations as [time.Duration.String] does.
func (p Policy) MarshalJSON() ([]byte, error) {
	spelled := func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return d.String()
	}
	return json.Marshal(policyJSON{spelled(p.AssumeTTL), spelled(p.IdleLimit)})
}

// UnmarshalJSON reads durations as [time.ParseDuration] does.
func (p *Policy) UnmarshalJSON(data []byte) error {
	var spelled policyJSON
	if err := json.Unmarshal(data, &spelled); err != nil {
		return err
	}
	read := func(s string) (time.Duration, error) {
		if s == "" {
			return 0, nil
		}
		return time.ParseDuration(s)
	}
	var errTTL, errIdle error
	p.AssumeTTL, errTTL = read(spelled.AssumeTTL)
	p.IdleLimit, errIdle = read(spelled.IdleLimit)
	return errors.Join(errTTL, errIdle)
}

// withoutSecret is r as it may be saved.
func (r Registration) withoutSecret() Registration {
	r.Client.Secret = ""
	return r
}

// CheckProvider reports a provider of which there is no file (the error is then a [provider.ErrUnknown], too), whose file cannot be
// read, or whose addresses cannot have the Parts: nothing may be sent on a guess. The error is a [*Problem].
func (r Registration) CheckProvider() error {
	if r.Provider == "" {
		return nil
	}
	vendor, err := provider.Lookup(r.Provider)
	switch {
	case errors.Is(err, provider.ErrUnknown):
		return &Problem{
			Kind: oauth.Misconfigured, Err: err,
			What:   fmt.Sprintf("no provider is called %q", text.Printable(r.Provider)),
			Remedy: "name one of " + strings.Join(provider.Names(), ", ") + "; generic is any other",
		}
	case err != nil:
		return &Problem{
			Kind: oauth.Misconfigured, What: "the provider's file cannot be used: " + err.Error(), Remedy: "mend the file", Err: err,
		}
	}
	if err := vendor.CheckParts(r.Parts); err != nil {
		return &Problem{Kind: oauth.Misconfigured, What: err.Error(), Remedy: "give another value in Parts", Err: err}
	}
	return nil
}

// withoutSecret saves no client secret that was read from where it is kept.
func (s Save) withoutSecret() Save {
	return func(c Connection) error {
		if c.SecretFrom != "" {
			c.Client.Secret = ""
		}
		return s(c)
	}
}

// clientSecret is a client secret that was read before the lock was taken, and where it came from.
type clientSecret struct {
	from   string
	secret oauth.Secret
}

// readSecret reads the client secret of a saved connection. A keyring or a command may take its time, and nobody should wait
// for a lock meanwhile.
func (r *Refresher) readSecret(ctx context.Context, name string) (clientSecret, error) {
	if r.Secrets == nil {
		return clientSecret{}, nil
	}
	c, err := r.Store.Get(ctx, name)
	if err != nil {
		return clientSecret{}, err
	}
	return r.readSecretFrom(ctx, c.Registration)
}

func (r *Refresher) readSecretFrom(ctx context.Context, reg Registration) (clientSecret, error) {
	if r.Secrets == nil || reg.SecretFrom == "" || reg.Client.Secret != "" {
		return clientSecret{}, nil
	}
	secret, err := r.Secrets(ctx, reg.SecretFrom)
	var p *Problem
	if err != nil && !errors.As(err, &p) {
		err = &Problem{
			Kind:   oauth.Misconfigured,
			What:   "the client secret cannot be read from " + reg.SecretFrom + ": " + err.Error(),
			Remedy: "mend that, or log in again with another SecretFrom",
			Err:    err,
		}
	}
	return clientSecret{reg.SecretFrom, secret}, err
}

// give completes a registration, unless its secret comes from elsewhere by now.
func (f clientSecret) addTo(reg *Registration) {
	if f.from != "" && f.from == reg.SecretFrom && reg.Client.Secret == "" {
		reg.Client.Secret = f.secret
	}
}
