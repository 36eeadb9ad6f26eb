package login

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// verify checks an id_token that came through the browser with the code: unlike one from the token endpoint, it is worth
// nothing without its signature (OpenID Connect Core 1.0 §3.3.2.12).
func (a Attempt) verify(ctx context.Context, reg freshet.Registration, endpoints oauth.Endpoints, callback url.Values) error {
	idToken, code := callback.Get("id_token"), callback.Get("code")
	if idToken == "" {
		return unusable("the answer lacks the id_token that was asked for")
	}
	if err := oauth.CheckIDToken(idToken, a.Issuer, a.ClientID, a.Nonce, time.Now()); err != nil {
		return unusable(shown(a.redactor(reg, callback).Text(err.Error()), 300))
	}
	keys, err := fetchKeys(ctx, reg, endpoints.JWKS)
	if err != nil {
		return err
	}
	verifier := oidc.NewVerifier(a.Issuer, &oidc.StaticKeySet{PublicKeys: keys}, &oidc.Config{
		ClientID: a.ClientID,
		SupportedSigningAlgs: []string{ // with a public key; with a shared secret, whoever knows it could sign
			oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
		},
		SkipIssuerCheck: true, SkipExpiryCheck: true, // done above, with a slash and five minutes of leeway
	})
	verified, err := verifier.Verify(ctx, idToken)
	if err != nil {
		return unusable("the id_token that came with the code is not signed by the provider's keys")
	}
	var claims struct {
		CodeHash string `json:"c_hash"`
	}
	switch err := verified.Claims(&claims); {
	case err == nil && claims.CodeHash == "": // required in this flow: without it a code may have been put in another's place (§3.3.2.11)
		return unusable("the id_token that came with the code does not say which code it is for: it has no c_hash")
	case err != nil || !hashes(idToken, code, claims.CodeHash):
		return unusable("the id_token came with another code than this one")
	}
	return nil
}

// fetchKeys reads the provider's key set (RFC 7517 §5).
func fetchKeys(ctx context.Context, reg freshet.Registration, address string) ([]crypto.PublicKey, error) {
	client, err := newClient(reg)
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, freshet.ExchangeTimeout)
	defer cancel()
	reply, err := oauth.Fetch(ctx, client, address, "")
	var document []byte
	if err == nil {
		document, err = reply.Object()
	}
	if err != nil {
		return nil, &freshet.Problem{
			Kind: oauth.Temporary, What: "the provider's keys, which sign its id_tokens, cannot be read: " + err.Error(),
			Remedy: "check the network, then log in again", Err: err,
		}
	}
	return parseKeys(document), nil
}

// parseKeys leaves out what cannot sign: servers publish keys of every kind.
func parseKeys(document []byte) []crypto.PublicKey {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	_ = json.Unmarshal(document, &set) // no keys then, and no signature is right
	var keys []crypto.PublicKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) != nil || key.Use == "enc" {
			continue
		}
		switch key.Key.(type) {
		case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
			keys = append(keys, key.Key)
		}
	}
	return keys
}

// hashes reports whether want is the c_hash of code: half of its hash, by the algorithm of the signature (OpenID Connect
// Core 1.0 §3.3.2.11).
func hashes(idToken, code, want string) bool {
	encoded, _, _ := strings.Cut(idToken, ".")
	var header struct {
		Algorithm string `json:"alg"`
	}
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err := errors.Join(err, json.Unmarshal(text, &header)); err != nil {
		return false
	}
	h := sha512.New() // also EdDSA's, by Ed25519
	switch {
	case strings.HasSuffix(header.Algorithm, "256"):
		h = sha256.New()
	case strings.HasSuffix(header.Algorithm, "384"):
		h = sha512.New384()
	}
	h.Write([]byte(code))
	sum := h.Sum(nil)
	got := base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
	return subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}

// newClient makes the HTTP client that the registration asks for.
func newClient(reg freshet.Registration) (*http.Client, error) {
	client, err := oauth.HTTPConfig{Proxy: reg.Proxy, CAFile: reg.CAFile}.Client()
	if err != nil {
		return nil, misconfigured(err.Error(), "check the proxy and the CA file")
	}
	return client, nil
}
