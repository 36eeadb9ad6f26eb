package key

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// algorithms are those of RFC 7518 §3.1 and RFC 8037 that a private key can have.
var algorithms = []string{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}

func isAlgorithm(name string) bool { return slices.Contains(algorithms, name) }

// algorithmsOf returns the algorithms that a private or public key can have, the usual one first.
func algorithmsOf(key any) []string {
	switch k := key.(type) {
	case *rsa.PrivateKey, *rsa.PublicKey:
		return algorithms[:6]
	case *ecdsa.PrivateKey:
		return algorithmsOf(&k.PublicKey)
	case *ecdsa.PublicKey:
		switch k.Curve.Params().BitSize {
		case 256:
			return []string{"ES256"}
		case 384:
			return []string{"ES384"}
		case 521:
			return []string{"ES512"}
		}
	case ed25519.PrivateKey, ed25519.PublicKey:
		return []string{"EdDSA"}
	}
	return nil
}

// setAlgorithm sets the algorithm, or the usual one for the key if name is "".
func (k *Key) setAlgorithm(name string) error {
	possible := algorithmsOf(k.jwk.Key)
	switch {
	case len(possible) == 0:
		return fmt.Errorf("it is a key of a kind that cannot sign a JWT: %s", kindOf(k.jwk.Key))
	case name == "":
		name = possible[0]
	case !slices.Contains(possible, name):
		return fmt.Errorf("%s is not for this kind of key, but %s", name, strings.Join(possible, ", "))
	}
	k.jwk.Algorithm = name
	return nil
}

// kindOf names the kind of a key for a message.
func kindOf(key any) string {
	if k, ok := key.(*ecdsa.PrivateKey); ok {
		return "EC " + k.Curve.Params().Name
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", key), "*")
}

// encode is the base64 of RFC 7515 §2.
func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
