package zitadel

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The one user.
const (
	alice      = "alice"
	aliceEmail = "alice@example.com"
)

// login is one visit to the authorization endpoint, in the terms of op.AuthRequest; what was asked is embedded.
type login struct {
	*oidc.AuthRequest
	id string
	at time.Time // zero before Alice has logged in
}

func (l *login) GetID() string          { return l.id }
func (l *login) Done() bool             { return !l.at.IsZero() }
func (l *login) GetSubject() string     { return alice }
func (l *login) GetAuthTime() time.Time { return l.at }
func (l *login) GetClientID() string    { return l.ClientID }
func (l *login) GetAudience() []string  { return []string{l.ClientID} }
func (l *login) GetScopes() []string    { return l.Scopes }
func (l *login) GetNonce() string       { return l.Nonce }
func (l *login) GetACR() string         { return "" }
func (l *login) GetAMR() []string       { return nil }

func (l *login) GetCodeChallenge() *oidc.CodeChallenge {
	if l.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: l.CodeChallenge, Method: l.CodeChallengeMethod}
}

// grant is what Alice has consented to.
type grant struct {
	clientID string
	scopes   []string
	at       time.Time
	current  string // the refresh token that works
	revoked  bool
}

func newGrant(r op.IDTokenRequest) *grant {
	return &grant{clientID: r.GetClientID(), scopes: r.GetScopes(), at: r.GetAuthTime()}
}

// refreshing is one use of a grant's refresh token, in the terms of op.RefreshTokenRequest. It may ask for fewer scopes.
type refreshing struct {
	*grant
	scopes []string
}

func (r *refreshing) GetSubject() string               { return alice }
func (r *refreshing) GetAuthTime() time.Time           { return r.at }
func (r *refreshing) GetClientID() string              { return r.clientID }
func (r *refreshing) GetAudience() []string            { return []string{r.clientID} }
func (r *refreshing) GetScopes() []string              { return r.scopes }
func (r *refreshing) SetCurrentScopes(scopes []string) { r.scopes = scopes }
func (r *refreshing) GetAMR() []string                 { return nil }

// accessToken is what an access token stands for.
type accessToken struct {
	grant   *grant
	scopes  []string
	expires time.Time
}
