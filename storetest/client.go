package storetest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// testClientCredentials checks a connection that is renewed by client credentials. A store sees saves of a
// token that no Pending announced: the first token, and every one after it.
func testClientCredentials(t *testing.T, b Backend) {
	if b.TokensOnly {
		return
	}
	const callers = 16
	server := oauthtest.NewServer(oauthtest.Config{})
	defer server.Close()
	name := b.Names[0]
	renewBy := []freshet.GrantType{freshet.GrantClientCredentials}
	err := b.Store.Create(t.Context(), freshet.Connection{Name: name, Registration: freshet.Registration{
		Client: oauth.Client{ID: server.ClientID()}, SecretFrom: "env:SECRET", RenewBy: renewBy,
		Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	secrets := func(context.Context, string) (oauth.Secret, error) { return oauth.Secret(server.ClientSecret()), nil }
	last := get(t, b, name)
	if !slices.Equal(last.RenewBy, renewBy) {
		t.Errorf("RenewBy is %v, want %v: nothing would get the first token", last.RenewBy, renewBy)
	}
	for round := 1; round <= 2; round++ {
		rejected := oauth.Secret(last.Token.AccessToken())
		if round == 2 { // a token that was just received would not be replaced
			update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
				c.Health = freshet.Health{}
				return save(c)
			})
		}
		var wg sync.WaitGroup
		for i := range callers {
			store := b.Store
			if i%2 == 1 {
				store = b.reopen(t)
			}
			wg.Go(func() {
				r := freshet.Refresher{Store: store, HTTP: &http.Client{}, Secrets: secrets}
				result, err := r.Token(t.Context(), name, freshet.Options{Rejected: rejected})
				if err != nil || result.Warning != nil {
					t.Errorf("%v, warning %v", err, result.Warning)
				} else if !server.ValidAccess(result.Connection.Token.AccessToken()) {
					t.Error("a caller got a token that is not valid")
				}
			})
		}
		wg.Wait()
		if got := server.Stats().ClientTokens; got != round {
			t.Errorf("for %d callers, %d tokens were requested, want 1: "+
				"after waiting, Update must read again under the lock", callers, got-round+1)
		}
		now := get(t, b, name)
		if now.Token.AccessToken() == string(rejected) || now.Version == last.Version || now.Health.LastSuccess.IsZero() {
			t.Errorf("the new token was not saved with its health: version %q, last success %v",
				now.Version, now.Health.LastSuccess)
		}
		if p := pending(t, b, name); p != nil {
			t.Error("a refresh is pending, though nothing was announced")
		}
		last = now
	}
}

// testMarkStays checks that a token which spent nothing leaves the mark of an interrupted refresh.
func testMarkStays(t *testing.T, b Backend) {
	name := add(t, b, document)
	var mark *freshet.Pending
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		mark = newPending(c)
		c.Pending = mark
		return save(c)
	})
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		merged, err := c.Token.Merge([]byte(`{"access_token":"a-2"}`), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		c.Token = merged
		return save(c)
	})
	if got := get(t, b, name).Token.AccessToken(); got != "a-2" {
		t.Error("a token that was saved with the Pending of an earlier refresh is not there")
	}
	if diff := cmp.Diff(mark, pending(t, b, name)); diff != "" {
		t.Errorf("the Pending of an earlier refresh is gone after a token that was saved with it (-want +got):\n%s", diff)
	}
}

// testUnannounced checks that a token which was not announced by a Pending does not replace what another
// program saved meanwhile.
func testUnannounced(t *testing.T, b Backend) {
	name := add(t, b, document)
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		b.Overwrite(t, name, parse(t, `{"access_token":"f","refresh_token":"f-0"}`))
		c.Token = withRefreshToken(t, c.Token, "r-1")
		if err := save(c); !errors.Is(err, freshet.ErrChanged) {
			t.Errorf("saving over a token that is newer than Version, without a Pending: %v, want ErrChanged", err)
		}
		c = get(t, b, name)
		c.Token = withRefreshToken(t, c.Token, "f-1")
		return save(c)
	})
	if got := get(t, b, name).Token.RefreshToken(); got != oauth.Secret("f-1") {
		t.Error("saving over the newer token after reading it did not replace it")
	}
}
