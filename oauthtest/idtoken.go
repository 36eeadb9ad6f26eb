package oauthtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const keyID = "oauthtest-1"

// newKey returns a function that generates the server's RSA key at its first call, because that is
// slow.
func newKey() func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err) // unreachable: the size is valid
		}
		return key
	})
}

// openID reports whether c asks for an id_token (OpenID Connect Core §3.1.2.1).
func (c consent) openID() bool { return slices.Contains(strings.Fields(c.scope), "openid") }

// claims returns the claims of OpenID Connect Core §2, and two of §5.1.
func (s *Server) claims(nonce string, at time.Time) members {
	m := members{
		{"iss", s.url},
		{"sub", s.profile.Subject},
		{"aud", s.cfg.ClientID},
		{"exp", at.Add(s.cfg.TTL).Unix()},
		{"iat", at.Unix()},
		{"email", username},
		{"preferred_username", username},
	}
	if nonce != "" {
		m = m.with("nonce", nonce)
	}
	return m
}

// jwt signs claims with RS256 (RFC 7515 §3.1).
func (s *Server) jwt(claims members) string {
	signed := encodePart(members{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", keyID}}) + "." + encodePart(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key(), crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // unreachable: the key is large enough
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func encodePart(m members) string {
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // unreachable: the members are strings and numbers
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// halfHash returns the c_hash of a code (OpenID Connect Core §3.3.2.11).
func halfHash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// serveKeys sends a JSON Web Key Set (RFC 7517 §5).
func (s *Server) serveKeys(w http.ResponseWriter, r *http.Request) {
	public := s.key().PublicKey
	jsonReply(http.StatusOK, "application/json", members{{"keys", []members{{
		{"kty", "RSA"},
		{"use", "sig"},
		{"alg", "RS256"},
		{"kid", keyID},
		{"n", base64.RawURLEncoding.EncodeToString(public.N.Bytes())},
		{"e", base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes())},
	}}}}).send(w)
}
