package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// world is a store with one connection, and its authorization server, in one bubble of fake time.
type world struct {
	*freshet.Refresher
	store  *freshet.MemoryStore
	server *oauthtest.Server
	first  freshet.Token
}

const acme = "acme"

func newWorld(t *testing.T, config oauthtest.Config) *world {
	t.Helper()
	server := oauthtest.NewHandler(config, "http://127.0.0.1:1")
	w := &world{store: new(freshet.MemoryStore), server: server, first: parse(t, string(server.Document()))}
	w.Refresher = &freshet.Refresher{Store: w.store, HTTP: &http.Client{Transport: direct{server}}}
	w.put(w.first)
	return w
}

func (w *world) put(token freshet.Token) {
	w.store.Put(freshet.Connection{
		Name: acme, Token: token, Saved: time.Now(), Endpoint: w.server.TokenEndpoint(), Client: oauth.Client{ID: w.server.ClientID()},
	})
}

func (w *world) connection(t *testing.T) freshet.Connection {
	t.Helper()
	c, err := w.store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pending is what an update would find.
func (w *world) pending(t *testing.T) (pending *freshet.Pending) {
	t.Helper()
	err := w.store.Update(t.Context(), acme, func(_ context.Context, c freshet.Connection, _ freshet.Save) error {
		pending = c.Pending
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pending
}

func (w *world) wantRequests(t *testing.T, n int) {
	t.Helper()
	if got := w.server.Stats().Requests; got != n {
		t.Errorf("the server saw %d requests, want %d", got, n)
	}
}

// direct answers requests from a handler, without a network, which fake time cannot cross.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (response *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = io.ErrUnexpectedEOF // the handler dropped the connection
		}
	}()
	recorder := httptest.NewRecorder()
	d.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

func TestAskPrefersWhatIsSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		answer, err := w.Ask(t.Context(), acme, freshet.Demand{})
		if err != nil || answer.Outcome != freshet.Cached {
			t.Fatalf("%v, %v", answer.Outcome, err)
		}
		w.wantRequests(t, 0)
		time.Sleep(41 * time.Minute)
		answer, err = w.Ask(t.Context(), acme, freshet.Demand{})
		if err != nil || answer.Outcome != freshet.Refreshed || !answer.Rotated {
			t.Fatalf("%v, rotated %v, %v", answer.Outcome, answer.Rotated, err)
		}
		w.wantRequests(t, 1)
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("the saved refresh token is not the server's")
		}
		if w.pending(t) != nil {
			t.Error("a refresh is pending after it has ended")
		}
	})
}

func TestDemands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		ask := func(d freshet.Demand) freshet.Answer {
			t.Helper()
			answer, err := w.Ask(t.Context(), acme, d)
			if err != nil {
				t.Fatal(err)
			}
			return answer
		}
		if a := ask(freshet.Demand{Forced: true}); a.Outcome != freshet.Refreshed {
			t.Errorf("forced: %v", a.Outcome)
		}
		if a := ask(freshet.Demand{MinTTL: 2 * time.Hour}); a.Outcome != freshet.Cached || a.Warning == nil {
			t.Errorf("longer than the provider issues, right after a refresh: %v, warning %v", a.Outcome, a.Warning)
		}
		w.wantRequests(t, 1)
		time.Sleep(55 * time.Second)
		if a := ask(freshet.Demand{MinTTL: 2 * time.Hour}); a.Outcome != freshet.Cached {
			t.Errorf("and a little later: %v", a.Outcome)
		}
		time.Sleep(10 * time.Second)
		if a := ask(freshet.Demand{MinTTL: 2 * time.Hour}); a.Outcome != freshet.Refreshed || a.Warning == nil {
			t.Errorf("more than a minute later: %v, warning %v", a.Outcome, a.Warning)
		}
		time.Sleep(2 * time.Minute)
		if a := ask(freshet.Demand{MinTTL: 59 * time.Minute}); a.Outcome != freshet.Refreshed {
			t.Errorf("longer than what is left: %v", a.Outcome)
		}
		if a := ask(freshet.Demand{Rejected: oauth.Secret(w.first.AccessToken())}); a.Outcome != freshet.Cached {
			t.Errorf("another than one that is long gone: %v", a.Outcome)
		}
		rejected := oauth.Secret(w.connection(t).Token.AccessToken())
		_, err := w.Ask(t.Context(), acme, freshet.Demand{Rejected: rejected})
		if failed := refreshError(t, err); failed.Kind != oauth.Temporary {
			t.Errorf("refusing a token that was just delivered: %v", failed.Kind)
		}
		time.Sleep(2 * time.Minute)
		if a := ask(freshet.Demand{Rejected: rejected}); a.Outcome != freshet.Refreshed {
			t.Errorf("another than the present one: %v", a.Outcome)
		}
		w.wantRequests(t, 4)
	})
}

