package freshet

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Vendor returns what is known about the connection's provider: the one named, or else the one the endpoint or the
// document shows. Of one whose file is missing or broken nothing is known, and nothing is sent.
func (c Connection) Vendor() *provider.Provider {
	if c.Provider != "" {
		p, err := provider.Lookup(c.Provider)
		if err != nil {
			return provider.Generic()
		}
		return p
	}
	return provider.Recognize(c.Token.Member, cmp.Or(c.Endpoints.Token, c.Endpoints.Issuer, c.statedEndpoint()))
}

// Request makes the refresh request: who asks, whom, with what. The error is a [*Problem].
func (c Connection) Request() (oauth.Request, error) {
	if err := c.refreshable(); err != nil {
		return oauth.Request{}, err
	}
	vendor := c.Vendor()
	form := oauth.RefreshGrant(c.refreshToken())
	if how := vendor.Refresh; how.GrantType != "" || how.Parameter != "" {
		form = url.Values{"grant_type": {cmp.Or(how.GrantType, "refresh_token")}}
		form.Set(cmp.Or(how.Parameter, "refresh_token"), string(c.refreshToken()))
	}
	r, err := c.request(form, vendor.Refresh.Params, c.Requests.Refresh)
	r.JSON = r.JSON || vendor.Refresh.Format == "json"
	r.Query = vendor.Refresh.Method == http.MethodGet
	return r, err
}

// refreshToken is what is presented. Where the vendor's reply has it in another member, so may a document that was never
// refreshed here.
func (c Connection) refreshToken() oauth.Secret {
	if t := c.Token.RefreshToken(); t != "" {
		return t
	}
	return c.standard().RefreshToken()
}

// standard is the token with its standard members in their place ([provider.Reply]).
func (c Connection) standard() Token {
	vendor := c.Vendor()
	if len(vendor.Reply.Members) == 0 {
		return c.Token
	}
	token, err := ParseToken(vendor.Standard(c.Token.Bytes()))
	if err != nil {
		return c.Token
	}
	return token
}

// request makes a request to the token endpoint. What the RFCs put into the form outranks the options, and they the vendor's
// parameters.
func (c Connection) request(form url.Values, usual map[string]string, options RequestOptions) (oauth.Request, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return oauth.Request{}, err
	}
	client, err := c.authenticatedClient(endpoint)
	if err != nil {
		return oauth.Request{}, err
	}
	r := oauth.Request{Endpoint: endpoint, Client: client, Form: form, JSON: options.JSON}
	if len(usual) > 0 || len(options.Params) > 0 {
		r.Form = url.Values{}
		for _, params := range []map[string]string{usual, options.Params} {
			for name, value := range params {
				r.Form.Set(name, value)
			}
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
func (c Connection) authenticatedClient(endpoint string) (oauth.Client, error) {
	client := c.client(endpoint)
	switch {
	case client.Style() != oauth.AuthNone && client.Secret == "" && c.SecretFrom != "":
		return client, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "the client secret is kept in " + c.SecretFrom + ", and nothing here reads it",
			Remedy: "set Refresher.Secrets to what reads it there: secret.Read, or xoauth2.Secrets for that of an oauth2.Config",
		}
	case client.Style() != oauth.AuthNone && client.Secret == "":
		return client, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "the client authenticates with a secret, but no secret is known",
			Remedy: "set Client.Secret or SecretFrom; for a client without a secret set Client.Auth to none",
		}
	case client.ID == "":
		return client, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "no client id is known",
			Remedy: "set Client.ID; " + c.Vendor().ClientIDHint(),
		}
	}
	return client, nil
}

