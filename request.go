package freshet

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// ProviderInfo returns the connection's provider: the one that the registration defines or names, or
// else the one that the endpoint or the document shows. If the named provider's file is missing or
// broken, that is [provider.Generic]. A definition is returned unchecked, since a check takes up to a
// millisecond. In both cases nothing is sent to the authorization server
// ([Registration.CheckProvider]).
func (c *Connection) ProviderInfo() *provider.Provider {
	if c.Definition != nil {
		return c.Definition
	}
	if c.Provider != "" {
		p, err := provider.Lookup(c.Provider)
		if err != nil {
			return provider.Generic()
		}
		return p
	}
	return provider.Recognize(c.Token.Member, cmp.Or(c.Endpoints.Token, c.Endpoints.Issuer, c.documentEndpoint()))
}

// refreshToken returns the token to send. If the provider's replies have it in another member, a
// document that was never refreshed here may have it there, too.
func (c *Connection) refreshToken() oauth.Secret {
	if t := c.Token.RefreshToken(); t != "" {
		return t
	}
	return c.standardToken().RefreshToken()
}

// standardToken returns the token with its members where the RFCs have them ([provider.Reply]).
func (c *Connection) standardToken() Token {
	p := c.ProviderInfo()
	if len(p.Reply.Members) == 0 {
		return c.Token
	}
	token, err := ParseToken(replies.Standard(p, c.Token.Bytes()))
	if err != nil {
		return c.Token
	}
	return token
}