func refreshError(t *testing.T, err error) *freshet.RefreshError {
	t.Helper()
	var failed *freshet.RefreshError
	if !errors.As(err, &failed) || failed.Cause == "" || failed.Remedy == "" {
		t.Fatalf("got %v, want a refresh error with cause and remedy", err)
	}
	return failed
}

func TestDryRunSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		answer, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true, DryRun: true})
		if err != nil || answer.Outcome != freshet.Planned {
			t.Errorf("%v, %v", answer.Outcome, err)
		}
		w.wantRequests(t, 0)
		if w.pending(t) != nil {
			t.Error("a dry run left a mark")
		}
	})
}

func TestFailureWhileTheTokenIsValidIsAWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour, Faults: []oauthtest.Fault{{Name: "grant=user is inactive"}}})
		time.Sleep(50 * time.Minute)
		answer, err := w.Ask(t.Context(), acme, freshet.Demand{})
		if err != nil || answer.Outcome != freshet.Cached || !errors.Is(answer.Warning, freshet.ErrLoginRequired) {
			t.Fatalf("%v, %v, warning %v", answer.Outcome, err, answer.Warning)
		}
		time.Sleep(20 * time.Minute)
		if _, err = w.Ask(t.Context(), acme, freshet.Demand{}); !errors.Is(err, freshet.ErrLoginRequired) {
			t.Errorf("after expiry: %v", err)
		}
		w.wantRequests(t, 1) // a refused refresh token is not sent again
		if _, err = w.Ask(t.Context(), acme, freshet.Demand{Forced: true, Insist: true}); !errors.Is(err, freshet.ErrLoginRequired) {
			t.Errorf("insisting: %v", err)
		}
		w.wantRequests(t, 2)
	})
}

func TestRetriesOnlyWhereTheServerCannotHaveActed(t *testing.T) {
	for _, test := range []struct {
		fault    string
		requests int
		kind     oauth.Kind
	}{
		{"429:2", 3, ""},
		{"503:2", 3, ""},
		{"unknown:1", 2, ""},
		{"grant=token request is already being processed:1", 2, ""},
		{"500:1", 1, oauth.Unknown},
		{"lost:1", 1, oauth.Unknown},
		{"reset:1", 1, oauth.Unknown},
		{"error200:1", 1, oauth.LoginRequired},
		{"redirect:1", 1, oauth.Misconfigured},
		{"huge:1", 1, oauth.Unknown},
	} {
		t.Run(test.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fault, err := oauthtest.ParseFault(test.fault)
				if err != nil {
					t.Fatal(err)
				}
				w := newWorld(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Faults: []oauthtest.Fault{fault}})
				_, err = w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
				w.wantRequests(t, test.requests)
				if w.server.Stats().RedirectsFollowed != 0 {
					t.Error("a redirect was followed")
				}
				if test.kind == "" {
					if err != nil {
						t.Error(err)
					}
				} else if failed := refreshError(t, err); failed.Kind != test.kind {
					t.Errorf("%v is %q, want %q", err, failed.Kind, test.kind)
				}
			})
		})
	}
}

func TestRetryAfterBeyondTheCallersPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Faults: []oauthtest.Fault{{Name: "503"}}})
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		_, err := w.Ask(ctx, acme, freshet.Demand{Forced: true})
		failed := refreshError(t, err)
		if failed.Kind != oauth.Temporary || time.Until(failed.NextAttempt) < time.Second/2 {
			t.Errorf("%v, next attempt in %v", failed.Kind, time.Until(failed.NextAttempt))
		}
		w.wantRequests(t, 1)
		if next := w.connection(t).Health.NextAttempt; !next.Equal(failed.NextAttempt) {
			t.Errorf("others are told %v, not %v", next, failed.NextAttempt)
		}
	})
}

func TestAnUnansweredRefreshIsTriedOnceMoreAfterExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour, Faults: []oauthtest.Fault{{Name: "lost", Count: 1}}})
		time.Sleep(50 * time.Minute)
		for range 3 {
			answer, err := w.Ask(t.Context(), acme, freshet.Demand{})
			if err != nil || answer.Warning == nil {
				t.Fatalf("%v, warning %v", err, answer.Warning)
			}
			w.wantRequests(t, 1)
			time.Sleep(2 * time.Minute)
		}
		time.Sleep(10 * time.Minute)
		if answer, err := w.Ask(t.Context(), acme, freshet.Demand{}); err != nil || answer.Outcome != freshet.Refreshed {
			t.Errorf("%v, %v", answer.Outcome, err)
		}
		w.wantRequests(t, 2)
	})
}

func TestARefusalAfterAnInterruptionNamesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: "lost", Count: 1}}})
		if _, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true}); refreshError(t, err).Kind != oauth.Unknown {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		_, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
		if failed := refreshError(t, err); failed.Kind != oauth.LoginRequired || !strings.Contains(failed.Cause, "was interrupted") {
			t.Errorf("%v: %v", failed.Kind, failed)
		}
	})
}

func TestASalvagedRefreshToken(t *testing.T) {
	for _, fault := range []string{"no-token", "bad-member", "control"} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: fault, Count: 1}}})
				answer, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
				if err != nil || answer.Outcome != freshet.Refreshed {
					t.Errorf("%v, %v", answer.Outcome, err)
				}
				if stats := w.server.Stats(); stats.Reuses != 0 || stats.Refreshes != 2 {
					t.Errorf("%+v", stats)
				}
			})
		})
	}
}

func TestAForeignProgramsTokenIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: time.Second})
		foreign := parse(t, string(w.server.Document()))
		go func() {
			time.Sleep(time.Second / 2)
			w.put(foreign)
		}()
		answer, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
		if err != nil || answer.Outcome != freshet.Adopted || answer.Warning == nil {
			t.Errorf("%v, %v, warning %v", answer.Outcome, err, answer.Warning)
		}
		if got := w.connection(t).Token; string(got.Bytes()) != string(foreign.Bytes()) {
			t.Error("what the other program saved is gone")
		}
	})
}

func TestAJournalledReplyIsAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		interrupt(t, w)
		answer, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
		if err != nil || answer.Outcome != freshet.Recovered || !answer.Rotated {
			t.Fatalf("%v, %v", answer.Outcome, err)
		}
		w.wantRequests(t, 1)
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) || w.pending(t) != nil {
			t.Error("the reply was not rolled forward")
		}
	})
}

// interrupt makes a refresh and stops at the moment at which the reply is journalled and nothing more.
func interrupt(t *testing.T, w *world) {
	t.Helper()
	stopped := errors.New("killed")
	r := *w.Refresher
	r.Store = interrupted{w.store, stopped}
	if _, err := r.Exchange(t.Context(), acme, freshet.Demand{Forced: true}); !errors.Is(err, stopped) {
		t.Fatal(err)
	}
	if p := w.pending(t); p == nil || p.Reply == nil {
		t.Fatalf("no reply is journalled: %+v", p)
	}
}

// interrupted is a store that saves a journal and then no token.
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

func TestAResultThatCannotBeSavedIsHandedOutAndSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		full := errors.New("no space left")
		w.Store = interrupted{w.store, full}
		answer, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
		var unsaved *freshet.UnsavedError
		if !errors.As(err, &unsaved) || !errors.Is(err, full) {
			t.Fatalf("got %v", err)
		}
		if !w.server.ValidAccess(answer.Connection.Token.AccessToken()) {
			t.Error("the new token is not handed out")
		}
		w.wantRequests(t, 1)
	})
}

func TestACallersCancellationEndsOnlyItsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: 10 * time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			time.Sleep(5 * time.Second)
			cancel()
		}()
		if _, err := w.Ask(ctx, acme, freshet.Demand{Forced: true}); err != nil {
			t.Errorf("the refresh on the wire was abandoned: %v", err)
		}
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("its result was not saved")
		}
	})
}

func TestASecretThatTheServerRepeatsIsNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		w.server.Fail(oauthtest.Fault{Name: fmt.Sprintf("grant=token %s is dead", string(w.first.RefreshToken()))})
		_, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
		if err == nil || strings.Contains(err.Error(), string(w.first.RefreshToken())) || !strings.Contains(err.Error(), "[secret]") {
			t.Errorf("got %v", err)
		}
	})
}

// A forced refresh takes what another completed after it had started, also when the provider delivers the same access
// token again.
func TestForcedRefreshesAtOnceAreOne(t *testing.T) {
	for name, config := range map[string]oauthtest.Config{
		"rotating":              {Rotate: true, Latency: time.Second},
		"the same access token": {Provider: oauthtest.Salesforce, SameAccessToken: true, Latency: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, config)
				outcomes := map[freshet.Outcome]int{}
				var mu sync.Mutex
				var callers sync.WaitGroup
				for range 10 {
					callers.Go(func() {
						answer, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
						if err != nil {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						outcomes[answer.Outcome]++
					})
				}
				callers.Wait()
				w.wantRequests(t, 1)
				if outcomes[freshet.Refreshed] != 1 || outcomes[freshet.Adopted] != 9 {
					t.Errorf("outcomes: %v", outcomes)
				}
			})
		})
	}
}

// What was interrupted stays in doubt when the next attempt is turned away for the moment.
func TestAnInterruptionSurvivesABusyServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: "lost", Count: 1}, {Name: "503", Count: 9}}})
		for range 2 {
			if _, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true}); err == nil {
				t.Fatal("it worked")
			}
			time.Sleep(time.Minute)
		}
		if p := w.pending(t); p == nil || p.Reply != nil || p.Problem == "" {
			t.Errorf("pending: %+v", p)
		}
	})
}

