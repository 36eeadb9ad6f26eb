package freshet_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// newClientWorld is newWorld with a connection that has no token and is renewed by client credentials.
func newClientWorld(t *testing.T, config oauthtest.Config) *world {
	t.Helper()
	w := newWorld(t, config)
	w.Secrets = func(context.Context, string) (oauth.Secret, error) {
		return oauth.Secret(w.server.ClientSecret()), nil
	}
	w.store.Put(freshet.Connection{Name: acme, Registration: w.clientRegistration()})
	return w
}

func (w *world) clientRegistration() freshet.Registration {
	return freshet.Registration{
		Endpoints:  oauth.Endpoints{Token: w.server.TokenEndpoint(), Revocation: w.server.RevocationEndpoint()},
		Client:     oauth.Client{ID: w.server.ClientID()},
		SecretFrom: "env:SECRET", Scopes: []string{"read", "write"},
		RenewBy: []freshet.GrantType{freshet.GrantClientCredentials},
	}
}

// journalStore fails the test if a connection is saved with a Pending. It refuses to save a token while
// refuse is set.
type journalStore struct {
	freshet.Store
	t      *testing.T
	refuse error
}

func (s *journalStore) Update(ctx context.Context, name string, change freshet.Change) error {
	return s.Store.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		return change(ctx, c, func(c freshet.Connection) error {
			if c.Pending != nil {
				s.t.Error("a journal was written")
			}
			if s.refuse != nil {
				return s.refuse
			}
			return save(c)
		})
	})
}

func TestClientCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{TTL: time.Hour, RequireSecret: true})
		w.Store = &journalStore{Store: w.store, t: t}
		var form string
		transport := w.HTTP.Transport
		w.HTTP.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			response, err := transport.RoundTrip(r)
			if r.Form != nil {
				form = r.Form.Encode()
			}
			return response, err
		})
		want := []freshet.Outcome{freshet.Refreshed, freshet.Cached, freshet.Refreshed}
		for i, pause := range []time.Duration{0, 10 * time.Minute, 40 * time.Minute} {
			time.Sleep(pause)
			result, err := w.Token(t.Context(), acme, freshet.Options{})
			c := w.connection(t)
			if err != nil || result.Outcome != want[i] || result.Rotated || result.Warning != nil {
				t.Fatalf("%d: %v, rotated %v, warning %v, %v", i, result.Outcome, result.Rotated, result.Warning, err)
			}
			if !w.server.ValidAccess(c.Token.AccessToken()) || c.Token.RefreshToken() != "" {
				t.Errorf("%d: the saved access token is not the server's, or there is a refresh token", i)
			}
			if at, from := c.RefreshExpiry(time.Now()); !at.IsZero() {
				t.Errorf("%d: the refresh token expires at %v (%s)", i, at, from)
			}
		}
		w.wantRequests(t, 2)
		if got := w.server.Stats().ClientTokens; got != 2 {
			t.Errorf("%d tokens for the client, want 2: %s", got, form)
		}
		if got := w.connection(t).Token.Member("scope"); got != "read write" {
			t.Errorf("scope %q", got)
		}
	})
}

func TestClientCredentialsMakeOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{Latency: time.Second})
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.wantRequests(t, 1)
	})
}

