package freshet

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// GrantType is the grant of RFC 6749 by which a connection gets its next access token.
type GrantType string

// The grant types of [Registration.RenewBy].
const (
	// GrantRefreshToken presents the saved refresh token (RFC 6749 §6), which the provider may replace.
	GrantRefreshToken GrantType = "refresh_token"
	// GrantClientCredentials presents only the client's own credentials (RFC 6749 §4.4). It needs no
	// login by a person, and it can be repeated: nothing is spent.
	GrantClientCredentials GrantType = "client_credentials"
	// GrantJWTBearer presents a JWT that the client signs (RFC 7523 §2.1). It can be for a user who has
	// allowed it beforehand. [Registration.Assertion] has its claims, and the key is that of
	// [Registration.Key].
	GrantJWTBearer GrantType = "jwt_bearer"
)

// Renewal returns the grant by which the connection gets its next access token: the first of RenewBy
// that can work. If none can, the error is a [*SetupError] that says why, and the grant is the first
// of RenewBy.
func (c *Connection) Renewal() (GrantType, error) {
	r, err := c.renewal()
	return r.grant, err
}

// renewal is one way to get the next access token of a connection. It answers three questions: what
// the request is, whether sending it spends something, and what else identifies the request.
type renewal struct {
	grant GrantType

	// spends reports whether the provider may invalidate what is sent. Then the request is announced
	// in the journal, is sent once, and is not repeated after an unknown outcome. What is spent is
	// identified by [Token.RefreshTokenHash].
	spends bool
}

var renewals = [...]renewal{
	{grant: GrantRefreshToken, spends: true}, {grant: GrantClientCredentials}, {grant: GrantJWTBearer},
}

// check returns why c cannot be renewed this way, or nil.
func (r renewal) check(c *Connection) error {
	switch r.grant {
	case GrantClientCredentials:
		return c.checkClientCredentials()
	case GrantJWTBearer:
		return c.checkJWTBearer()
	}
	return c.checkRefreshable()
}

// request returns the request.
func (r renewal) request(c *Connection) (oauth.Request, error) {
	switch r.grant {
	case GrantClientCredentials:
		return c.clientCredentialsRequest()
	case GrantJWTBearer:
		return c.jwtBearerRequest()
	}
	return c.refreshRequest()
}

// salt returns a secret of the saved token that changes with each success of this way. It is part
// of [Health.RequestHash], so that a weak client secret cannot be guessed from that, and a failure
// no longer counts after another program renewed the token.
func (r renewal) salt(c *Connection) string {
	if !r.spends {
		return c.Token.AccessToken()
	}
	return string(c.refreshToken())
}

func renewalBy(grant GrantType) (renewal, bool) {
	for _, r := range renewals {
		if r.grant == grant {
			return r, true
		}
	}
	return renewal{}, false
}

// renewal returns the first way of RenewBy that can work, or else the first way and why it cannot.
func (c *Connection) renewal() (renewal, error) {
	if err := c.checkRenewBy(); err != nil {
		return renewals[0], err
	}
	if len(c.RenewBy) == 0 {
		return renewals[0], renewals[0].check(c)
	}
	first, _ := renewalBy(c.RenewBy[0])
	why := first.check(c)
	if why == nil {
		return first, nil
	}
	for _, grant := range c.RenewBy[1:] {
		if next, _ := renewalBy(grant); next.check(c) == nil {
			return next, nil
		}
	}
	return first, why
}

// checkRenewBy returns an error for a grant type that is not known.
func (r *Registration) checkRenewBy() error {
	for _, grant := range r.RenewBy {
		if _, ok := renewalBy(grant); !ok {
			var known []string
			for _, r := range renewals {
				known = append(known, string(r.grant))
			}
			return misconfigured(fmt.Sprintf("unknown grant type %q", text.Printable(string(grant))),
				oauth.Remedyf("{set renew_by}: one of %s", strings.Join(known, ", ")))
		}
	}
	return nil
}

