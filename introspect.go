package freshet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/idtoken"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// Introspect returns the provider's introspection response for the saved access token (RFC 7662): a
// JSON object with at least the member active. It does not refresh or save anything.
//
// Errors: [ErrNotFound]; [*SetupError]; [*RefreshError] if the provider could not be reached or
// refused the request; or the store's.
func (r *Refresher) Introspect(ctx context.Context, name string) ([]byte, error) {
	secret, err := r.readSecret(ctx, name)
	if err != nil {
		return nil, withName(name, err)
	}
	c, err := r.Store.Get(ctx, name)
	if err != nil {
		return nil, withName(name, err)
	}
	secret.addTo(&c.Registration)
	token := c.Token.AccessToken()
	if token == "" {
		return nil, &SetupError{
			Name: name, Kind: oauth.LoginRequired,
			What: "there is no access token to ask about", Remedy: "{refresh} or {login} first",
		}
	}
	const what = "introspection"
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	reply, err := r.post(ctx, &c, what, c.ResolvedEndpoints().Introspection, c.AuthMethods.AtIntrospection, form)
	if err != nil {
		return nil, withName(name, err)
	}
	object, err := reply.Object()
	if err != nil {
		return nil, c.explain(err, what)
	}
	var result struct {
		Active *bool `json:"active"`
	}
	if json.Unmarshal(object, &result) != nil || result.Active == nil {
		return nil, c.explain(errors.New(reply.Host+" answered, but did not say whether the token is active"), what)
	}
	return object, nil
}

// post sends a request to a revocation or introspection endpoint, with client authentication by one
// of the methods. what is the endpoint's name in messages.
func (r *Refresher) post(
	ctx context.Context, c *Connection, what, endpoint string, methods []string, form url.Values,
) (oauth.Reply, error) {
	if endpoint == "" {
		return oauth.Reply{}, c.errNoEndpoint(what)
	}
	client, err := c.authenticatedClient(endpoint)
	if err != nil {
		return oauth.Reply{}, err
	}
	request, err := oauth.Request{
		Endpoint: endpoint, Client: c.atEndpoint(client, methods), Form: form, InsecureHosts: c.InsecureHosts,
	}.Signed(ctx)
	if err != nil {
		return oauth.Reply{}, errSigning(c.redact(err))
	}
	return r.sendTo(ctx, c, what, request.Send)
}

// fetch sends a request to the userinfo endpoint, with the access token.
func (r *Refresher) fetch(ctx context.Context, c *Connection, what, address string) (oauth.Reply, error) {
	if address == "" {
		return oauth.Reply{}, c.errNoEndpoint(what)
	}
	return r.sendTo(ctx, c, what, func(ctx context.Context, client *http.Client) (oauth.Reply, error) {
		return oauth.Fetch(ctx, client, address, oauth.Secret(c.Token.AccessToken()), c.InsecureHosts...)
	})
}

// sendTo calls send with the connection's HTTP client and a time limit. It explains an error of
// send, but not an error response.
func (r *Refresher) sendTo(ctx context.Context, c *Connection, what string,
	send func(context.Context, *http.Client) (oauth.Reply, error),
) (oauth.Reply, error) {
	client, done, err := r.httpClient(c, c.secrets)
	if err != nil {
		return oauth.Reply{}, withName(c.Name, err)
	}
	defer done()
	limited, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	reply, err := send(limited, client)
	if err == nil {
		return reply, nil
	}
	err = c.redact(err, secretsOfProxy(r.Network.Proxy)...)
	if _, ok := errors.AsType[*oauth.SendError](err); ok {
		return reply, &RefreshError{Name: c.Name, Err: err, Failure: Failure{
			Time: time.Now(), Kind: oauth.Temporary, Cause: err.Error(),
			Remedy: "check the network, the proxy (HTTPS_PROXY) and the address, then try again",
		}}
	}
	return reply, &SetupError{
		Name: c.Name, Kind: oauth.Misconfigured, What: fmt.Sprintf("the %s endpoint cannot be used: %v", what, err),
		Remedy: "check its address", Err: err,
	}
}

