package freshet

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// AssertionOptions are the claims of the JWT by which a client asks for a token (RFC 7523 §3).
type AssertionOptions struct {
	redact.Hidden

	Issuer   string            `json:"issuer,omitempty"`   // iss; default: the client id
	Subject  string            `json:"subject,omitempty"`  // sub: the user; default: the issuer
	Audience string            `json:"audience,omitempty"` // aud; default: as the provider's file says
	Lifetime provider.Duration `json:"lifetime,omitempty"` // default: as the provider's file says, else 3 minutes
	Claims   map[string]string `json:"claims,omitempty"`   // more claims
}

// defaultAssertionLifetime is what Salesforce accepts at most.
const defaultAssertionLifetime = 3 * time.Minute

// identity returns what distinguishes the assertion from that of other options.
func (o AssertionOptions) identity() string {
	data, err := json.Marshal(o)
	if err != nil {
		return ""
	}
	return string(data)
}

// checkJWTBearer returns why the client cannot sign an assertion, or nil.
func (c *Connection) checkJWTBearer() error {
	if c.Key.From == "" && c.Client.Key == nil {
		return misconfigured("the grant jwt_bearer needs a key that signs, but no key is known", "{set client_key_from}")
	}
	return nil
}

// jwtBearerRequest returns the request of RFC 7523 §2.1. The scopes are those of the connection.
func (c *Connection) jwtBearerRequest() (oauth.Request, error) {
	p := c.ProviderInfo().JWTBearer
	scopes := c.Scopes
	if p.ScopeClaim {
		scopes = nil
	}
	form := oauth.JWTBearerGrant(scopes)
	c.addResources(form)
	r, err := c.request(form, nil, c.Requests.Refresh)
	if err != nil {
		return r, err
	}
	if c.Client.Key == nil {
		return r, misconfigured("the client key is kept in "+c.Key.From+", and nothing here reads it",
			"set Config.Keys to what reads it there: key.Read")
	}
	lifetime := time.Duration(cmp.Or(c.Assertion.Lifetime, p.Lifetime, provider.Duration(defaultAssertionLifetime)))
	r.Assertion = &oauth.Assertion{Claims: c.assertionClaims(r), Lifetime: lifetime, Key: c.Client.Key}
	if r.Client.Style() == oauth.AuthNone {
		r.Client.ID = "" // RFC 7521 §4.1: the assertion identifies the client
	}
	return r, nil
}

// assertionClaims returns the claims for the request, except those that change each time.
func (c *Connection) assertionClaims(r oauth.Request) map[string]any {
	o, p := c.Assertion, c.ProviderInfo().JWTBearer
	claims := map[string]any{}
	for _, more := range []map[string]string{p.Claims, o.Claims} {
		for name, value := range more {
			claims[name] = value
		}
	}
	if p.ScopeClaim && len(c.Scopes) > 0 {
		claims["scope"] = strings.Join(c.Scopes, " ")
	}
	issuer := cmp.Or(o.Issuer, r.Client.ID)
	claims["iss"] = issuer
	if subject := cmp.Or(o.Subject, issuer); o.Subject != "" || !p.OmitSubject {
		claims["sub"] = subject
	}
	claims["aud"] = cmp.Or(o.Audience, c.grantAudience(r.Endpoint))
	return claims
}

// grantAudience returns the audience of the assertion for the token endpoint, if the user did not name
// one.
func (c *Connection) grantAudience(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return endpoint
	}
	p := c.ProviderInfo()
	for _, a := range p.JWTBearer.Audiences {
		if !isFor(a, p, u) {
			continue
		}
		switch a.Audience {
		case provider.AudienceToken:
			return endpoint
		case provider.AudienceHost:
			return u.Host
		}
		return a.Audience
	}
	return cmp.Or(c.ResolvedEndpoints().Issuer, endpoint)
}

// isFor reports whether the audience is for the endpoint. One for all hosts is for the provider's own.
func isFor(a provider.Audience, p *provider.Provider, endpoint *url.URL) bool {
	if len(a.Hosts) == 0 {
		return endpoints.Owns(p, endpoint.Hostname())
	}
	return urls.MatchHost(endpoint.Hostname(), a.Hosts)
}

// consentRemedy returns the remedy for a user who has to allow the client once.
func (c *Connection) consentRemedy() oauth.Remedy {
	redirect := cmp.Or(c.Login.RedirectURI, "REDIRECT_URI")
	address := c.ResolvedEndpoints().Authorization + "?" + url.Values{
		"response_type": {"code"}, "client_id": {c.clientID()}, "redirect_uri": {redirect},
	}.Encode() + "&scope=" + url.PathEscape(strings.Join(c.Scopes, " "))
	return oauth.Remedyf("let the user open %s once, with a redirect URI that the app has registered, and allow it", address)
}
