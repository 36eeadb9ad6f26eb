package freshet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Registration is the configuration of a connection: provider, client, endpoints and options.
//
// The client secret and the client's key are never saved with it. With every store, SecretFrom names the place of the
// secret, and [Config.Secrets] or [Refresher.Secrets] reads it there: secret.Read for the
// environment, a file, a command or a keyring; in a test or a small program, a function that
// returns the secret, for a SecretFrom of any name. Client.Secret is for plain token files, whose
// registration is not saved. A Registration can be marshaled as JSON if Client.Secret is empty.
type Registration struct {
	redact.Hidden

	// Provider is the name of a provider: a built-in one, or one of the user's files
	// ([provider.Lookup]). If it is "" and there is no Definition, the provider is recognized from the
	// token and the endpoints.
	Provider string `json:"provider,omitempty"`

	// Definition describes the provider in place of a file, with the same members. It is saved with
	// the connection. Provider must be "" then.
	Definition *provider.Provider `json:"provider_definition,omitempty"`

	Client     oauth.Client      `json:"client,omitzero"` // defaults to the client_id and client_secret in the document
	SecretFrom string            `json:"client_secret_from,omitempty"`
	Key        ClientKey         `json:"client_key,omitzero"` // read by [Config.Keys] into Client.Key
	Endpoints  oauth.Endpoints   `json:"endpoints,omitzero"`  // default to those of the provider or issuer
	Parts      map[string]string `json:"parts,omitempty"`     // of addresses: a tenant, a shop ([provider.Part])
	Scopes     []string          `json:"scopes,omitempty"`    // for a login; default to the provider's

	// AuthMethods are the methods of client authentication that the server's [oauth.Metadata] list.
	// They count if neither Client.Auth, ProvenAuth nor the provider's file says how the client
	// authenticates.
	AuthMethods oauth.AuthMethods `json:"auth_methods,omitzero"`
	// ProvenAuth is how the client authenticated when a token was last received. A refresh and a login
	// set it. Clear it when the client or the server changes.
	ProvenAuth oauth.AuthStyle `json:"proven_auth,omitempty"`

	Login    LoginOptions `json:"login,omitzero"`
	Requests Requests     `json:"requests,omitzero"`

	// RenewBy lists the grants by which the connection may get its next access token. The first that
	// can work is used. Defaults to [GrantRefreshToken].
	RenewBy []GrantType `json:"renew_by,omitempty"`

	Assertion AssertionOptions `json:"assertion,omitzero"` // for [GrantJWTBearer]

	// Proxy is an http, https or socks5 URL. It is used for requests to the authorization server,
	// not to the API. It defaults to the proxy in the environment.
	Proxy  string `json:"proxy,omitempty"`
	CAFile string `json:"ca_file,omitempty"` // certificates to trust in addition to those of the system

	// InsecureHosts are the hosts to which tokens and secrets may go unencrypted, by plain http:
	// authorization servers and APIs inside a network that you trust, such as
	// "keycloak.auth.svc:8080". They are exact names, with the port unless it is 80. No redirect,
	// metadata or token adds a host. Without it, http is refused except on loopback hosts. Being in
	// this list does not make a host one that gets tokens: Endpoints and API do.
	InsecureHosts []string `json:"insecure_hosts,omitempty"`

	Policy Policy `json:"policy,omitzero"`
	API    API    `json:"api,omitzero"` // defaults to the provider's

	// Redirect has the parameters that the provider added to the login's redirect, such as
	// QuickBooks' realmId.
	Redirect map[string]string `json:"redirect,omitempty"`
}

// LoginOptions are the options of a login that differ from the provider's defaults. They are saved,
// so that the next login needs only the connection's name.
type LoginOptions struct {
	RedirectURI   string   `json:"redirect_uri,omitempty"`   // as registered with the provider
	CallbackURL   string   `json:"callback_url,omitempty"`   // an https page of the user that redirects to this machine
	Port          string   `json:"port,omitempty"`           // to listen on, or a range: "8484-8490"
	ListenHost    string   `json:"listen_host,omitempty"`    // "localhost" or "127.0.0.1"
	Challenge     string   `json:"pkce,omitempty"`           // "S256", "plain" or "none"
	ResponseType  string   `json:"response_type,omitempty"`  // "code" or "code id_token"
	ResponseMode  string   `json:"response_mode,omitempty"`  // "query" or "form_post"
	Resources     []string `json:"resources,omitempty"`      // RFC 8707; sent in every refresh, too
	RequireIssuer bool     `json:"require_issuer,omitempty"` // the server sends iss with each answer (RFC 9207)
}

// Requests has the options of each kind of request.
type Requests struct {
	redact.Hidden

	Authorize RequestOptions `json:"authorize,omitzero"` // only Params, since a browser sends this request
	Code      RequestOptions `json:"code,omitzero"`      // the exchange of a code or device code
	Refresh   RequestOptions `json:"refresh,omitzero"`
}