// spends reports whether the next renewal may invalidate the saved refresh token.
func (c *Connection) spends() bool {
	r, _ := c.renewal()
	return r.spends
}

// canRenew reports whether the connection can get its next access token without a person.
func (c *Connection) canRenew() bool {
	_, err := c.renewal()
	return err == nil && !c.CurrentHealth().LoginRequired
}

// Request returns the request for the next access token. The error is a [*SetupError].
func (c *Connection) Request() (oauth.Request, error) {
	if err := c.CheckProvider(); err != nil {
		return oauth.Request{}, err
	}
	r, err := c.renewal()
	if err != nil {
		return oauth.Request{}, err
	}
	return r.request(c)
}

// checkRefreshable returns why there is no refresh token to send, or nil.
func (c *Connection) checkRefreshable() error {
	neverLoggedIn := c.Token.AccessToken() == "" && c.refreshToken() == "" &&
		(c.TokenFile == "" || len(c.Token.Names()) == 0)
	switch {
	case c.Token.isDPoP():
		return errBound()
	case neverLoggedIn:
		return &SetupError{Kind: oauth.LoginRequired, What: "not logged in yet", Remedy: "{login}"}
	case c.refreshToken() == "":
		return &SetupError{
			Kind: oauth.LoginRequired,
			What: "the document has no refresh_token, so that nothing can be refreshed",
			Remedy: "{login again scope}: refresh_token or offline_access at most providers; " +
				"at Google {login again authorize_param.access_type=offline}",
		}
	}
	return nil
}

// refreshRequest returns the request that presents the refresh token (RFC 6749 §6).
func (c *Connection) refreshRequest() (oauth.Request, error) {
	p := c.ProviderInfo()
	form := oauth.RefreshGrant(c.refreshToken())
	if p.Refresh.GrantType != "" || p.Refresh.Parameter != "" {
		form = url.Values{"grant_type": {cmp.Or(p.Refresh.GrantType, "refresh_token")}}
		form.Set(cmp.Or(p.Refresh.Parameter, "refresh_token"), string(c.refreshToken()))
	}
	if !p.Refresh.OmitResource {
		c.addResources(form) // RFC 8707 §2.2: without it, the token would be for everything
	}
	options := c.Requests.Refresh
	if len(p.Refresh.Headers) > 0 {
		options.Headers = maps.Clone(p.Refresh.Headers)
		maps.Copy(options.Headers, c.Requests.Refresh.Headers)
	}
	r, err := c.request(form, p.Refresh.Params, options)
	r.JSON = r.JSON || p.Refresh.Format == "json"
	r.Query = p.Refresh.Method == http.MethodGet
	return r, err
}

// checkClientCredentials returns why the client cannot ask for a token of its own, or nil.
func (c *Connection) checkClientCredentials() error {
	if c.Client.Auth == oauth.AuthNone {
		return errPublicClient("{set auth=body client_secret}") // RFC 6749 §4.4: only confidential clients
	}
	return nil
}

// clientCredentialsRequest returns the request of RFC 6749 §4.4.2. The scopes are those of the
// connection: the provider's usual ones are for a login by a person.
func (c *Connection) clientCredentialsRequest() (oauth.Request, error) {
	form := oauth.ClientCredentialsGrant(c.Scopes)
	c.addResources(form)
	r, err := c.request(form, nil, c.Requests.Refresh)
	if err == nil && r.Client.Style() == oauth.AuthNone {
		return r, errPublicClient("{set client_secret}")
	}
	r.JSON = r.JSON || c.ProviderInfo().Refresh.Format == "json"
	return r, err
}

func errPublicClient(remedy oauth.Remedy) error {
	return misconfigured("the grant client_credentials is for a client that authenticates, but no client secret is known", remedy)
}

// addResources adds the resources that the token is for (RFC 8707), unless the connection has a
// parameter of that name.
func (c *Connection) addResources(form url.Values) {
	if _, own := c.Requests.Refresh.Params["resource"]; len(c.Login.Resources) > 0 && !own {
		form["resource"] = c.Login.Resources
	}
}