func (c Connection) refreshable() error {
	if err := c.CheckProvider(); err != nil {
		return err
	}
	switch {
	case c.Token.isDPoP():
		return errBound()
	case c.unused():
		return &Problem{Kind: oauth.LoginRequired, What: "not logged in yet", Remedy: "log in"}
	case c.refreshToken() == "":
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
	return c.Token.AccessToken() == "" && c.refreshToken() == "" && (c.TokenFile == "" || len(c.Token.Names()) == 0)
}

func errBound() error {
	return &Problem{
		What:   "the token is bound to a key (token_type DPoP), and only the program that holds the key can use or refresh it",
		Remedy: "use it there, or log in with a client that asks for Bearer tokens",
	}
}

// endpoint returns where the refresh token may go: the endpoint or issuer that the user named, or a known provider's own.
// A host that is found only in the document is never believed. The exception is a test server: a loopback host in the identity,
// while the client has no secret to send. Any program of any user of the machine may listen there.
func (c Connection) endpoint() (string, error) {
	vendor := c.Vendor()
	named, stated := c.Endpoints.Token, c.statedEndpoint()
	switch {
	case named != "":
	case c.Endpoints.Issuer != "" || stated == "":
		named = vendor.EndpointsAt(c.Endpoints.Issuer, c.Parts).Token
	case vendor.Varies(): // the usual one is for those who say nothing
		named = vendor.StatedEndpoint(stated, c.Parts)
	default:
		named = cmp.Or(vendor.StatedEndpoint(stated, c.Parts), vendor.EndpointsAt("", c.Parts).Token)
	}
	if named != "" {
		if _, err := oauth.ParseEndpoint(named); err != nil {
			return "", &Problem{Kind: oauth.Misconfigured, What: err.Error(), Remedy: "pass an https address in Endpoints.Token", Err: err}
		}
		return named, nil
	}
	if name, hint, missing := vendor.MissingPart(c.Parts); missing {
		return "", &Problem{
			Kind:   oauth.Misconfigured,
			What:   fmt.Sprintf("a part of %s's addresses is not known: the %s", vendor.Title, name),
			Remedy: fmt.Sprintf("give the %s in Parts: %s", name, hint),
		}
	}
	if vendor.Varies() {
		return "", &Problem{
			Kind:   oauth.Misconfigured,
			What:   "it is not known which of " + vendor.Title + "'s token endpoints is meant: the issuer or the document names none of them",
			Remedy: "set Endpoints.Token, or give the parts of " + vendor.Title + "'s addresses in Parts: " + strings.Join(vendor.PartNames(), ", "),
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
	if u, err := url.Parse(endpoint); err != nil || oauth.IsLoopback(u.Hostname()) && c.sendsOwnSecret() {
		return "", &Problem{
			Kind:   oauth.Misconfigured,
			What:   "only the document names the server on this machine, and the client secret is not sent there on its word",
			Remedy: "if a test server of yours runs there, set Endpoints.Token",
		}
	}
	return endpoint, nil
}

// sendsOwnSecret reports whether the client authenticates with a secret that is not the document's.
func (c Connection) sendsOwnSecret() bool {
	return (c.Client.Secret != "" || c.SecretFrom != "") && c.Client.Auth != oauth.AuthNone
}

// endpointURL is where the refresh token goes, or nil when that is not known.
func (c Connection) endpointURL() *url.URL {
	endpoint, err := c.endpoint()
	if err != nil {
		return nil
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil
	}
	return u
}

// isLocal reports whether the refresh token goes to a server on this machine.
func (c Connection) isLocal() bool {
	u := c.endpointURL()
	return u != nil && oauth.IsLoopback(u.Hostname())
}

// Addresses returns the endpoints of the connection's authorization server, as far as they are known: those that the user
// named, else the vendor's at the issuer that the user named or at the host that issued the token.
func (c Connection) Addresses() oauth.Endpoints {
	vendor, named := c.Vendor(), c.Endpoints
	known := vendor.EndpointsAt(named.Issuer, c.Parts)
	if token, err := c.endpoint(); err == nil && named.Issuer == "" {
		known = vendor.EndpointsBeside(token, c.Parts)
	}
	return oauth.Endpoints{
		Issuer:        known.Issuer,
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
	if client.Auth == "" && (c.SecretFrom != "" || client.Secret != "") {
		client.Auth = c.usualAuth() // the secret itself may not have been read yet
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
	if client.Auth == "" && client.Secret != "" {
		client.Auth = c.usualAuth()
	}
	return client
}

// usualAuth is how clients with a secret authenticate at the vendor.
func (c Connection) usualAuth() oauth.AuthStyle {
	return cmp.Or(c.Vendor().Client.Auth, oauth.AuthBody)
}
