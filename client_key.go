package freshet

import (
	"context"
	"errors"
	"slices"

	"github.com/freshet-dev/freshet/oauth"
)

// ClientKey names a private key of the client, which no store has, and says how it signs. The key
// authenticates the client (private_key_jwt), or signs the assertion by which the connection is
// renewed ([GrantJWTBearer]). Package key reads keys, and describes their sources and forms.
type ClientKey struct {
	// From is where the key is: file:PATH, env:NAME, command:LINE or keyring:NAME; or sign:LINE, a
	// command that signs with it.
	From string `json:"from,omitempty"`
	// PasswordFrom is where the password of an encrypted key is.
	PasswordFrom string `json:"password_from,omitempty"`
	// CertificateFile is the file with the key's certificate, whose hash a JWT then names (x5t#S256), as
	// Microsoft Entra requires it.
	CertificateFile string `json:"certificate_file,omitempty"`
	// ID is the kid under which the server knows the key. Defaults to that in a JWK.
	ID string `json:"id,omitempty"`
	// Algorithm is that of the signature (RFC 7518 §3.1), such as PS256. Defaults to the usual one for
	// the kind of key: RS256, ES256, ES384, ES512 or EdDSA.
	Algorithm string `json:"algorithm,omitempty"`
}

// IsZero reports whether there is no key.
func (k ClientKey) IsZero() bool { return k == ClientKey{} }

// unreadKey stands for a key that was not read yet.
type unreadKey struct{}

func (unreadKey) Sign(context.Context, map[string]any) (string, error) {
	return "", errors.New("the client key was not read")
}

// isUnread reports whether the client's key has a source, and was not read there.
func isUnread(s oauth.Signer) bool {
	_, unread := s.(unreadKey)
	return unread
}

// authenticatesByKey reports whether the key of the registration proves the client's identity, if the
// user did not say how it authenticates. If not, the key signs only the assertion of a JWT bearer grant.
func (r Registration) authenticatesByKey() bool {
	return (r.Key.From != "" || r.Client.Key != nil) && !slices.Contains(r.RenewBy, GrantJWTBearer)
}

// readKey reads the client's key from the place that reg names.
func (r *Refresher) readKey(ctx context.Context, reg Registration) (oauth.Signer, error) {
	if r.Keys == nil || reg.Key.From == "" || reg.Client.Key != nil {
		return nil, nil
	}
	signer, err := r.Keys(ctx, reg.Key)
	if _, ok := errors.AsType[*SetupError](err); err != nil && !ok {
		err = &SetupError{
			Kind:   oauth.Misconfigured,
			What:   "the client key cannot be read: " + err.Error(),
			Remedy: "correct that, or {set client_key_from}",
			Err:    err,
		}
	}
	return signer, err
}

// errSigning returns the error of a request that could not be signed. Nothing was sent.
func errSigning(err error) error {
	if _, ok := errors.AsType[*SetupError](err); ok {
		return err
	}
	p := &SetupError{
		Kind: oauth.Misconfigured, What: "the request could not be signed: " + err.Error() + "; nothing was sent",
		Remedy: "check the client key: {set client_key_from}", Err: err,
	}
	if errors.Is(err, context.DeadlineExceeded) {
		p.Kind, p.Remedy = oauth.Temporary, "run it again; if it takes too long each time, check what signs"
	}
	return p
}
