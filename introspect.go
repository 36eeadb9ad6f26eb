package freshet

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Introspect asks the provider what it knows of the saved access token (RFC 7662), and returns its JSON object, which has at
// least the member active. Nothing is refreshed and nothing is saved.
//
// Errors: [ErrNotFound]; [*Problem]; [*RefreshError] when the provider could not be asked or refused to answer; or what the
// store reports.
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
		return nil, &Problem{Name: name, Kind: oauth.LoginRequired, What: "there is no access token to ask about", Remedy: "refresh it, or log in first"}
	}
	const what = "introspection"
	reply, err := r.post(ctx, c, what, c.Addresses().Introspection, url.Values{"token": {token}, "token_type_hint": {"access_token"}})
	if err != nil {
		return nil, withName(name, err)
	}
	object, err := reply.Object()
	if err != nil {
		return nil, c.explain(err, what)
	}
	var answer struct {
		Active *bool `json:"active"`
	}
	if json.Unmarshal(object, &answer) != nil || answer.Active == nil {
		return nil, c.explain(errors.New(reply.Host+" answered, but did not say whether the token is active"), what)
	}
	return object, nil
}

// The requests beside those to the token endpoint: revocation, introspection, userinfo. They spend nothing, and may be
// repeated.

// post makes one of them as the client. The reply may be a refusal; what names the endpoint in messages.
func (r *Refresher) post(ctx context.Context, c Connection, what, endpoint string, form url.Values) (oauth.Reply, error) {
	if endpoint == "" {
		return oauth.Reply{}, errNoEndpoint(c.Name, what)
	}
	client, err := c.authenticatedClient(endpoint)
	if err != nil {
		return oauth.Reply{}, err
	}
	return r.inquire(ctx, c, what, oauth.Request{Endpoint: endpoint, Client: client, Form: form}.Send)
}

// fetch makes one of them as the user, with the access token.
func (r *Refresher) fetch(ctx context.Context, c Connection, what, address string) (oauth.Reply, error) {
	if address == "" {
		return oauth.Reply{}, errNoEndpoint(c.Name, what)
	}
	return r.inquire(ctx, c, what, func(ctx context.Context, client *http.Client) (oauth.Reply, error) {
		return oauth.Fetch(ctx, client, address, oauth.Secret(c.Token.AccessToken()))
	})
}

func (r *Refresher) inquire(ctx context.Context, c Connection, what string, send func(context.Context, *http.Client) (oauth.Reply, error)) (oauth.Reply, error) {
	client, done, err := r.httpClient(c, c.secrets)
	if err != nil {
		return oauth.Reply{}, withName(c.Name, err)
	}
	defer done()
	limited, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	reply, err := send(limited, client)
	if err != nil {
		err = c.redact(err, secretsOfProxy(r.Network.Proxy)...)
	}
	var unsent *oauth.SendError
	switch {
	case errors.As(err, &unsent):
		return reply, &RefreshError{Name: c.Name, Err: err, Failure: Failure{
			Time: time.Now(), Kind: oauth.Temporary, Cause: err.Error(),
			Remedy: "check the network, the proxy (HTTPS_PROXY) and the address, then try again",
		}}
	case err != nil:
		return reply, &Problem{
			Name: c.Name, Kind: oauth.Misconfigured, What: fmt.Sprintf("the %s endpoint cannot be used: %v", what, err),
			Remedy: "check its address", Err: err,
		}
	}
	return reply, nil
}

// nameEndpoint says what to do where an endpoint is not known, by what messages call it.
var nameEndpoint = map[string]string{
	"introspection": "name it in Endpoints.Introspection",
	"revocation":    "name it in Endpoints.Revocation",
	"userinfo":      "name it in Endpoints.Userinfo",
}

func errNoEndpoint(name, what string) error {
	return &Problem{
		Name: name, Kind: oauth.Misconfigured,
		What:   fmt.Sprintf("no %s endpoint is known for this provider", what),
		Remedy: nameEndpoint[what],
	}
}

