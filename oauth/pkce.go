package oauth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// NewVerifier returns a code verifier: 43 characters that hold 256 random bits (RFC 7636 §4.1).
func NewVerifier() Secret {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails: it ends the program instead
	return Secret(base64.RawURLEncoding.EncodeToString(random))
}

// Challenge returns the code challenge of verifier by the method "S256" or "plain", and "" for another (RFC 7636 §4.2).
func Challenge(verifier Secret, method string) string {
	switch method {
	case "S256":
		hash := sha256.Sum256([]byte(verifier))
		return base64.RawURLEncoding.EncodeToString(hash[:])
	case "plain":
		return string(verifier)
	default:
		return ""
	}
}