// request returns a request to the token endpoint. form has the parameters of the RFCs and takes
// precedence over the connection's options, and these over params, the provider's own.
func (c *Connection) request(form url.Values, params map[string]string, options RequestOptions) (oauth.Request, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return oauth.Request{}, err
	}
	client, err := c.authenticatedClient(endpoint)
	if err != nil {
		return oauth.Request{}, err
	}
	r := oauth.Request{
		Endpoint: endpoint, Client: client, Form: form, JSON: options.JSON, InsecureHosts: c.InsecureHosts,
		IDHeader: c.ProviderInfo().Client.IDHeader,
	}
	if len(params)+len(options.Params) > 0 {
		r.Form = url.Values{}
		for _, more := range []map[string]string{params, options.Params} {
			for name, value := range more {
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

// authenticatedClient returns the client with everything that it needs to authenticate at the
// endpoint.
func (c *Connection) authenticatedClient(endpoint string) (oauth.Client, error) {
	client := c.client(endpoint)
	usesSecret := client.Style().UsesSecret()
	switch {
	case client.Style() == oauth.AuthPrivateKeyJWT && isUnread(client.Key):
		return client, misconfigured("the client key is kept in "+c.Key.From+", and nothing here reads it",
			"set Config.Keys to what reads it there: key.Read")
	case client.Style() == oauth.AuthPrivateKeyJWT && client.Key == nil:
		return client, misconfigured("the client authenticates with a key, but no key is known", "{set client_key_from}")
	case usesSecret && client.Secret == "" && c.SecretFrom != "":
		return client, misconfigured("the client secret is kept in "+c.SecretFrom+", and nothing here reads it",
			"set Config.Secrets to what reads it there: secret.Read, "+
				"or xoauth2.Secrets for that of an oauth2.Config")
	case usesSecret && client.Secret == "":
		return client, misconfigured("the client authenticates with a secret, but no secret is known",
			"{set client_secret}; for a client without a secret {set auth=none}")
	case client.ID == "":
		return client, misconfigured("no client id is known",
			oauth.Remedyf("{set client_id}; %s", c.ProviderInfo().ClientIDHint()))
	case oauth.Client{ID: client.ID}.Check() != nil:
		return client, misconfigured(client.Check().Error(), "{set client_id} again, "+withoutCopied)
	case client.Check() != nil:
		return client, misconfigured(client.Check().Error(), "{set client_secret} again, "+withoutCopied)
	}
	return client, nil
}

// withoutCopied ends the remedy for a client id or secret that has an invisible character.
const withoutCopied = "without what was copied along with it"

func misconfigured(what string, remedy oauth.Remedy) *SetupError {
	return &SetupError{Kind: oauth.Misconfigured, What: what, Remedy: remedy}
}

func errBound() error {
	return &SetupError{
		What: "the token is bound to a key (token_type DPoP), " +
			"and only the program that holds the key can use or refresh it",
		Remedy: "use it there, or log in with a client that asks for Bearer tokens",
	}
}

// endpoint returns the token endpoint: the one that the user or a known provider names, or the one
// in the document if it is on a host of a known provider. Any other host in a document is not
// trusted, except a test server on this machine, and that only if no client secret would be sent:
// every user of the machine may listen there.
func (c *Connection) endpoint() (string, error) {
	endpoint, _, err := c.parsedEndpoint()
	return endpoint, err
}

// parsedEndpoint is endpoint, and also returns its URL.
func (c *Connection) parsedEndpoint() (endpoint string, u *url.URL, err error) {
	p := c.ProviderInfo()
	if endpoint := c.knownEndpoint(p); endpoint != "" {
		u, err := urls.Parse("the token endpoint", endpoint, c.InsecureHosts...)
		if err != nil {
			return "", nil, &SetupError{
				Kind: oauth.Misconfigured, What: err.Error(), Err: err,
				Remedy: endpoints.HTTPSRemedy("{set token_url}: an https address", err),
			}
		}
		return endpoint, u, nil
	}
	if name, hint, missing := endpoints.MissingPart(p, c.Parts); missing {
		return "", nil, misconfigured(fmt.Sprintf("a part of %s's addresses is not known: the %s", p.Title, name),
			oauth.Remedyf("{set part.%s}: %s", name, hint))
	}
	if endpoints.Vary(p) {
		return "", nil, misconfigured("it is not known which of "+p.Title+"'s token endpoints is meant: "+
			"the issuer or the document names none of them",
			oauth.Remedyf("{set token_url}, or {set %s}",
				oauth.Remedy("part."+strings.Join(endpoints.PartNames(p), " part."))))
	}
	endpoint, err = endpoints.OfToken(p, c.Token.Member)
	if err != nil {
		return "", nil, &SetupError{
			Kind:   oauth.Misconfigured,
			What:   "no token endpoint is known: " + err.Error(),
			Remedy: c.Token.whichServer(),
			Err:    err,
		}
	}
	hasSecret := c.Client.Secret != "" || c.SecretFrom != "" || c.authenticatesByKey()
	sendsSecret := hasSecret && c.Client.Auth != oauth.AuthNone
	if u, err = url.Parse(endpoint); err != nil || urls.IsLoopback(u.Hostname()) && sendsSecret {
		return "", nil, misconfigured("only the document names the server on this machine, "+
			"and the client does not authenticate there on its word",
			"if a test server of yours runs there, {set token_url}")
	}
	return endpoint, u, nil
}

// knownEndpoint returns the token endpoint that the user named, or the provider's at the issuer
// that the user named, or the provider's that the document names, or the provider's usual one; ""
// if there is none.
func (c *Connection) knownEndpoint(p *provider.Provider) string {
	document := c.documentEndpoint()
	switch {
	case c.Endpoints.Token != "":
		return c.Endpoints.Token
	case c.Endpoints.Issuer != "" || document == "":
		return endpoints.At(p, c.Endpoints.Issuer, c.Parts).Token
	}
	endpoint := endpoints.Stated(p, document, c.Parts)
	if endpoint == "" && !endpoints.Vary(p) { // the usual endpoint is not another host's
		endpoint = endpoints.At(p, "", c.Parts).Token
	}
	return endpoint
}

func (c *Connection) endpointURL() *url.URL {
	_, u, _ := c.parsedEndpoint()
	return u
}

func (c *Connection) isLocal() bool {
	u := c.endpointURL()
	return u != nil && urls.IsLoopback(u.Hostname())
}

// ResolvedEndpoints returns the known endpoints of the connection's authorization server: those that the
// user named, else the provider's at the issuer that the user named or at the host of the token
// endpoint.
func (c *Connection) ResolvedEndpoints() oauth.Endpoints {
	p, named := c.ProviderInfo(), c.Endpoints
	known := endpoints.At(p, named.Issuer, c.Parts)
	if token, err := c.endpoint(); err == nil && named.Issuer == "" {
		known = endpoints.ForTokenEndpoint(p, token, c.Parts)
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

// documentEndpoint returns the endpoint in the document, in the members that google-auth and others
// use.
func (c *Connection) documentEndpoint() string {
	return cmp.Or(c.Token.Member("token_uri"), c.Token.Member("token_endpoint"))
}
