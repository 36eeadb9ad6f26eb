package freshet

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

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
			return u.Path[strings.LastIndex(u.Path, "/")+1:]
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
	if !c.Vendor().SignsIdentity || signature == "" {
		return ""
	}
	if c.Client.Secret == "" {
		return SignatureUnchecked
	}
	mac := hmac.New(sha256.New, []byte(c.Client.Secret))
	mac.Write([]byte(c.Token.Member("id") + c.Token.Text("issued_at")))
	if got, err := base64.StdEncoding.DecodeString(signature); err != nil || !hmac.Equal(got, mac.Sum(nil)) {
		return SignatureInvalid
	}
	return SignatureValid
}

// Identify asks the provider whose token it is: at the identity URL that the vendor put into the token, or else at the
// userinfo endpoint (OpenID Connect Core §5.3). It returns a JSON object. The connection's token must be valid; nothing is
// refreshed. The access token goes only to a host of the vendor's or to an endpoint that the user named.
func (r *Refresher) Identify(ctx context.Context, c Connection) ([]byte, error) {
	address := c.identityURL()
	if address == "" {
		address = c.Addresses().Userinfo
	}
	if address == "" {
		return nil, &Problem{
			Name: c.Name, Kind: oauth.Misconfigured, What: "no userinfo endpoint is known for this provider",
			Remedy: "log in with --issuer and the scope openid, so that it can be looked up",
		}
	}
	h, done, err := r.httpClient(c)
	if err != nil {
		return nil, named(c.Name, err)
	}
	defer done()
	limited, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	reply, err := oauth.Fetch(limited, h, address, oauth.Secret(c.Token.AccessToken()))
	if err != nil {
		return nil, &RefreshError{Name: c.Name, Err: err, Failure: Failure{
			Time: time.Now(), Kind: oauth.Temporary, Cause: err.Error(), Remedy: "check the network, then try again",
		}}
	}
	if reply.Status == 401 || reply.Status == 403 {
		return nil, &RefreshError{Name: c.Name, Err: errRejected, Failure: Failure{
			Time: time.Now(), Kind: oauth.LoginRequired, Cause: reply.Host + " refused the access token",
			Remedy: "refresh it; if that does not help, log in again with the scope openid or id",
		}}
	}
	object, err := reply.Object()
	if err != nil {
		return nil, &Problem{Name: c.Name, What: err.Error(), Remedy: "check the userinfo endpoint", Err: err}
	}
	return object, nil
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
	endpoint, err := c.endpoint()
	if err != nil {
		return ""
	}
	token, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	same := u.Scheme == token.Scheme && strings.EqualFold(u.Host, token.Host)
	if !same && !(u.Scheme == "https" && u.Host == u.Hostname() && vendor.Owns(u.Hostname())) {
		return ""
	}
	return u.String()
}
