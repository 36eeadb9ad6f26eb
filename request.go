package freshet

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Vendor returns what is known about the connection's provider: the one named, or else the one the endpoint or the
// document shows.
func (c Connection) Vendor() *provider.Provider {
	if p, ok := provider.Lookup(c.Provider); ok {
		return p
	}
	return provider.Recognize(c.Token.Member, cmp.Or(c.Endpoints.Token, c.Endpoints.Issuer, c.statedEndpoint()))
}

// requestHash tells one client and endpoint from another. The refresh token in it keeps a weak client secret from being
// guessed. Where the secret comes from stands for the secret: it is read only when a request is made.
func (c Connection) requestHash() string {
	endpoint, err := c.endpoint()
	if err != nil {
		return ""
	}
	client := c.client(endpoint)
	secret := cmp.Or(c.SecretFrom, string(client.Secret))
	return hashOf(strings.Join([]string{string(c.Token.RefreshToken()), endpoint, client.ID, secret, string(client.Style())}, "\x00"))
}

// Request makes the refresh request: who asks, whom, with what. The error is a [*Problem].
func (c Connection) Request() (oauth.Request, error) {
	if err := c.refreshable(); err != nil {
		return oauth.Request{}, err
	}
	return c.request(oauth.RefreshGrant(c.Token.RefreshToken()), c.Requests.Refresh)
}

// request makes a request to the token endpoint. What the RFCs put into the form outranks the options.
func (c Connection) request(form url.Values, options RequestOptions) (oauth.Request, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return oauth.Request{}, err
	}
	client, err := c.authenticated(endpoint)
	if err != nil {
		return oauth.Request{}, err
	}
	r := oauth.Request{Endpoint: endpoint, Client: client, Form: form, JSON: options.JSON}
	if len(options.Params) > 0 {
		r.Form = url.Values{}
		for name, value := range options.Params {
			r.Form.Set(name, value)
		}
		maps.Copy(r.Form, form)
	}
	if len(options.Headers) > 0 {
		r.Header = http.Header{}
		for name, value := range options.Headers {
			r.Header.Set(name, value)
		}
	}
	return r, nil
}

// authenticated returns the client with all that it needs to authenticate at the endpoint.
func (c Connection) authenticated(endpoint string) (oauth.Client, error) {
	client := c.client(endpoint)
	switch {
	case client.Style() != oauth.AuthNone && client.Secret == "" && c.SecretFrom != "":
		return client, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "the client secret is kept in " + c.SecretFrom + ", and nothing here reads it",
			Remedy: "set Refresher.Secrets to secret.Read",
		}
	case client.Style() != oauth.AuthNone && client.Secret == "":
		return client, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "no client secret is known, but the client is to authenticate with one",
			Remedy: "set Client.Secret or SecretFrom; for a client without a secret set Client.Auth to none",
		}
	case client.ID == "":
		return client, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "no client id is known",
			Remedy: "set Client.ID; " + c.Vendor().ClientIDHint,
		}
	}
	return client, nil
}

func (c Connection) refreshable() error {
	switch {
	case c.Token.bound():
		return errBound()
	case c.unused():
		return &Problem{Kind: oauth.LoginRequired, What: "nobody has logged in yet", Remedy: "log in"}
	case c.Token.RefreshToken() == "":
		return &Problem{
			Kind:   oauth.LoginRequired,
			What:   "the document has no refresh_token, so that nothing can be refreshed",
			Remedy: "log in again and ask for one: scope refresh_token or offline_access at most providers, access_type=offline at Google",
		}
	}
	return nil
}

// unused reports whether the connection never had a token. A file that is somebody else's is judged only when it is empty.
func (c Connection) unused() bool {
	return c.Token.AccessToken() == "" && c.Token.RefreshToken() == "" && (c.TokenFile == "" || len(c.Token.Names()) == 0)
}