// answering is a server that answers every request alike, and counts them.
type answering struct {
	status   int
	body     string
	requests int
}

func (a *answering) RoundTrip(*http.Request) (*http.Response, error) {
	a.requests++
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

// A proxy answers 5xx also when the server behind it has acted and gone: the refresh token may be spent.
func TestAnUnclearAnswerIsNotAskedForAgain(t *testing.T) {
	for _, answer := range []answering{
		{status: 500},
		{status: 502},
		{status: 503},
		{status: 504},
		{status: 500, body: `{"error":"server_error"}`},
		{status: 500, body: `{"status":500,"error":"Internal Server Error"}`},
		{status: 503, body: `{"error":"temporarily_unavailable"}`},
	} {
		t.Run(fmt.Sprint(answer.status, answer.body), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{})
				w.HTTP.Transport = &answer
				_, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
				if failed := refreshError(t, err); failed.Kind != oauth.Unknown || answer.requests != 1 {
					t.Errorf("%v after %d requests", err, answer.requests)
				}
				if p := w.pending(t); p == nil || p.Problem == "" {
					t.Error("the mark of an unknown outcome is gone")
				}
			})
		})
	}
}

// Nobody asks again and again what was refused, but another client need not wait.
func TestAMisconfiguredClientIsNotTriedAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour})
		wrong := w.connection(t)
		wrong.Client.ID = "nobody"
		w.store.Put(wrong)
		time.Sleep(50 * time.Minute)
		keeper := freshet.NewKeeper(*w.Refresher)
		for range 600 {
			if _, err := keeper.Token(t.Context(), acme); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := w.server.Stats().Requests; n < 2 || n > 10 {
			t.Errorf("%d requests in a minute", n)
		}
		right := w.connection(t)
		right.Client.ID = w.server.ClientID()
		w.store.Put(right)
		if answer, err := w.Ask(t.Context(), acme, freshet.Demand{}); err != nil || answer.Outcome != freshet.Refreshed {
			t.Errorf("the right client: %v, %v, warning %v", answer.Outcome, err, answer.Warning)
		}
	})
}

func TestAWrongClockDoesNotBlockForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		c := w.connection(t)
		c.Health = freshet.Health{
			RefreshTokenHash: c.Token.RefreshTokenHash(), AccessTokenHash: parse(t, `{"refresh_token":"`+c.Token.AccessToken()+`"}`).RefreshTokenHash(),
			LastSuccess: time.Now().Add(48 * time.Hour), NextAttempt: time.Now().Add(48 * time.Hour), LastFailure: &freshet.Failure{Kind: oauth.Temporary},
		}
		w.store.Put(c)
		answer, err := w.Ask(t.Context(), acme, freshet.Demand{Rejected: oauth.Secret(c.Token.AccessToken())})
		if err != nil || answer.Outcome != freshet.Refreshed {
			t.Errorf("%v, %v", answer.Outcome, err)
		}
	})
}

func TestALongSecretThatTheServerRepeatsIsNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		long := strings.Repeat("secret-", 100)
		w.put(parse(t, `{"access_token":"a","refresh_token":"`+long+`"}`))
		w.HTTP.Transport = &answering{status: 400, body: `{"error":"bad ` + long + `","error_description":"Invalid refresh token: ` + long + `"}`}
		_, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
		if failed := refreshError(t, err); strings.Contains(failed.Error()+failed.Code, "secret-secret") {
			t.Errorf("got %v", err)
		}
	})
}

// A refusal is believed only of the token that is still the saved one.
func TestARefusalOfATokenThatAnotherProgramReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: time.Second, Faults: []oauthtest.Fault{{Name: "grant=gone", Count: 1}}})
		foreign, err := parse(t, string(w.server.Document())).Merge([]byte(`{"access_token":"old","expires_at":1}`), received)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Second / 2)
			w.put(foreign)
		}()
		answer, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
		if err != nil || !w.server.ValidAccess(answer.Connection.Token.AccessToken()) {
			t.Errorf("%v, %v", answer.Outcome, err)
		}
		if stats := w.server.Stats(); stats.Requests > 2 || stats.Reuses != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestAPredecessorThatDiedWhileCleaningUp(t *testing.T) {
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
		answer, err := w.Ask(t.Context(), acme, freshet.Demand{Forced: true})
		if err != nil || answer.Outcome != freshet.Recovered || w.pending(t) != nil {
			t.Errorf("%v, %v", answer.Outcome, err)
		}
		if w.connection(t).Health.LastSuccess.IsZero() {
			t.Error("the refresh is not remembered")
		}
		w.wantRequests(t, 1)
	})
}
