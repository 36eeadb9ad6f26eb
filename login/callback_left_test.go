package login_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauthtest"
)

// The customer leaves while the callback exchanges the code, which works once. The token is saved.
func TestExchangeFinishesWhenTheCustomerLeaves(t *testing.T) {
	server := newServer(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow})
	reg := registered(server)
	ctx, leave := context.WithCancel(t.Context())
	leaving := roundTrip(func(req *http.Request) (*http.Response, error) {
		leave()
		return http.DefaultTransport.RoundTrip(req)
	})
	keeper := freshet.NewKeeper(freshet.Config{
		Store: new(freshet.MemoryStore), HTTP: &http.Client{Transport: leaving},
	})
	a := begin(t, reg, login.Options{})
	_, _ = login.Exchange(ctx, keeper, acme, reg, a, decide(t, a))
	token, err := keeper.Token(t.Context(), acme)
	if err != nil || !server.ValidAccess(token.AccessToken()) || server.Stats().Logins != 1 {
		t.Errorf("%v, %+v", err, server.Stats())
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
