package zitadel

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The only user.
const (
	alice      = "alice"
	aliceEmail = "alice@example.com"
)

// login is an authorization request. It implements op.AuthRequest.
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

// grant is what Alice has allowed.
type grant struct {
	clientID string
	scopes   []string
	at       time.Time
	current  string // the valid refresh token
	revoked  bool
	subject  string // alice, or the client if the token is its own
}

func newGrant(r op.IDTokenRequest) *grant {
	return &grant{clientID: r.GetClientID(), scopes: r.GetScopes(), at: r.GetAuthTime(), subject: r.GetSubject()}
}

// refreshRequest is a refresh of a grant. It implements op.RefreshTokenRequest. It may ask for fewer scopes.
type refreshRequest struct {
	*grant
	scopes []string
}

func (r *refreshRequest) GetSubject() string               { return alice }
func (r *refreshRequest) GetAuthTime() time.Time           { return r.at }
func (r *refreshRequest) GetClientID() string              { return r.clientID }
func (r *refreshRequest) GetAudience() []string            { return []string{r.clientID} }
func (r *refreshRequest) GetScopes() []string              { return r.scopes }
func (r *refreshRequest) SetCurrentScopes(scopes []string) { r.scopes = scopes }
func (r *refreshRequest) GetAMR() []string                 { return nil }

// accessToken is an issued access token.
type accessToken struct {
	grant   *grant
	scopes  []string
	expires time.Time
}
