package key

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/freshet-dev/freshet/oauth"
)

// ErrPassword is the error of [Parse] for an encrypted key whose password is missing or wrong.
var ErrPassword = errors.New("the password of the key is missing or wrong")

var (
	errPublic = errors.New("it is a public key or a certificate, without the private key")
	errNoKey  = errors.New("it is not a private key in a known form")
)

// Parse returns the private key in data. password is for an encrypted key. The error does not quote
// data.
func Parse(data []byte, password oauth.Secret) (*Key, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	switch {
	case bytes.HasPrefix(data, []byte("{")):
		return parseJWK(data)
	case bytes.Contains(data, []byte("-----BEGIN ")):
		return parsePEM(data, password)
	}
	if decoded, ok := decode(data); ok {
		data = decoded
	}
	return parseDER(data, password)
}

// decode decodes base64 in any of its forms, also with line breaks.
func decode(data []byte) ([]byte, bool) {
	text := strings.NewReplacer("-", "+", "_", "/", "\r", "", "\n", "").Replace(string(bytes.TrimSpace(data)))
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	return decoded, err == nil && len(decoded) > 0
}

// parseJWK parses a JWK (RFC 7517 §4), or a set with one private key.
func parseJWK(data []byte) (*Key, error) {
	var set jose.JSONWebKeySet
	if json.Unmarshal(data, &set) == nil && len(set.Keys) > 0 {
		for _, jwk := range set.Keys {
			if !jwk.IsPublic() {
				return newKey(jwk)
			}
		}
		return nil, errPublic
	}
	var jwk jose.JSONWebKey
	if err := json.Unmarshal(data, &jwk); err != nil {
		return nil, errNoKey // the text of err may quote the key
	}
	return newKey(jwk)
}

func newKey(jwk jose.JSONWebKey) (*Key, error) {
	if jwk.IsPublic() {
		return nil, errPublic
	}
	key := &Key{jwk: jose.JSONWebKey{
		Key: jwk.Key, KeyID: jwk.KeyID, CertificateThumbprintSHA256: jwk.CertificateThumbprintSHA256,
	}}
	return key, key.setAlgorithm(jwk.Algorithm)
}

// parsePEM parses the first private key in a PEM file, and the certificate if there is one.
func parsePEM(data []byte, password oauth.Secret) (*Key, error) {
	// Variables of the environment often have a line break as \n.
	data = bytes.ReplaceAll(data, []byte(`\n`), []byte("\n"))
	err := errNoKey
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return parseBlock(block, password)
		case block.Type == "CERTIFICATE", block.Type == "PUBLIC KEY":
			err = errPublic
		}
	}
	return nil, err
}

func parseBlock(block *pem.Block, password oauth.Secret) (*Key, error) {
	der := block.Bytes
	//nolint:staticcheck // it is weak, and openssl writes it with -traditional
	if x509.IsEncryptedPEMBlock(block) {
		decrypted, err := x509.DecryptPEMBlock(block, []byte(password)) //nolint:staticcheck // see above
		if err != nil {
			return nil, ErrPassword
		}
		der = decrypted
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" {
		return parseEncrypted(der, password)
	}
	key, err := parseDER(der, password)
	if err != nil && len(block.Headers) > 0 {
		return nil, ErrPassword // a wrong one is not always noticed
	}
	return key, err
}

// parseEncrypted parses an EncryptedPrivateKeyInfo (RFC 5958 §3).
func parseEncrypted(der []byte, password oauth.Secret) (*Key, error) {
	if password == "" {
		return nil, ErrPassword
	}
	private, err := pkcs8.ParsePKCS8PrivateKey(der, []byte(password))
	if err != nil {
		return nil, ErrPassword
	}
	return newKey(jose.JSONWebKey{Key: private})
}

// parseDER parses PKCS #8, PKCS #1, SEC 1 or PKCS #12.
func parseDER(der []byte, password oauth.Secret) (*Key, error) {
	if private, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return newKey(jose.JSONWebKey{Key: private})
	}
	if private, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return newKey(jose.JSONWebKey{Key: private})
	}
	if private, err := x509.ParseECPrivateKey(der); err == nil {
		return newKey(jose.JSONWebKey{Key: private})
	}
	private, certificate, _, err := pkcs12.DecodeChain(der, string(password))
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, ErrPassword
	case err != nil:
		return nil, errNoKey
	}
	hash := sha256.Sum256(certificate.Raw)
	return newKey(jose.JSONWebKey{Key: private, CertificateThumbprintSHA256: hash[:]})
}
