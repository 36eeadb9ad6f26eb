package zitadel

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const lifetime = time.Hour // of access tokens and id tokens

var (
	errUnknown = errors.New("unknown")
	errSpent   = errors.New("spent or revoked")
)

// storage implements op.Storage, op.DeviceAuthorizationStorage and op.ClientCredentialsStorage in memory.
type storage struct {
	key signingKey

	mu        sync.Mutex
	clients   map[string]*client     // by id
	logins    map[string]login       // by id
	codes     map[string]string      // by code: the id of its login
	devices   map[string]*device     // by device code
	access    map[string]accessToken // by id
	grants    map[string]*grant      // by refresh token, including spent ones
	refreshes int
	reuses    int

	clientTokens int // requests for a token of the client's own
}

func newStorage(t *testing.T, clients ...*client) *storage {
	s := &storage{
		key:     newSigningKey(t),
		clients: map[string]*client{},
		logins:  map[string]login{},
		codes:   map[string]string{},
		devices: map[string]*device{},
		access:  map[string]accessToken{},
		grants:  map[string]*grant{},
	}
	for _, c := range clients {
		s.clients[c.id] = c
	}
	return s
}

func (s *storage) Health(context.Context) error { return nil }

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.clients[id]
	if !ok {
		return nil, errUnknown
	}
	return new(*c), nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.clients[id]
	if !ok || c.secret == "" || subtle.ConstantTimeCompare([]byte(c.secret), []byte(secret)) == 0 {
		return errUnknown
	}
	return nil
}

func (s *storage) allowRedirect(id, uri string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[id].redirects = append(s.clients[id].redirects, uri)
}

func (s *storage) CreateAuthRequest(_ context.Context, request *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := login{AuthRequest: request, id: rand.Text()}
	s.logins[l.id] = l
	return &l, nil
}

func (s *storage) logIn(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := s.logins[id]; ok {
		l.at = time.Now()
		s.logins[id] = l
	}
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.login(id)
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.login(s.codes[code])
}

// DeleteAuthRequest ends the login and its code.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.logins, id)
	return nil
}

// login returns the login with this id. s.mu is held.
func (s *storage) login(id string) (op.AuthRequest, error) {
	l, ok := s.logins[id]
	if !ok {
		return nil, errUnknown
	}
	return &l, nil
}