// What was sent is sent again in the same call if no token came: nothing is spent.
func TestClientCredentialsAreRepeated(t *testing.T) {
	for _, test := range []struct {
		fault    string
		requests int
		kind     oauth.Kind // of the first failure; "" for none
	}{
		{"lost", 2, oauth.Temporary},
		{"500", 2, oauth.Temporary},
		{"503", 2, oauth.Temporary},
		{"429", 2, oauth.Temporary},
		{"truncated", 2, oauth.Temporary},
		{"huge", 2, oauth.Temporary},
		{"no-token", 2, oauth.Temporary},
		{"control", 2, oauth.Temporary},
		{"error200", 1, oauth.Misconfigured},
		{"grant=no client credentials user", 1, oauth.Misconfigured},
		{"envelope", 1, oauth.Misconfigured},
		{"add-refresh", 1, ""},
		{"null-refresh", 1, ""},
		{"content-type", 1, ""},
	} {
		t.Run(test.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newClientWorld(t, oauthtest.Config{Faults: []oauthtest.Fault{{Name: test.fault, Count: 1}}})
				w.Store = &journalStore{Store: w.store, t: t}
				_, err := w.Token(t.Context(), acme, freshet.Options{})
				w.wantRequests(t, test.requests)
				history := w.connection(t).History.Entries
				if test.kind != "" && history[0].Kind != test.kind {
					t.Errorf("the first failure is %q, want %q", history[0].Kind, test.kind)
				}
				if test.kind != oauth.Misconfigured {
					if err != nil || len(history) != test.requests {
						t.Errorf("%v, history %v", err, history)
					}
					return
				}
				failed := refreshError(t, err)
				if strings.Contains(failed.Remedy.String(), "log in") || errors.Is(err, freshet.ErrLoginRequired) ||
					failed.NextAttempt.IsZero() {
					t.Errorf("%v → %s; next attempt %v", failed, failed.Remedy, failed.NextAttempt)
				}
				time.Sleep(time.Until(failed.NextAttempt))
				if _, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil {
					t.Errorf("at the next attempt: %v", err)
				}
			})
		})
	}
}

// A server may send a refresh token, although RFC 6749 §4.4.3 says that it should not.
func TestClientCredentialsDoNotUseARefreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{Faults: []oauthtest.Fault{{Name: "add-refresh", Count: 1}}})
		for range 2 {
			if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
				t.Fatal(err)
			}
		}
		if stats := w.server.Stats(); stats.ClientTokens != 2 || stats.Refreshes != 0 {
			t.Errorf("%+v", stats)
		}
		c := w.connection(t)
		if !w.server.ValidRefresh(string(c.Token.RefreshToken())) {
			t.Error("the refresh token was not kept")
		}
	})
}

func TestClientCredentialsFailureIsOfOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{})
		token := func() error {
			_, err := w.Token(t.Context(), acme, freshet.Options{})
			return err
		}
		if err := token(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		for range 8 { // so that the next attempt is far away
			w.server.Fail(oauthtest.Fault{Name: "grant=no", Count: 1})
			if _, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err == nil {
				t.Fatal("a refused request succeeded")
			}
		}
		before := w.server.Stats().Requests
		if err := token(); err == nil {
			t.Fatal("the next attempt was not awaited")
		}
		w.wantRequests(t, before)
		failed := w.connection(t)
		for _, test := range []struct {
			name    string
			change  func(*freshet.Connection)
			applies bool
		}{
			{"nothing", func(*freshet.Connection) {}, true},
			{"scopes", func(c *freshet.Connection) { c.Scopes = []string{"other"} }, false},
			{"client", func(c *freshet.Connection) { c.Client.ID = "other" }, false},
			{"endpoint", func(c *freshet.Connection) { c.Endpoints.Token = "https://op.example/token" }, false},
			{"source of the secret", func(c *freshet.Connection) { c.SecretFrom = "env:OTHER" }, false},
			{"secret", func(c *freshet.Connection) { c.Client.Secret = "other" }, false},
			{"another way", func(c *freshet.Connection) { c.RenewBy = nil }, false},
			{"a token from elsewhere", func(c *freshet.Connection) { c.Token = parse(t, `{"access_token":"b"}`) }, false},
		} {
			c := failed
			test.change(&c)
			if got := c.CurrentHealth().LastFailure != nil; got != test.applies {
				t.Errorf("after a change of %s the failure applies: %v, want %v", test.name, got, test.applies)
			}
		}
		time.Sleep(10 * time.Minute)
		if err := token(); err != nil {
			t.Error(err)
		}
	})
}