// Account returns the account that the token is about, as far as the token itself tells: a claim of its id_token, or the
// user of its identity URL. It is for display, and "" when nothing is known.
func (c Connection) Account() string {
	idToken := c.Token.Member("id_token")
	for _, claim := range []string{"email", "preferred_username", "upn", "name", "sub"} {
		if account := oauth.IDTokenClaim(idToken, claim); account != "" {
			return account
		}
	}
	if vendor := c.Vendor(); vendor.Identity != nil {
		if u, err := url.Parse(c.Token.Member(vendor.Identity.Member)); err == nil {
			path := u.EscapedPath() // whatever else is in it, a terminal can show it
			return path[strings.LastIndex(path, "/")+1:]
		}
	}
	return ""
}

// Signature says what is known of the signature over a token's identity.
type Signature string

// The states of a signature. The zero value means that the provider does not sign.
const (
	SignatureValid     Signature = "valid"
	SignatureInvalid   Signature = "invalid"
	SignatureUnchecked Signature = "unchecked" // the client secret, its key, is not known
)

// CheckSignature checks the signature that Salesforce puts over id and issued_at with the client secret.
func (c Connection) CheckSignature() Signature {
	signature := c.Token.Member("signature")
	if !c.Vendor().Reply.SignsIdentity || signature == "" {
		return ""
	}
	endpoint, _ := c.endpoint() // without one, a secret in the document is not used
	secret := c.client(endpoint).Secret
	if secret == "" {
		return SignatureUnchecked
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(c.Token.Member("id") + c.Token.Text("issued_at")))
	if got, err := base64.StdEncoding.DecodeString(signature); err != nil || !hmac.Equal(got, mac.Sum(nil)) {
		return SignatureInvalid
	}
	return SignatureValid
}

// Identity is what the provider says of the user whose token it is.
type Identity struct {
	Host    string // that was asked
	Members []byte // a JSON object: the claims of OpenID Connect Core §5.1, or the vendor's own
}

// CodeTokenRefused is the code of the error with which [Refresher.Identify] says that the access token was not taken
// (RFC 6750 §3.1). Another one may be.
const CodeTokenRefused = "invalid_token"

// Identify asks the provider whose token it is: at the identity URL that the vendor put into the token, or else at the
// userinfo endpoint (OpenID Connect Core §5.3). Nothing is refreshed: c is what [Refresher.Ask] has just returned. The access
// token goes only to the host of the token endpoint, to the vendor's others, or to an endpoint that the user named.
//
// Errors: [*Problem]; [*RefreshError] when the provider could not be asked, or refused to answer.
func (r *Refresher) Identify(ctx context.Context, c Connection) (Identity, error) {
	const what = "userinfo"
	reply, err := r.fetch(ctx, c, what, cmp.Or(c.identityURL(), c.Addresses().Userinfo))
	if err != nil {
		return Identity{}, err
	}
	if reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden {
		return Identity{}, &RefreshError{Name: c.Name, Err: errRejected, Failure: Failure{
			Time: time.Now(), Kind: oauth.LoginRequired, Code: CodeTokenRefused, Cause: reply.Host + " did not take the access token",
			Remedy: "log in again, with the scope openid; at Salesforce with the scope id",
		}}
	}
	members, err := reply.Object()
	if err != nil {
		return Identity{}, c.explain(err, what)
	}
	return Identity{reply.Host, members}, nil
}

// identityURL is the URL that the vendor put into the token, if it leads to the host that the refresh token goes to, or to
// another of the vendor's.
func (c Connection) identityURL() string {
	vendor := c.Vendor()
	if vendor.Identity == nil {
		return ""
	}
	u, err := url.Parse(c.Token.Member(vendor.Identity.Member))
	if err != nil || u.User != nil || !strings.HasPrefix(u.Path, vendor.Identity.PathPrefix) {
		return ""
	}
	token := c.endpointURL()
	if token == nil {
		return ""
	}
	asked := u.Scheme == token.Scheme && strings.EqualFold(u.Host, token.Host)
	owned := u.Scheme == "https" && u.Host == u.Hostname() && vendor.Owns(u.Hostname())
	if !asked && !owned {
		return ""
	}
	return u.String()
}