func errBound() error {
	return &Problem{
		What:   "the token is bound to a key (token_type DPoP), and only the program that holds the key can use or refresh it",
		Remedy: "use it there, or log in with a client that asks for Bearer tokens",
	}
}

// endpoint returns where the refresh token may go: the endpoint or issuer that the user named, or a known provider's own.
// A host that is found only in the document is never believed.
func (c Connection) endpoint() (string, error) {
	vendor := c.Vendor()
	named := c.Endpoints.Token
	if named == "" {
		named = vendor.EndpointsAt(c.Endpoints.Issuer).Token
	}
	if named != "" {
		if _, err := oauth.ParseEndpoint(named); err != nil {
			return "", &Problem{Kind: oauth.Misconfigured, What: err.Error(), Remedy: "pass an https address in Endpoints.Token", Err: err}
		}
		return named, nil
	}
	if stated := c.statedEndpoint(); stated != "" {
		u, err := url.Parse(stated)
		if err == nil && u.Scheme == "https" && u.User == nil && u.Host == u.Hostname() && vendor.Endpoints.Token != "" && vendor.Owns(u.Hostname()) {
			// Only the host is taken: on a vendor's host other tenants may have pages of their own.
			return vendor.EndpointsAt("https://" + strings.ToLower(u.Host)).Token, nil
		}
	}
	endpoint, err := vendor.TokenEndpoint(c.Token.Member)
	if err != nil {
		return "", &Problem{
			Kind:   oauth.Misconfigured,
			What:   "no token endpoint is known: " + err.Error(),
			Remedy: "set Endpoints.Token, if you know which server issued the token",
			Err:    err,
		}
	}
	return endpoint, nil
}

// Addresses returns the endpoints of the connection's authorization server, as far as they are known: those that the user
// named, else the vendor's at the issuer that the user named or at the host that issued the token.
func (c Connection) Addresses() oauth.Endpoints {
	vendor := c.Vendor()
	issuer := c.Endpoints.Issuer
	if token, err := c.endpoint(); err == nil && issuer == "" && vendor.Endpoints.Token != "" {
		if base, ok := strings.CutSuffix(token, vendor.Endpoints.Token); ok {
			issuer = base
		}
	}
	known, named := vendor.EndpointsAt(issuer), c.Endpoints
	return oauth.Endpoints{
		Issuer:        issuer,
		Authorization: cmp.Or(named.Authorization, known.Authorization),
		Token:         cmp.Or(named.Token, known.Token),
		Device:        cmp.Or(named.Device, known.Device),
		Revocation:    cmp.Or(named.Revocation, known.Revocation),
		Introspection: cmp.Or(named.Introspection, known.Introspection),
		Userinfo:      cmp.Or(named.Userinfo, known.Userinfo),
		JWKS:          cmp.Or(named.JWKS, known.JWKS),
	}
}

// statedEndpoint is the endpoint in the document, in the members that google-auth and others use.
func (c Connection) statedEndpoint() string {
	if s := c.Token.Member("token_uri"); s != "" {
		return s
	}
	return c.Token.Member("token_endpoint")
}

// client returns the client, completed from the document where the user left it out. A secret from there goes only
// to an endpoint that the user named or to a known provider.
func (c Connection) client(endpoint string) oauth.Client {
	client := c.Client
	if client.Auth == "" && c.SecretFrom != "" {
		client.Auth = oauth.AuthBody // the secret itself may not have been read yet
	}
	stated := c.Token.Member("client_id")
	if client.ID == "" {
		client.ID = stated
	}
	if client.Secret != "" || c.SecretFrom != "" || client.ID != stated || client.Auth == oauth.AuthNone {
		return client
	}
	u, err := url.Parse(endpoint)
	if err == nil && (c.Endpoints.Token != "" || c.Endpoints.Issuer != "" || c.Vendor().Owns(u.Hostname())) {
		client.Secret = oauth.Secret(c.Token.Member("client_secret"))
	}
	return client
}
