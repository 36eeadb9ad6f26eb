// Package key reads the private keys with which clients sign: to authenticate (private_key_jwt, RFC
// 7523 §2.2), or to ask for a token (RFC 7523 §2.1). A [freshet.ClientKey] names the source:
//
//	env:NAME       an environment variable
//	file:PATH      a file
//	command:LINE   what a shell command prints
//	keyring:NAME   an entry of the operating system's keyring, under the service "freshet"
//	sign:LINE      a shell command that signs, for a key that cannot be read
//
// The forms of a key are recognized: PEM (PKCS #1, PKCS #8 or SEC 1, also encrypted), PKCS #12, JWK,
// and the DER of PKCS #8, each also in base64. The algorithms are RS, PS and ES with 256, 384 and 512
// bits, and EdDSA with Ed25519.
//
// The command of sign: gets on standard input what is to be signed, hashes it as the algorithm
// says, and prints the signature: its bytes, or base64.
package key

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
)

// Key is a private key that signs. It is an [oauth.Signer].
type Key struct {
	redact.Sealed
	jwk jose.JSONWebKey
}

// Check returns a [*freshet.SetupError] if k cannot be right. It reads nothing.
func Check(k freshet.ClientKey) error {
	kind, line, _ := strings.Cut(k.From, ":")
	if kind == "sign" && strings.TrimSpace(line) != "" {
		return checkAlgorithm(k.Algorithm)
	}
	if err := secret.Check(k.From); err != nil {
		return problem("invalid source of a client key",
			"write file:PATH, env:NAME, command:LINE or keyring:NAME; or sign:LINE for a command that signs", nil)
	}
	if k.PasswordFrom != "" {
		if err := secret.Check(k.PasswordFrom); err != nil {
			return err
		}
	}
	return checkAlgorithm(k.Algorithm)
}

// Read returns a signer with the key that k names. It is a value for [freshet.Config.Keys].
//
// Errors are of type [*freshet.SetupError] and do not quote the key. Their kind is
// [oauth.Misconfigured], or [oauth.Temporary] if a command or the keyring took too long.
func Read(ctx context.Context, k freshet.ClientKey) (oauth.Signer, error) {
	if err := Check(k); err != nil {
		return nil, err
	}
	certificate, err := readCertificate(k.CertificateFile)
	if err != nil {
		return nil, err
	}
	if line, ok := strings.CutPrefix(k.From, "sign:"); ok {
		return newCommand(line, k, certificate), nil
	}
	data, err := secret.ReadBytes(ctx, k.From)
	if err != nil {
		return nil, err
	}
	var password oauth.Secret
	if k.PasswordFrom != "" {
		if password, err = secret.Read(ctx, k.PasswordFrom); err != nil {
			return nil, err
		}
	}
	key, err := Parse(data, password)
	if err != nil {
		return nil, problem("the client key from "+shown(k.From)+" cannot be used: "+err.Error(), remedyFor(err), err)
	}
	if certificate != nil {
		if err := key.certify(certificate); err != nil {
			return nil, problem(k.CertificateFile+": "+err.Error(), "{set client_key_from} and the certificate together", nil)
		}
	}
	if k.ID != "" {
		key.jwk.KeyID = k.ID
	}
	if k.Algorithm != "" {
		if err := key.setAlgorithm(k.Algorithm); err != nil {
			return nil, problem(err.Error(), "give another algorithm, or none", nil)
		}
	}
	return key, nil
}

// shown returns a source for a message. The arguments of a command may be private.
func shown(from string) string {
	if strings.HasPrefix(from, "command:") {
		return "a command"
	}
	return from
}

func remedyFor(err error) oauth.Remedy {
	switch {
	case errors.Is(err, ErrPassword):
		return "{set client_key_password_from}"
	case errors.Is(err, errPublic):
		return "{set client_key_from}: the private key, which is in another file"
	}
	return "{set client_key_from}: a key as PEM, PKCS #12 or JWK"
}

// readCertificate returns the first certificate of a PEM or DER file, or nil if path is "".
func readCertificate(path string) (*x509.Certificate, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, problem("the client's certificate cannot be read: "+err.Error(), "{set client_certificate}", err)
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			data = block.Bytes
			break
		}
	}
	certificate, err := x509.ParseCertificate(data)
	if err != nil {
		return nil, problem(path+" has no certificate: "+err.Error(), "{set client_certificate}", err)
	}
	return certificate, nil
}

// certify adds the certificate's hash to the header of each JWT (RFC 7515 §4.1.8).
func (k *Key) certify(certificate *x509.Certificate) error {
	public, ok := certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(k.jwk.Public().Key) {
		return errors.New("the certificate is of another key")
	}
	hash := sha256.Sum256(certificate.Raw)
	k.jwk.CertificateThumbprintSHA256 = hash[:]
	return nil
}

// Sign returns the claims as a signed JWT.
func (k *Key) Sign(_ context.Context, claims map[string]any) (string, error) {
	options := (&jose.SignerOptions{}).WithType("JWT")
	if k.jwk.KeyID != "" {
		options = options.WithHeader("kid", k.jwk.KeyID)
	}
	if k.jwk.CertificateThumbprintSHA256 != nil {
		options = options.WithHeader("x5t#S256", encode(k.jwk.CertificateThumbprintSHA256))
	}
	by := jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.jwk.Algorithm), Key: k.jwk.Key}
	signer, err := jose.NewSigner(by, options)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// Export returns the key as a JWK with its id, algorithm and certificate's hash, from which [Parse]
// makes it again. It is the private key in clear.
func (k *Key) Export() (oauth.Secret, error) {
	data, err := json.Marshal(k.jwk)
	return oauth.Secret(data), err
}

func problem(what string, remedy oauth.Remedy, err error) *freshet.SetupError {
	return &freshet.SetupError{Kind: oauth.Misconfigured, What: what, Remedy: remedy, Err: err}
}

// checkAlgorithm returns an error for an algorithm that no key can have.
func checkAlgorithm(name string) error {
	if name == "" || isAlgorithm(name) {
		return nil
	}
	return problem(fmt.Sprintf("unknown algorithm %q", name), oauth.Remedyf("use %s", strings.Join(algorithms, ", ")), nil)
}
