package zitadel

import (
	"context"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// clientRequest is a request for a token of the client's own (RFC 6749 §4.4). It implements
// op.TokenRequest and op.IDTokenRequest.
type clientRequest struct {
	clientID string
	scopes   []string
}

func (r *clientRequest) GetSubject() string     { return r.clientID }
func (r *clientRequest) GetClientID() string    { return r.clientID }
func (r *clientRequest) GetAudience() []string  { return []string{r.clientID} }
func (r *clientRequest) GetScopes() []string    { return r.scopes }
func (r *clientRequest) GetAuthTime() time.Time { return time.Now() }
func (r *clientRequest) GetAMR() []string       { return nil }

// ClientCredentials returns the client with this secret. It is of op.ClientCredentialsStorage.
func (s *storage) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	if err := s.AuthorizeClientIDSecret(ctx, id, secret); err != nil {
		return nil, err
	}
	return s.GetClientByClientID(ctx, id)
}

func (s *storage) ClientCredentialsTokenRequest(
	_ context.Context, id string, scopes []string,
) (op.TokenRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clientTokens++
	return &clientRequest{id, scopes}, nil
}