func TestRenewal(t *testing.T) {
	const both = `{"access_token":"a","refresh_token":"r"}`
	client := func(grants ...freshet.GrantType) freshet.Registration {
		return freshet.Registration{
			Client: oauth.Client{ID: "id"}, SecretFrom: "env:SECRET", RenewBy: grants,
			Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
		}
	}
	public := client(freshet.GrantClientCredentials)
	public.Client.Auth, public.SecretFrom = oauth.AuthNone, ""
	for _, test := range []struct {
		name         string
		registration freshet.Registration
		token        string
		want         freshet.GrantType
		err          string // "" for none
	}{
		{"default", client(), both, freshet.GrantRefreshToken, ""},
		{"no token", client(), ``, freshet.GrantRefreshToken, "not logged in yet"},
		{"no refresh token", client(), `{"access_token":"a"}`, freshet.GrantRefreshToken, "no refresh_token"},
		{"client", client("client_credentials"), ``, freshet.GrantClientCredentials, ""},
		{"client, refresh token unused", client("client_credentials"), both, freshet.GrantClientCredentials, ""},
		{"the first that can work", client("refresh_token", "client_credentials"), both, freshet.GrantRefreshToken, ""},
		{"the second", client("refresh_token", "client_credentials"), `{}`, freshet.GrantClientCredentials, ""},
		{"public client", public, ``, freshet.GrantClientCredentials, "a client that authenticates"},
		{"unknown", client("magic"), both, freshet.GrantRefreshToken, `unknown grant type "magic"`},
		{"unknown second", client("refresh_token", "magic"), both, freshet.GrantRefreshToken, "unknown grant type"},
	} {
		c := freshet.Connection{Name: acme, Registration: test.registration}
		if test.token != "" {
			c.Token = parse(t, test.token)
		}
		got, err := c.Renewal()
		if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %v, %v; want %v, %s", test.name, got, err, test.want, test.err)
		}
	}
}

func TestClientCredentialsNeedASecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{})
		c := w.connection(t)
		c.SecretFrom = ""
		w.store.Put(c)
		_, err := w.Token(t.Context(), acme, freshet.Options{})
		p, ok := errors.AsType[*freshet.SetupError](err)
		if !ok || p.Kind != oauth.Misconfigured || !strings.Contains(p.What, "no client secret is known") {
			t.Errorf("%v", err)
		}
		w.wantRequests(t, 0)
	})
}

func TestKeeperWithClientCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{TTL: time.Hour})
		w.store = new(freshet.MemoryStore)
		w.Store = &journalStore{Store: w.store, t: t}
		k := freshet.NewKeeper(w.config())
		defer k.Close(t.Context())
		if err := k.Create(t.Context(), acme, w.clientRegistration(), nil); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []freshet.Registration{
			{RenewBy: []freshet.GrantType{"magic"}},
			{}, // it needs a response
			{RenewBy: []freshet.GrantType{freshet.GrantClientCredentials}}, // no endpoint, no client
		} {
			if err := k.Create(t.Context(), "bad", bad, nil); err == nil {
				t.Errorf("%+v was created", bad.RenewBy)
			}
		}
		if got := w.connection(t).Token; !got.IsZero() {
			t.Errorf("%v before the first request", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan error)
		go func() { stopped <- k.Run(ctx) }()
		time.Sleep(5 * time.Second)
		w.wantRequests(t, 1)
		time.Sleep(24 * time.Hour)
		token, err := k.Token(t.Context(), acme)
		if err != nil || !w.server.ValidAccess(token.AccessToken()) {
			t.Errorf("after a day: %v", err)
		}
		if n := w.server.Stats().ClientTokens; n < 30 || n > 45 {
			t.Errorf("%d tokens in a day, of an hour each", n)
		}
		n := w.server.Stats().ClientTokens
		if err := k.Put(t.Context(), acme, w.clientRegistration(), nil); err != nil {
			t.Error(err)
		}
		if after, err := k.Token(t.Context(), acme); err != nil || after.AccessToken() != token.AccessToken() {
			t.Errorf("the same registration again: another token, %v", err)
		}
		if got := w.server.Stats().ClientTokens; got != n {
			t.Errorf("%d more requests", got-n)
		}
		cancel()
		<-stopped
	})
}

