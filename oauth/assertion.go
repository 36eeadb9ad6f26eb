package oauth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/redact"
)

// Signer signs a JWT with a key. Package key has signers for private keys and for commands that sign.
type Signer interface {
	// Sign returns the claims as a signed JWT in the compact form (RFC 7515 §7.1). The algorithm and
	// the other members of the header belong to the signer.
	Sign(ctx context.Context, claims map[string]any) (jwt string, err error)
}

// Assertion is the JWT by which a client asks for a token (RFC 7523 §2.1).
type Assertion struct {
	redact.Sealed

	Claims   map[string]any // those but jti, iat and exp
	Lifetime time.Duration  // from iat to exp
	Key      Signer
}

// JWTBearerGrant returns the form for the grant of RFC 7523 §2.1 without the assertion, with the
// scopes, if there are any.
func JWTBearerGrant(scopes []string) url.Values {
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}}
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	return form
}

// assertionLifetime is how long a client assertion is valid. It is for one request.
const assertionLifetime = time.Minute

// clientAssertionType is the value of client_assertion_type for a JWT (RFC 7523 §2.2).
const clientAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Signed returns the request with its assertions: that by which the client asks for a token, and that
// by which it authenticates (RFC 7523 §2.1 and §2.2). It can be sent once, within a minute.
// [Request.Send] calls it for a request that is not signed yet.
//
// The error is that of the signer, or says what is wrong with the client.
func (r Request) Signed(ctx context.Context) (Request, error) {
	if !r.needsSignature() {
		return r, nil
	}
	form := maps.Clone(r.Form)
	if form == nil {
		form = url.Values{}
	}
	if r.Client.Style().IsAssertion() && !form.Has("client_assertion") {
		assertion, err := r.Client.assertion(ctx, r.Endpoint)
		if err != nil {
			return r, err
		}
		form.Set("client_assertion_type", clientAssertionType)
		form.Set("client_assertion", assertion)
	}
	if r.Assertion != nil && !form.Has("assertion") {
		assertion, err := r.Assertion.sign(ctx)
		if err != nil {
			return r, err
		}
		form.Set("assertion", assertion)
	}
	r.Form = form
	return r, nil
}

func (r Request) needsSignature() bool {
	return r.Client.Style().IsAssertion() && !r.Form.Has("client_assertion") ||
		r.Assertion != nil && !r.Form.Has("assertion")
}

// sign returns a new JWT.
func (a *Assertion) sign(ctx context.Context) (string, error) {
	if a.Key == nil {
		return "", errNoKey
	}
	claims, now := maps.Clone(a.Claims), time.Now()
	claims["jti"], claims["iat"], claims["exp"] = rand.Text(), now.Unix(), now.Add(a.Lifetime).Unix()
	return a.Key.Sign(ctx, claims)
}

// IsAssertion reports whether a client of the style authenticates by a JWT that it signs.
func (s AuthStyle) IsAssertion() bool { return s == AuthSecretJWT || s == AuthPrivateKeyJWT }

// assertion returns a new JWT by which the client authenticates (RFC 7523 §3).
func (c Client) assertion(ctx context.Context, endpoint string) (string, error) {
	if err := c.Check(); err != nil {
		return "", err
	}
	signer := c.Key
	if c.Style() == AuthSecretJWT {
		signer = hmacSigner(c.Secret)
	}
	if signer == nil {
		return "", errNoKey
	}
	audience := c.Audience
	if audience == "" {
		audience = endpoint
	}
	now := time.Now()
	return signer.Sign(ctx, map[string]any{
		"iss": c.ID,
		"sub": c.ID,
		"aud": audience,
		"jti": rand.Text(),
		"iat": now.Unix(),
		"exp": now.Add(assertionLifetime).Unix(),
	})
}

// hmacSigner signs with a client secret, by HMAC with SHA-256 (RFC 7518 §3.2).
type hmacSigner Secret

func (s hmacSigner) Sign(_ context.Context, claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(payload)
	mac := hmac.New(sha256.New, []byte(s))
	mac.Write([]byte(input))
	return input + "." + encode(mac.Sum(nil)), nil
}

var errNoKey = errors.New("the client signs with a key, but has none")