// RequestOptions are additions to a request that the RFCs do not define.
type RequestOptions struct {
	redact.Hidden

	Params  map[string]string `json:"params,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	JSON    bool              `json:"json,omitempty"` // send a JSON object instead of a form
}

// Policy is what the user knows about the lifetimes of tokens. Zero fields default to the
// provider's values.
type Policy struct {
	AssumeTTL time.Duration // lifetime of an access token without expiry; the default is usually an hour
	IdleLimit time.Duration // time after which an unused refresh token expires
	// NotBefore is for servers that refuse an early refresh: how long before the access token expires
	// they first accept one.
	NotBefore time.Duration
}

type policyJSON struct {
	AssumeTTL string `json:"assume_ttl,omitempty"`
	IdleLimit string `json:"idle_limit,omitempty"`
	NotBefore string `json:"not_before,omitempty"`
}

// MarshalJSON marshals durations such as "2h" and "30d".
func (p Policy) MarshalJSON() ([]byte, error) {
	format := func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return text.FormatDuration(d)
	}
	return json.Marshal(policyJSON{format(p.AssumeTTL), format(p.IdleLimit), format(p.NotBefore)})
}

// UnmarshalJSON unmarshals durations as [time.ParseDuration] takes them, and also days and weeks: "30d".
func (p *Policy) UnmarshalJSON(data []byte) error {
	var formatted policyJSON
	if err := json.Unmarshal(data, &formatted); err != nil {
		return err
	}
	var errTTL, errIdle, errBefore error
	p.AssumeTTL, errTTL = text.ParseDuration(cmp.Or(formatted.AssumeTTL, "0"))
	p.IdleLimit, errIdle = text.ParseDuration(cmp.Or(formatted.IdleLimit, "0"))
	p.NotBefore, errBefore = text.ParseDuration(cmp.Or(formatted.NotBefore, "0"))
	return errors.Join(errTTL, errIdle, errBefore)
}

func (r Registration) withoutSecret() Registration {
	r.Client.Secret, r.Client.Key = "", nil
	return r
}

// CheckProvider returns an error if the provider is unknown ([provider.ErrUnknown]), if its file
// cannot be read, if Definition breaks a rule for files, or if its addresses cannot have the Parts.
// Without this check, a request could go to the wrong server. The error is a [*SetupError].
func (r Registration) CheckProvider() error {
	p, err := r.provider()
	switch {
	case p == nil && err == nil:
		return nil
	case r.Definition != nil && r.Provider != "":
		return misconfigured("it has both a Provider and a Definition", "leave one of them out")
	case r.Definition != nil && err != nil:
		return &SetupError{
			Kind: oauth.Misconfigured, What: "the provider's definition cannot be used: " + err.Error(),
			Remedy: "correct Definition, or {set provider} instead", Err: err,
		}
	case errors.Is(err, provider.ErrUnknown):
		return &SetupError{
			Kind: oauth.Misconfigured, Err: err,
			What:   fmt.Sprintf("unknown provider %q", text.Printable(r.Provider)),
			Remedy: oauth.Remedyf("use one of %s; generic is for all others", strings.Join(provider.Names(), ", ")),
		}
	case err != nil:
		return &SetupError{
			Kind: oauth.Misconfigured, What: "the provider's file cannot be used: " + err.Error(),
			Remedy: "correct the file", Err: err,
		}
	}
	if err := endpoints.CheckParts(p, r.Parts); err != nil {
		return &SetupError{Kind: oauth.Misconfigured, What: err.Error(), Remedy: "{set part}: another value", Err: err}
	}
	return nil
}

// provider returns the provider that the registration defines or names, or nil if it does neither.
func (r Registration) provider() (*provider.Provider, error) {
	switch {
	case r.Definition != nil:
		return r.Definition, r.Definition.Check()
	case r.Provider != "":
		return provider.Lookup(r.Provider)
	}
	return nil, nil
}

// dropReadSecret removes the client secret if it was read from SecretFrom, and the key likewise.
func (r *Registration) dropReadSecret() {
	if r.SecretFrom != "" {
		r.Client.Secret = ""
	}
	if r.Key.From != "" {
		r.Client.Key = nil
	}
}

// keepCredentials takes over the secret and the key of the same client, if they have the same sources.
func (r *Registration) keepCredentials(of *Registration) {
	if r.Client.ID != of.Client.ID {
		return
	}
	if r.Client.Secret == "" && r.SecretFrom == of.SecretFrom {
		r.Client.Secret = of.Client.Secret
	}
	if r.Client.Key == nil && r.Key == of.Key {
		r.Client.Key = of.Client.Key
	}
}

// credentials are a client's secret and key, and their sources.
type credentials struct {
	from   string
	secret oauth.Secret
	key    ClientKey
	signer oauth.Signer
}

// readSecret reads the client secret and the key of a saved connection. It must not be called with a
// lock: a keyring or a command may take long.
func (r *Refresher) readSecret(ctx context.Context, name string) (credentials, error) {
	if r.Secrets == nil && r.Keys == nil {
		return credentials{}, nil
	}
	c, err := r.Store.Get(ctx, name)
	if err != nil {
		return credentials{}, err
	}
	return r.readSecretFrom(ctx, c.Registration)
}

func (r *Refresher) readSecretFrom(ctx context.Context, reg Registration) (credentials, error) {
	signer, err := r.readKey(ctx, reg)
	if err != nil {
		return credentials{}, err
	}
	read := credentials{key: reg.Key, signer: signer}
	if r.Secrets == nil || reg.SecretFrom == "" || reg.Client.Secret != "" {
		return read, nil
	}
	read.from = reg.SecretFrom
	read.secret, err = r.Secrets(ctx, reg.SecretFrom)
	var p *SetupError
	if err != nil && !errors.As(err, &p) {
		err = &SetupError{
			Kind:   oauth.Misconfigured,
			What:   "the client secret cannot be read from " + reg.SecretFrom + ": " + err.Error(),
			Remedy: "correct that, or {set client_secret_from}",
			Err:    err,
		}
	}
	return read, err
}

// addTo sets the client secret and the key of reg, unless reg has other sources by now.
func (r credentials) addTo(reg *Registration) {
	if r.from != "" && r.from == reg.SecretFrom && reg.Client.Secret == "" {
		reg.Client.Secret = r.secret
	}
	if r.signer != nil && r.key == reg.Key && reg.Client.Key == nil {
		reg.Client.Key = r.signer
	}
}
