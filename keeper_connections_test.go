package freshet_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

func TestCreateSavesTheResponseVerbatim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper := freshet.NewKeeper(w.config())
		registration := w.connection(t).Registration
		registration.Client.Secret, registration.SecretFrom = "s3cret", "env:X"
		response := w.server.Document()
		if err := keeper.Create(t.Context(), "new", registration, response); err != nil {
			t.Fatal(err)
		}
		c, err := w.store.Get(t.Context(), "new")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(c.Token.Bytes())+"\n", string(response); got != want {
			t.Errorf("saved %s, given %s", got, want)
		}
		if c.Client.Secret != "" {
			t.Error("the client secret was saved, which is kept elsewhere")
		}
		if at := c.Expiry(time.Now()).At; !at.Equal(time.Now().Add(time.Hour)) {
			t.Errorf("expires_in counts from another time than this: %v", at)
		}
		if got, err := keeper.Token(t.Context(), "new"); err != nil || !w.server.ValidAccess(got.AccessToken()) {
			t.Errorf("got %v", err)
		}
		// An old copy must not replace a newer token.
		if err := keeper.Create(t.Context(), "new", registration, response); !errors.Is(err, freshet.ErrExists) {
			t.Errorf("creating it again: %v", err)
		}
		registration.SecretFrom = ""
		var problem *freshet.SetupError
		if err := keeper.Create(t.Context(), "lost", registration, response); !errors.As(err, &problem) {
			t.Errorf("a secret that would be lost: %v", err)
		}
	})
}

func TestAddReplacesARevokedGrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source(acme)
		old := valid(t, source)
		w.server.Revoke(string(w.first.RefreshToken()))
		if _, err := source.Refresh(t.Context(), old.AccessToken()); !errors.Is(err, freshet.ErrLoginRequired) {
			t.Fatalf("got %v", err)
		}
		if err := keeper.Put(t.Context(), acme, w.connection(t).Registration, w.server.Document()); err != nil {
			t.Fatal(err)
		}
		if got := valid(t, source); !w.server.ValidAccess(got.AccessToken()) {
			t.Error("the old token is handed out")
		}
		c := w.connection(t)
		if c.Health.LoginRequired || c.Health.LastFailure != nil {
			t.Errorf("what is remembered is of the old grant: %+v", c.Health)
		}
		if last := c.History.Entries[len(c.History.Entries)-1]; last.Outcome != freshet.LoggedIn {
			t.Errorf("the history ends with %s", last.Outcome)
		}
		if _, err := keeper.Refresh(t.Context(), acme, ""); err != nil {
			t.Error(err)
		}
	})
}

func TestRefreshDoesNotOverwriteAnAddedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: 10 * time.Second})
		keeper := freshet.NewKeeper(w.config())
		refreshed := make(chan error)
		go func() {
			_, err := keeper.Refresh(t.Context(), acme, "")
			refreshed <- err
		}()
		synctest.Wait()
		response := w.server.Document()
		if err := keeper.Put(t.Context(), acme, w.connection(t).Registration, response); err != nil {
			t.Fatal(err)
		}
		if err := <-refreshed; err != nil {
			t.Error(err)
		}
		if got, want := w.connection(t).Token.RefreshToken(), parse(t, string(response)).RefreshToken(); got != want {
			t.Error("the login is lost")
		}
		if got, err := keeper.Token(t.Context(), acme); err != nil ||
			got.RefreshToken() != parse(t, string(response)).RefreshToken() {
			t.Errorf("the token of the old grant is handed out: %v", err)
		}
	})
}

func TestAddRejectsAResponseWithoutAToken(t *testing.T) {
	keeper := freshet.NewKeeper(freshet.Config{Store: new(freshet.MemoryStore)})
	for response, refused := range map[string]bool{
		`{"error":"invalid_grant","error_description":"no"}`: true,
		`{"scope":"x"}`:      false,
		`<html>`:             false,
		``:                   false,
		`{"access_token":1}`: false,
	} {
		err := keeper.Put(t.Context(), acme, freshet.Registration{}, []byte(response))
		var e *oauth.Error
		if err == nil || errors.As(err, &e) != refused {
			t.Errorf("%s: %v", response, err)
			continue
		}
		if !strings.HasPrefix(err.Error(), "acme: ") || strings.Contains(err.Error(), "  ") {
			t.Errorf("%s: the error does not say who answered: %v", response, err)
		}
	}
}

// Some providers send a refresh token only with the first consent. A later login without one must
// not drop the saved one.
func TestAddWithoutRefreshTokenChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		keeper := freshet.NewKeeper(w.config())
		response := []byte(`{"access_token":"second","token_type":"Bearer","expires_in":3600}`)
		err := keeper.Put(t.Context(), acme, w.connection(t).Registration, response)
		var problem *freshet.SetupError
		if !errors.As(err, &problem) || problem.Remedy == "" {
			t.Errorf("got %v", err)
		}
		if got := w.connection(t).Token; got.AccessToken() != w.first.AccessToken() ||
			got.RefreshToken() != w.first.RefreshToken() {
			t.Error("the saved token was changed")
		}
		if err := keeper.Put(t.Context(), "new", w.connection(t).Registration, response); err != nil {
			t.Errorf("where there was none: %v", err)
		}
	})
}

// The reply was made for the old registration, so it is saved before the registration changes.
func TestConfigureCompletesAnInterruptedRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		interrupt(t, w)
		next := w.connection(t).Registration
		next.Provider = "salesforce"
		if err := freshet.NewKeeper(w.config()).Configure(t.Context(), acme, next); err != nil {
			t.Fatal(err)
		}
		c := w.connection(t)
		if !w.server.ValidRefresh(string(c.Token.RefreshToken())) || c.Provider != "salesforce" || c.ReplyPending ||
			w.pending(t) != nil {
			t.Errorf("not the newest refresh token, or the old registration: %q, unsettled %t", c.Provider, c.ReplyPending)
		}
		w.wantRequests(t, 1)
	})
}

func TestConfigureKeepsTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		c := w.connection(t)
		right := c.Registration
		c.Endpoints.Token, c.Redirect = "https://unreachable.invalid/token", map[string]string{"realmId": "7"}
		w.store.Put(c)
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source(acme)
		token := valid(t, source)
		if err := keeper.Configure(t.Context(), acme, right); err != nil {
			t.Fatal(err)
		}
		if valid(t, source).AccessToken() != token.AccessToken() || w.connection(t).Redirect["realmId"] != "7" {
			t.Errorf("more was changed: %+v", w.connection(t).Registration)
		}
		if got, err := source.Refresh(t.Context(), ""); err != nil || !w.server.ValidAccess(got.AccessToken()) {
			t.Errorf("at the new endpoint: %v", err)
		}

		if err := keeper.Configure(t.Context(), "unknown", right); !errors.Is(err, freshet.ErrNotFound) {
			t.Errorf("of a connection that is not there: %v", err)
		}
		right.Client.Secret = "s3cret"
		var problem *freshet.SetupError
		if err := keeper.Configure(t.Context(), acme, right); !errors.As(err, &problem) {
			t.Errorf("a secret that would be lost: %v", err)
		}
		right.Client.Secret, right.Client.Key = "", new(claimSigner)
		if err := keeper.Configure(t.Context(), acme, right); !errors.As(err, &problem) {
			t.Errorf("a key that would be lost: %v", err)
		}
	})
}