// errNoEndpoint returns the error for an endpoint that the server does not have, as far as its metadata
// or the provider's file say, or that is not known.
func (c *Connection) errNoEndpoint(what string) error {
	p := &SetupError{
		Name: c.Name, Kind: oauth.Misconfigured,
		What: fmt.Sprintf("no %s endpoint is known for this provider", what),
		Remedy: map[string]oauth.Remedy{
			"revocation":    "{set revocation_url}",
			"introspection": "{set introspection_url}",
			"userinfo":      "{set userinfo_url}",
		}[what],
	}
	server := c.ProviderInfo().Title
	if u := c.endpointURL(); c.ProviderInfo().IsGeneric() && u != nil {
		server = u.Host
	}
	if c.ProviderInfo().IsGeneric() && len(c.AuthMethods.AtToken) == 0 { // the metadata were not read
		return p
	}
	p.What = fmt.Sprintf("%s offers no %s", server, what)
	switch what {
	case "revocation":
		p.Remedy = oauth.Remedyf("end the grant in the settings of the user's account at %s, among the connected "+
			"applications, or ask its administrator; if it has such an endpoint, %s", server, p.Remedy)
	case "introspection":
		p.Remedy = oauth.Remedyf("a request to the API shows whether the token is valid; "+
			"if %s has such an endpoint, %s", server, p.Remedy)
	default:
		p.Remedy = oauth.Remedyf("if it has such an endpoint, %s", p.Remedy)
	}
	return p
}

// Account returns the name of the account that the token is for, to display it: a claim of the
// token's id_token, or the last part of its identity URL. It returns "" if the token has neither.
func (c *Connection) Account() string {
	idToken := c.Token.Member("id_token")
	for _, claim := range []string{"email", "preferred_username", "upn", "name", "sub"} {
		if account := idtoken.Claim(idToken, claim); account != "" {
			return account
		}
	}
	if p := c.ProviderInfo(); p.Identity != nil {
		if u, err := url.Parse(c.Token.Member(p.Identity.Member)); err == nil {
			path := u.EscapedPath() // which is printable
			return path[strings.LastIndex(path, "/")+1:]
		}
	}
	return ""
}

// Identity is the provider's information about the user of a token.
type Identity struct {
	redact.Sealed

	Host    string // that answered
	Members []byte // a JSON object: the claims of OpenID Connect Core §5.1, or the provider's own members
}

// CodeTokenRefused is the code of the [*RefreshError] that [Refresher.Identify] returns if the
// provider rejected the access token (RFC 6750 §3.1). A refresh may help.
const CodeTokenRefused = "invalid_token"

// Identify asks the provider for the user of the token: at the identity URL in the token, or else
// at the userinfo endpoint (OpenID Connect Core §5.3). It does not refresh: c should be the result
// of [Refresher.Token]. It sends the access token only to hosts of the provider, to the host of the
// token endpoint, or to a userinfo endpoint of the registration.
//
// Errors: [*SetupError]; [*RefreshError] if the provider could not be reached or refused the request.
func (r *Refresher) Identify(ctx context.Context, c Connection) (Identity, error) {
	const what = "userinfo"
	reply, err := r.fetch(ctx, &c, what, cmp.Or(c.identityURL(), c.ResolvedEndpoints().Userinfo))
	if err != nil {
		return Identity{}, err
	}
	isRejected := reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden
	if isRejected && !c.spends() {
		return Identity{}, &SetupError{
			Name: c.Name, Kind: oauth.Misconfigured, What: reply.Host + " names no user: the token is the client's own",
			Remedy: "{introspect}",
		}
	}
	if isRejected {
		return Identity{}, &RefreshError{Name: c.Name, Err: errRejected, Failure: Failure{
			Time: time.Now(), Kind: oauth.LoginRequired, Code: CodeTokenRefused,
			Cause:  reply.Host + " rejected the access token",
			Remedy: "{login again scope}, with openid among them; at Salesforce with id",
		}}
	}
	members, err := reply.Object()
	if err != nil {
		return Identity{}, c.explain(err, what)
	}
	return Identity{Host: reply.Host, Members: members}, nil
}

// identityURL returns the identity URL in the token if it is on the host of the token endpoint or
// another host of the provider, or else "".
func (c *Connection) identityURL() string {
	p := c.ProviderInfo()
	if p.Identity == nil {
		return ""
	}
	u, err := url.Parse(c.Token.Member(p.Identity.Member))
	if err != nil || u.User != nil || !strings.HasPrefix(u.Path, p.Identity.PathPrefix) {
		return ""
	}
	endpoint := c.endpointURL()
	if endpoint == nil {
		return ""
	}
	sameHost := u.Scheme == endpoint.Scheme && strings.EqualFold(u.Host, endpoint.Host)
	owned := u.Scheme == "https" && u.Host == u.Hostname() && endpoints.Owns(p, u.Hostname())
	if !sameHost && !owned {
		return ""
	}
	return u.String()
}
