package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// running runs the keeper until the test of this bubble ends.
func running(t *testing.T, keeper *freshet.Keeper) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- keeper.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := keeper.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

func TestRunKeepsATokenAliveThatNobodyAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		defer running(t, freshet.NewKeeper(*w.Refresher))()
		for range 3 * 24 * 60 {
			time.Sleep(time.Minute)
			if !w.server.ValidAccess(w.connection(t).Token.AccessToken()) {
				t.Fatal("the saved token has expired")
			}
		}
		// Each lives for an hour and is stale after 37 to 40 minutes.
		if n := w.server.Stats().Refreshes; n < 3*24*60/43 || n > 3*24*60/36 {
			t.Errorf("%d refreshes in three days", n)
		}
	})
}

// An access token that lives for ever does not keep its refresh token from dying of not being used.
func TestRunKeepsADormantConnectionAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: 10 * 365 * 24 * time.Hour})
		c := w.connection(t)
		c.Policy.IdleLimit = 3 * 24 * time.Hour
		w.store.Put(c)
		keeper := freshet.NewKeeper(*w.Refresher)
		keeper.OnEvent = func(e freshet.Event) {
			if e.Kind != freshet.EventRotated {
				t.Errorf("an event %s: nobody needs to act", e.Kind)
			}
		}
		defer running(t, keeper)()
		time.Sleep(11 * 24 * time.Hour)
		if n := w.server.Stats().Refreshes; n != 4 {
			t.Errorf("%d refreshes in eleven days", n)
		}
	})
}

func TestRunFindsNewConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: 10 * time.Minute})
		keeper := freshet.NewKeeper(*w.Refresher)
		defer running(t, keeper)()
		registration := w.connection(t).Registration
		if err := keeper.Create(t.Context(), "ours", registration, w.server.Document()); err != nil {
			t.Fatal(err)
		}
		theirs := freshet.Connection{Name: "theirs", Registration: registration, Token: parse(t, string(w.server.Document()))}
		if err := w.store.Create(t.Context(), theirs); err != nil { // another process
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		for _, name := range []string{acme, "ours", "theirs"} {
			c, err := w.store.Get(t.Context(), name)
			if err != nil || !w.server.ValidAccess(c.Token.AccessToken()) {
				t.Errorf("%s is not alive: %v", name, err)
			}
		}
		if err := w.store.Delete(t.Context(), "theirs"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if _, err := keeper.Token(t.Context(), "theirs"); !errors.Is(err, freshet.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// A connection that was made of a refresh token alone gets its access token, and is alive from then on.
func TestRunBeginsWithARefreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		w.put(parse(t, fmt.Sprintf(`{"refresh_token":%q}`, string(w.first.RefreshToken()))))
		defer running(t, freshet.NewKeeper(*w.Refresher))()
		time.Sleep(time.Minute)
		if !w.server.ValidAccess(w.connection(t).Token.AccessToken()) {
			t.Error("it has no access token")
		}
		w.wantRequests(t, 1)
	})
}

// What the store does not list, such as a token file beside it, is refreshed early all the same.
func TestRunLeavesOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		w.Store = unlisted{w.store}
		keeper := freshet.NewKeeper(*w.Refresher)
		defer running(t, keeper)()
		source := keeper.Source(acme)
		valid(t, source)
		time.Sleep(45 * time.Minute)
		valid(t, source)
		synctest.Wait()
		w.wantRequests(t, 1)
	})
}

type unlisted struct{ freshet.Store }

func (unlisted) List(context.Context) ([]freshet.Connection, error) { return nil, nil }

func TestRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper := freshet.NewKeeper(*newWorld(t, oauthtest.Config{}).Refresher)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- keeper.Run(ctx) }()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("its context ended: %v", err)
		}
		go func() { done <- keeper.Run(t.Context()) }()
		synctest.Wait()
		if err := keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, freshet.ErrClosed) {
			t.Errorf("the keeper was closed: %v", err)
		}
	})
}

// crowd is many connections whose tokens are all stale at the same moment.
func crowd(t *testing.T, n int, config oauthtest.Config) (*freshet.Keeper, *traffic) {
	t.Helper()
	server := oauthtest.NewHandler(config, "http://127.0.0.1:1")
	store := new(freshet.MemoryStore)
	for i := range n {
		store.Put(freshet.Connection{
			Name: fmt.Sprint("c", i), Token: parse(t, string(server.Document())), Registration: freshet.Registration{
				Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()}, Client: oauth.Client{ID: server.ClientID()},
			},
		})
	}
	time.Sleep(config.TTL * 7 / 10)
	seen := &traffic{server: server.Transport(), inSecond: map[int64]int{}}
	return freshet.NewKeeper(freshet.Refresher{Store: store, HTTP: &http.Client{Transport: seen}}), seen
}

// traffic counts what a server has to bear.
type traffic struct {
	server http.RoundTripper

	mu       sync.Mutex
	inSecond map[int64]int
	now, max int // on the wire
}

func (s *traffic) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.inSecond[time.Now().Unix()]++
	s.now++
	s.max = max(s.max, s.now)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now--
	}()
	return s.server.RoundTrip(req)
}

func (s *traffic) peak() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.max
}

func (s *traffic) busiest() (requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.inSecond {
		requests = max(requests, n)
	}
	return requests
}

// After a night without power everything is stale at once. It is refreshed before it expires, but not in one moment: neither by
// Run nor because everybody asks.
func TestRunDoesNotStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 600
		keeper, seen := crowd(t, n, oauthtest.Config{Rotate: true, TTL: time.Hour})
		defer running(t, keeper)()
		for range 30 {
			for i := range n {
				if _, err := keeper.Token(t.Context(), fmt.Sprint("c", i)); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Minute)
		}
		if got := len(seen.inSecond); got < n/2 {
			t.Errorf("all of it happened in %d seconds", got)
		}
		if got := seen.busiest(); got > 2 {
			t.Errorf("%d refreshes in the busiest second", got)
		}
	})
}

func TestRunBoundsWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper, seen := crowd(t, 100, oauthtest.Config{Rotate: true, TTL: time.Hour, Latency: 20 * time.Second})
		keeper.MaxInFlight = 3
		defer running(t, keeper)()
		time.Sleep(time.Hour)
		if n := seen.peak(); n != 3 {
			t.Errorf("%d refreshes at a time", n)
		}
	})
}