// A token that cannot be saved is handed out with a warning. A keeper does not ask for another as long
// as it is fresh, and saves it as soon as that is possible.
func TestClientCredentialsThatCannotBeSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{TTL: time.Hour})
		store := &journalStore{Store: w.store, t: t, refuse: errors.New("disk full")}
		w.Store = store
		result, err := w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || !w.server.ValidAccess(result.Connection.Token.AccessToken()) || result.Warning == nil ||
			!strings.Contains(result.Warning.Error(), "could not be saved: disk full") {
			t.Fatalf("%v, warning %v", err, result.Warning)
		}
		k := freshet.NewKeeper(w.config())
		var first, second freshet.Token
		if first, err = k.Token(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		before := w.server.Stats().Requests
		for range 30 {
			time.Sleep(time.Minute)
			if second, err = k.Token(t.Context(), acme); err != nil || second.AccessToken() != first.AccessToken() {
				t.Fatalf("another token, or %v", err)
			}
		}
		w.wantRequests(t, before)
		time.Sleep(40 * time.Minute)
		if second, err = k.Token(t.Context(), acme); err != nil || !w.server.ValidAccess(second.AccessToken()) {
			t.Fatalf("after it expired: %v", err)
		}
		store.refuse = nil
		time.Sleep(10 * time.Minute)
		if second, err = k.Token(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := w.connection(t).Token.AccessToken(); got != second.AccessToken() {
			t.Error("it was not saved when that was possible")
		}
		if err := k.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Closing does not wait for the saving of a token that can be replaced.
func TestCloseWithUnsavedClientCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{TTL: time.Hour})
		w.Store = &journalStore{Store: w.store, t: t, refuse: errors.New("disk full")}
		k := freshet.NewKeeper(w.config())
		if _, err := k.Token(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if err := k.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestRevokeClientCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{})
		if _, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil {
			t.Fatal(err)
		}
		access := w.connection(t).Token.AccessToken()
		if _, err := w.Revoke(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if w.server.ValidAccess(access) {
			t.Error("the access token is valid")
		}
		if _, err := w.Token(t.Context(), acme, freshet.Options{}); !errors.Is(err, freshet.ErrLoginRequired) {
			t.Errorf("after the revocation: %v", err)
		}
		w.wantRequests(t, 1)
		result, err := w.Login(t.Context(), acme, freshet.CodeExchange{Registration: w.clientRegistration()})
		c := w.connection(t)
		if err != nil || result.Outcome != freshet.LoggedIn || c.Revoked() {
			t.Errorf("%v, %v", result.Outcome, err)
		}
	})
}

func TestLoginWithClientCredentials(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault oauthtest.Fault
		kind  oauth.Kind // "" for success
	}{
		{"success", oauthtest.Fault{}, ""},
		{"refused", oauthtest.Fault{Name: "grant=no"}, oauth.Misconfigured},
		{"lost once", oauthtest.Fault{Name: "lost", Count: 1}, ""},
		{"lost", oauthtest.Fault{Name: "lost"}, oauth.Temporary},
		{"server error", oauthtest.Fault{Name: "500"}, oauth.Temporary},
		{"no token in it", oauthtest.Fault{Name: "no-token"}, oauth.Temporary},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newClientWorld(t, oauthtest.Config{})
				w.put(w.first) // a connection with a refresh token becomes one without
				w.Store = &journalStore{Store: w.store, t: t}
				if test.fault.Name != "" {
					w.server.Fail(test.fault)
				}
				_, err := w.Login(t.Context(), acme, freshet.CodeExchange{Registration: w.clientRegistration()})
				c := w.connection(t)
				if test.kind == "" {
					if err != nil || c.Token.RefreshToken() != "" || c.RenewBy == nil || c.Client.Secret != "" {
						t.Errorf("%v; renewed by %v", err, c.RenewBy)
					}
					return
				}
				failed := refreshError(t, err)
				if failed.Kind != test.kind || c.RenewBy != nil || c.Token.AccessToken() != w.first.AccessToken() {
					t.Errorf("kind %q: %v; renewed by %v", failed.Kind, err, c.RenewBy)
				}
			})
		})
	}
}

func TestTransportWithClientCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newClientWorld(t, oauthtest.Config{})
		k := freshet.NewKeeper(w.config())
		defer k.Close(t.Context())
		client := http.Client{Transport: &freshet.Transport{
			Source: k.Source(acme), Base: w.server.Transport(), Hosts: []string{"127.0.0.1:1"},
		}}
		for i := range 2 {
			response, err := client.Get(w.server.URL() + "/services/data/")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("%d: status %d", i, response.StatusCode)
			}
			w.server.Revoke(w.connection(t).Token.AccessToken()) // the next request is refused at first
			time.Sleep(2 * time.Minute)
		}
		if got := w.server.Stats().ClientTokens; got != 2 {
			t.Errorf("%d tokens, want 2", got)
		}
	})
}

// A connection becomes one of client credentials while a refresh of it is interrupted. Requests that
// spend nothing leave the mark, until there is another refresh token.
func TestClientCredentialsAfterAnInterruptedRefresh(t *testing.T) {
	for _, test := range []struct {
		name    string
		reply   string // "" for an intent without a reply
		outcome freshet.Outcome
		refresh string // the refresh token in the document afterwards
	}{
		{"no reply", ``, freshet.Refreshed, "r-1"},
		{"a reply", `{"access_token":"a-2","refresh_token":"r-2","expires_in":3600}`, freshet.Recovered, "r-2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newClientWorld(t, oauthtest.Config{})
				token := parse(t, `{"access_token":"a-1","refresh_token":"r-1","expires_in":60}`)
				c := freshet.Connection{Name: acme, Token: token, Registration: w.clientRegistration(), Saved: time.Now()}
				c.Pending = &freshet.Pending{Spent: token.RefreshTokenHash(), Since: time.Now()}
				if test.reply != "" {
					c.Pending.Reply = &oauth.Reply{Host: "op.example", Status: 200, Body: []byte(test.reply)}
					c.Pending.Received = time.Now()
				}
				w.store.Put(c)
				time.Sleep(50 * time.Second)
				result, err := w.Token(t.Context(), acme, freshet.Options{})
				if err != nil || result.Outcome != test.outcome || result.Warning != nil {
					t.Fatalf("%v, warning %v, %v", result.Outcome, result.Warning, err)
				}
				marked := test.reply == ""
				if (w.pending(t) != nil) != marked || string(w.connection(t).Token.RefreshToken()) != test.refresh {
					t.Errorf("pending %+v, or the refresh token is another one", w.pending(t))
				}
			})
		})
	}
}

// Whatever becomes of a request that spends nothing, the mark of an interrupted refresh stays: the
// connection may be renewed by its refresh token again.
func TestClientCredentialsKeepTheMark(t *testing.T) {
	for _, fault := range []string{"", "lost", "500", "429", "no-token", "grant=no", "envelope", "add-refresh"} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := oauthtest.Config{}
				if fault != "" {
					config.Faults = []oauthtest.Fault{{Name: fault, Count: 1}}
				}
				w := newClientWorld(t, config)
				token := parse(t, `{"access_token":"a-1","refresh_token":"r-1","expires_in":60}`)
				mark := freshet.Pending{Spent: token.RefreshTokenHash(), Since: time.Now(), Problem: "no answer"}
				w.store.Put(freshet.Connection{
					Name: acme, Token: token, Registration: w.clientRegistration(), Saved: time.Now(), Pending: &mark,
				})
				time.Sleep(time.Hour)
				_, _ = w.Refresh(t.Context(), acme, freshet.Options{})
				w.wantRequests(t, 1)
				now := w.pending(t)
				if fault == "add-refresh" { // another refresh token
					if now != nil {
						t.Errorf("%+v is not about the saved refresh token", now)
					}
					return
				}
				if now == nil || *now != mark {
					t.Errorf("the mark is %+v, want %+v", now, mark)
				}
			})
		})
	}
}
