package freshet_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

func TestUnansweredRefreshIsRepeatedOnceAfterExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour, Faults: []oauthtest.Fault{{Name: "lost", Count: 1}}})
		time.Sleep(50 * time.Minute)
		for range 3 {
			result, err := w.Token(t.Context(), acme, freshet.Options{})
			if err != nil || result.Warning == nil {
				t.Fatalf("%v, warning %v", err, result.Warning)
			}
			w.wantRequests(t, 1)
			time.Sleep(2 * time.Minute)
		}
		time.Sleep(10 * time.Minute)
		if result, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil ||
			result.Outcome != freshet.Refreshed {
			t.Errorf("%v, %v", result.Outcome, err)
		}
		w.wantRequests(t, 2)
	})
}

func TestRefusalAfterAnInterruptionNamesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: "lost", Count: 1}}})
		_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		if refreshError(t, err).Kind != oauth.Unknown {
			t.Fatal(err)
		}
		_, err = w.Token(t.Context(), acme, freshet.Options{Forced: true, Insist: true})
		if failed := refreshError(t, err); failed.Kind != oauth.LoginRequired ||
			!strings.Contains(failed.Cause, "was interrupted") {
			t.Errorf("%v: %v", failed.Kind, failed)
		}
	})
}

func TestRefreshTokenIsSalvagedFromABrokenReply(t *testing.T) {
	for _, fault := range []string{"no-token", "bad-member", "control"} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: fault, Count: 1}}})
				result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
				if err != nil || result.Outcome != freshet.Refreshed {
					t.Errorf("%v, %v", result.Outcome, err)
				}
				if stats := w.server.Stats(); stats.Reuses != 0 || stats.Refreshes != 2 {
					t.Errorf("%+v", stats)
				}
			})
		})
	}
}

func TestTokenSavedByAnotherProgramIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: time.Second})
		foreign := parse(t, string(w.server.Document()))
		go func() {
			time.Sleep(time.Second / 2)
			w.put(foreign)
		}()
		result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		if err != nil || result.Outcome != freshet.Adopted || result.Warning == nil {
			t.Errorf("%v, %v, warning %v", result.Outcome, err, result.Warning)
		}
		if got := w.connection(t).Token; string(got.Bytes()) != string(foreign.Bytes()) {
			t.Error("what the other program saved is gone")
		}
	})
}

func TestJournaledReplyIsAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		interrupt(t, w)
		result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		if err != nil || result.Outcome != freshet.Recovered || !result.Rotated {
			t.Fatalf("%v, %v", result.Outcome, err)
		}
		w.wantRequests(t, 1)
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) || w.pending(t) != nil {
			t.Error("the reply was not rolled forward")
		}
	})
}

// interrupt makes a refresh that stops after the reply is written to the journal.
func interrupt(t *testing.T, w *world) {
	t.Helper()
	stopped := errors.New("killed")
	r := *w.Refresher
	r.Store = interrupted{w.store, stopped}
	if _, err := r.Refresh(t.Context(), acme, freshet.Options{Forced: true}); !errors.Is(err, stopped) {
		t.Fatal(err)
	}
	if p := w.pending(t); p == nil || p.Reply == nil {
		t.Fatalf("no reply is in the journal: %+v", p)
	}
}

// interrupted is a store that saves the journal but no token.
type interrupted struct {
	*freshet.MemoryStore
	err error
}

func (s interrupted) Update(ctx context.Context, name string, change freshet.Change) error {
	return s.MemoryStore.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		return change(ctx, c, func(c freshet.Connection) error {
			if c.Pending == nil {
				return s.err
			}
			return save(c)
		})
	})
}

func TestUnsavedTokenIsReturnedWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		full := errors.New("no space left")
		w.Store = interrupted{w.store, full}
		result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		var unsaved *freshet.UnsavedError
		if !errors.As(err, &unsaved) || !errors.Is(err, full) {
			t.Fatalf("got %v", err)
		}
		if !w.server.ValidAccess(result.Connection.Token.AccessToken()) {
			t.Error("the new token is not handed out")
		}
		w.wantRequests(t, 1)
	})
}

// A 503 to the next attempt says nothing about the interrupted one.
func TestInterruptionMarkSurvivesABusyServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := []oauthtest.Fault{{Name: "lost", Count: 1}, {Name: "503", Count: 9}}
		w := newWorld(t, oauthtest.Config{Rotate: true, Faults: faults})
		for range 2 {
			if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err == nil {
				t.Fatal("it worked")
			}
			time.Sleep(time.Minute)
		}
		if p := w.pending(t); p == nil || p.Reply != nil || p.Problem == "" {
			t.Errorf("pending: %+v", p)
		}
	})
}

func TestRefusalOfAReplacedTokenIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := []oauthtest.Fault{{Name: "grant=gone", Count: 1}}
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: time.Second, Faults: faults})
		foreign := parse(t, string(w.server.Document()))
		foreign, err := foreign.Merge([]byte(`{"access_token":"old","expires_at":1}`), received)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Second / 2)
			w.put(foreign)
		}()
		result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		if err != nil || !w.server.ValidAccess(result.Connection.Token.AccessToken()) {
			t.Errorf("%v, %v", result.Outcome, err)
		}
		if stats := w.server.Stats(); stats.Requests > 2 || stats.Reuses != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestJournalOfASavedReplyIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		interrupt(t, w)
		c := w.connection(t)
		c.Pending = w.pending(t)
		object, err := c.Pending.Reply.Object()
		if err != nil {
			t.Fatal(err)
		}
		if c.Token, err = c.Token.Merge(object, c.Pending.Received); err != nil {
			t.Fatal(err)
		}
		w.store.Put(c)
		result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		if err != nil || result.Outcome != freshet.Recovered || w.pending(t) != nil {
			t.Errorf("%v, %v", result.Outcome, err)
		}
		if w.connection(t).Health.LastSuccess.IsZero() {
			t.Error("the refresh is not remembered")
		}
		w.wantRequests(t, 1)
	})
}

// That holds even if the login brings no refresh token.
func TestLoginAfterAnInterruptionIsNotTakenForItsResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour})
		interrupt(t, w)
		p := w.pending(t)
		time.Sleep(2 * time.Hour)
		login := w.connection(t)
		login.Token = parse(t, `{"access_token":"new","refresh_token":"new"}`)
		login.Saved, login.Pending = time.Now(), p
		w.store.Put(login)
		result, err := w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || result.Connection.Token.AccessToken() != "new" {
			t.Errorf("%v, %v", result.Outcome, err)
		}
		w.wantRequests(t, 1)
	})
}

// A server that sends new refresh tokens but never an access token is not asked all the time.
func TestSalvageCountsAsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: "no-token"}}})
		time.Sleep(2 * time.Hour)
		for range 100 {
			if _, err := w.Refresh(t.Context(), acme, freshet.Options{}); err == nil {
				t.Fatal("it worked")
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := w.server.Stats().Requests; n > 8 {
			t.Errorf("%d requests in ten seconds", n)
		}
		if stats := w.server.Stats(); stats.Reuses != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

// Only with its provider's file a journaled reply can be read. It contains the only valid refresh
// token, so it is kept until the file exists.
func TestJournaledReplyIsKeptUntilTheProviderFileExists(t *testing.T) {
	store := new(freshet.MemoryStore)
	token := parse(t, `{"access_token":"a-1","refresh_token":"r-1","expires_in":3600}`)
	store.Put(freshet.Connection{Name: acme, Token: token, Saved: time.Now(), Registration: freshet.Registration{
		Provider: "acme-of-another-host", Client: oauth.Client{ID: "c"},
		Endpoints: oauth.Endpoints{Token: "https://id.acme.example/token"},
	}})
	err := store.Update(t.Context(), acme, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Pending = &freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: "another", PID: 7}
		if err := save(c); err != nil {
			return err
		}
		pending := *c.Pending
		pending.Received = time.Now()
		pending.Reply = &oauth.Reply{Status: 200, Body: []byte(`{"data":{"access_token":"a-2","refresh_token":"r-2"}}`)}
		c.Pending = &pending
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
	unused := &http.Client{
		Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("not to be used") }),
	}
	refresher := &freshet.Refresher{Store: store, HTTP: unused}
	grant := freshet.CodeExchange{Form: oauth.CodeGrant("code", "", ""), Registration: freshet.Registration{
		Client: oauth.Client{ID: "c"}, Endpoints: oauth.Endpoints{Token: "https://id.acme.example/token"},
	}}
	_, errRefresh := refresher.Token(t.Context(), acme, freshet.Options{Forced: true})
	_, errLogin := refresher.Login(t.Context(), acme, grant)
	for _, err := range []error{errRefresh, errLogin} {
		if err == nil || !strings.Contains(err.Error(), "acme-of-another-host") {
			t.Errorf("%v, want it to say which file is missing", err)
		}
	}
	err = store.Update(t.Context(), acme, func(_ context.Context, c freshet.Connection, _ freshet.Save) error {
		if c.Pending == nil || c.Pending.Reply == nil || !strings.Contains(string(c.Pending.Reply.Body), "r-2") {
			t.Errorf("the reply with the next refresh token is gone: %+v", c.Pending)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
