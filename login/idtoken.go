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
	"github.com/freshet-dev/freshet/internal/idtoken"
	"github.com/freshet-dev/freshet/oauth"
)

// verifyIDToken checks the id_token of a hybrid answer. It came through the browser, so it needs a
// valid signature (OpenID Connect Core 1.0 §3.3.2.12), unlike one from the token endpoint.
func (a Attempt) verifyIDToken(
	ctx context.Context, reg freshet.Registration, at oauth.Endpoints, callback url.Values,
) error {
	idToken, code := callback.Get("id_token"), callback.Get("code")
	if idToken == "" {
		return unusable("the answer has no id_token, which was requested")
	}
	if err := idtoken.Check(idToken, a.Issuer, a.ClientID, a.Nonce, time.Now()); err != nil {
		return unusable(printable(a.redactor(reg, callback).Text(err.Error()), 300))
	}
	keys, err := fetchKeys(ctx, a.HTTP, reg, at.JWKS)
	if err != nil {
		return err
	}
	verifier := oidc.NewVerifier(a.Issuer, &oidc.StaticKeySet{PublicKeys: keys}, &oidc.Config{
		ClientID: a.ClientID,
		SupportedSigningAlgs: []string{ // those with a public key, not HMAC with the client secret
			oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512,
			oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
		},
		// idtoken.Check has checked both: it ignores a trailing slash and allows five minutes.
		SkipIssuerCheck: true, SkipExpiryCheck: true,
	})
	verified, err := verifier.Verify(ctx, idToken)
	if err != nil {
		return unusable("the id_token that came with the code is not signed by the provider's keys")
	}
	var claims struct {
		CodeHash string `json:"c_hash"`
	}
	switch err := verified.Claims(&claims); {
	case err == nil && claims.CodeHash == "": // required (§3.3.2.11): the code may be another login's
		return unusable("the id_token that came with the code does not say which code it is for: it has no c_hash")
	case err != nil || !isCodeHash(claims.CodeHash, code, idToken):
		return unusable("the id_token belongs to another code")
	}
	return nil
}

// fetchKeys fetches the provider's key set (RFC 7517 §5). A nil client means one for reg.
func fetchKeys(
	ctx context.Context, client *http.Client, reg freshet.Registration, address string,
) (keys []crypto.PublicKey, err error) {
	if client == nil {
		if client, err = newClient(reg); err != nil {
			return nil, err
		}
		defer client.CloseIdleConnections()
	}
	ctx, cancel := context.WithTimeout(ctx, freshet.ExchangeTimeout)
	defer cancel()
	reply, err := oauth.Fetch(ctx, client, address, "", reg.InsecureHosts...)
	var document []byte
	if err == nil {
		document, err = reply.Object()
	}
	if err != nil {
		return nil, &freshet.SetupError{
			Kind: oauth.Temporary, What: "the keys for the provider's id_tokens cannot be fetched: " + err.Error(),
			Remedy: "check the network, then {login again}", Err: err,
		}
	}
	return parseKeys(document), nil
}

// parseKeys returns the public keys for signatures. It ignores other keys, and an invalid document.
func parseKeys(document []byte) []crypto.PublicKey {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	_ = json.Unmarshal(document, &set) // without keys, no signature is valid
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

// isCodeHash reports whether want is the c_hash of code: the left half of its hash, with the hash
// function of the id_token's signature (OpenID Connect Core 1.0 §3.3.2.11).
func isCodeHash(want, code, idToken string) bool {
	encoded, _, _ := strings.Cut(idToken, ".")
	var header struct {
		Algorithm string `json:"alg"`
	}
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err := errors.Join(err, json.Unmarshal(text, &header)); err != nil {
		return false
	}
	h := sha512.New() // for algorithms with 512, and for EdDSA with Ed25519
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

// newClient returns an HTTP client with the registration's proxy and CA file.
func newClient(reg freshet.Registration) (*http.Client, error) {
	client, err := oauth.HTTPConfig{Proxy: reg.Proxy, CAFile: reg.CAFile}.Client()
	if err != nil {
		return nil, misconfigured(err.Error(), "check the proxy and the CA file")
	}
	return client, nil
}
