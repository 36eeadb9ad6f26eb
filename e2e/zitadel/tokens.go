package zitadel

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

func (s *storage) CreateAccessToken(_ context.Context, r op.TokenRequest) (id string, expires time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, expires = s.issue(newGrant(r.(op.IDTokenRequest)), r.GetScopes())
	return id, expires, nil
}

// CreateAccessAndRefreshTokens starts a grant, or refreshes the one of the presented refresh token.
func (s *storage) CreateAccessAndRefreshTokens(_ context.Context, r op.TokenRequest, presented string) (
	id, refreshToken string, expires time.Time, err error,
) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := newGrant(r.(op.IDTokenRequest))
	if presented != "" {
		// Another request may have spent it since TokenRequestByRefreshToken.
		if g, err = s.grantOf(presented); err != nil {
			return "", "", time.Time{}, oidc.ErrInvalidGrant().WithParent(err)
		}
		s.refreshes++
	}
	g.current = rand.Text()
	s.grants[g.current] = g
	id, expires = s.issue(g, r.GetScopes())
	return id, g.current, expires, nil
}

// issue issues an access token of g. s.mu is held.
func (s *storage) issue(g *grant, scopes []string) (id string, expires time.Time) {
	id, expires = rand.Text(), time.Now().Add(lifetime)
	s.access[id] = accessToken{grant: g, scopes: scopes, expires: expires}
	return id, expires
}

func (s *storage) TokenRequestByRefreshToken(_ context.Context, presented string) (op.RefreshTokenRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.grantOf(presented)
	if err != nil {
		return nil, err
	}
	return &refreshRequest{grant: g, scopes: g.scopes}, nil
}

// grantOf returns the grant of a valid refresh token. A spent one ends its grant. s.mu is held.
func (s *storage) grantOf(presented string) (*grant, error) {
	g, ok := s.grants[presented]
	switch {
	case !ok:
		return nil, errUnknown
	case presented != g.current:
		s.reuses++
		g.revoked = true
		return nil, errSpent
	case g.revoked:
		return nil, errSpent
	}
	return g, nil
}

// GetRefreshTokenInfo returns the refresh token as its own id.
func (s *storage) GetRefreshTokenInfo(_ context.Context, clientID, token string) (user, id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.grants[token]; !ok || g.clientID != clientID {
		return "", "", op.ErrInvalidRefreshToken
	}
	return alice, token, nil
}

// RevokeToken ends the grant of an access token or a refresh token. It ignores an unknown token (RFC 7009
// §2.2).
func (s *storage) RevokeToken(_ context.Context, tokenOrID, _, clientID string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[tokenOrID]
	if !ok {
		g = s.access[tokenOrID].grant
	}
	if g != nil && g.clientID == clientID {
		g.revoked = true
	}
	return nil
}

// TerminateSession is for a logout. No test logs out.
func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

// validToken returns the access token with this id.
func (s *storage) validToken(id string) (accessToken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, ok := s.access[id]
	if !ok || token.grant.revoked || time.Now().After(token.expires) {
		return accessToken{}, errUnknown
	}
	return token, nil
}
