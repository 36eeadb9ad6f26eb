package zitadel

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, id, _, _ string) error {
	token, err := s.validToken(id)
	switch {
	case err != nil:
		return err
	case token.grant.subject != alice:
		return errUnknown // a client is no user
	}
	describe(info, token.scopes)
	return nil
}

// SetUserinfoFromRequest fills in the id_token.
func (s *storage) SetUserinfoFromRequest(
	_ context.Context, info *oidc.UserInfo, _ op.IDTokenRequest, scopes []string,
) error {
	describe(info, scopes)
	return nil
}

func describe(info *oidc.UserInfo, scopes []string) {
	info.Subject = alice
	if slices.Contains(scopes, oidc.ScopeEmail) {
		info.Email, info.EmailVerified = aliceEmail, true
	}
}

func (s *storage) SetIntrospectionFromToken(
	_ context.Context, reply *oidc.IntrospectionResponse, id, _, _ string,
) error {
	token, err := s.validToken(id)
	if err != nil {
		return err
	}
	if reply.Subject = token.grant.subject; reply.Subject == alice {
		reply.Username = aliceEmail
	}
	reply.ClientID, reply.Scope = token.grant.clientID, token.scopes
	reply.Expiration = oidc.FromTime(token.expires)
	return nil
}

// SetUserinfoFromScopes is the predecessor of SetUserinfoFromRequest. op still calls it.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// The next three are for clients that sign requests and access tokens that are JWTs. There are none.

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errUnknown
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errUnknown
}

// signingKey signs id tokens.
type signingKey struct{ *ecdsa.PrivateKey }

func newSigningKey(t *testing.T) signingKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signingKey{key}
}

func (k signingKey) ID() string                                  { return "e2e" }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k signingKey) Key() any                                    { return k.PrivateKey }

// publicKey verifies signatures of signingKey.
type publicKey struct{ signingKey }

func (k publicKey) Algorithm() jose.SignatureAlgorithm { return k.SignatureAlgorithm() }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return k.Public() }

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{s.key.SignatureAlgorithm()}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.key}}, nil }
