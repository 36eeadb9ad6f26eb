package freshet_test

import (
	"fmt"
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

// crowd returns a keeper with n connections whose tokens are all stale.
func crowd(t *testing.T, n, maxInFlight int, config oauthtest.Config) (*freshet.Keeper, *traffic) {
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
	client := &http.Client{Transport: seen}
	return freshet.NewKeeper(freshet.Config{Store: store, HTTP: client, MaxInFlight: maxInFlight}), seen
}

// traffic counts the requests to a server.
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

// After an outage everything is stale at once. It is refreshed before it expires, but not in one
// moment, although all tokens are used.
func TestRunSpreadsRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 600
		keeper, seen := crowd(t, n, 0, oauthtest.Config{Rotate: true, TTL: time.Hour})
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

func TestRunBoundsRefreshesInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper, seen := crowd(t, 100, 3, oauthtest.Config{Rotate: true, TTL: time.Hour, Latency: 20 * time.Second})
		defer running(t, keeper)()
		time.Sleep(time.Hour)
		if n := seen.peak(); n != 3 {
			t.Errorf("%d refreshes at a time", n)
		}
	})
}

// A provider that is down for an hour, with hundreds of connections, takes neither the slots nor
// the turns of ten others.
func TestFailingConnectionsDoNotDelayHealthyOnes(t *testing.T) {
	for name, busy := range map[string]http.Response{
		"a pause that fits into a flight": {
			StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"40"}},
		},
		"a longer pause": {
			StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"60"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				good := oauthtest.NewHandler(oauthtest.Config{Rotate: true, TTL: 5 * time.Minute}, "http://127.0.0.1:1")
				bad := oauthtest.NewHandler(oauthtest.Config{Rotate: true, TTL: time.Hour}, "http://127.0.0.2:1")
				store, server := new(freshet.MemoryStore), good.Transport()
				put := func(server *oauthtest.Server, name string, n int) {
					for i := range n {
						token := parse(t, string(server.Document()))
						store.Put(freshet.Connection{
							Name: fmt.Sprint(name, i), Token: token, Registration: clientOf(server),
						})
					}
				}
				put(bad, "bad", 600)
				time.Sleep(50 * time.Minute)
				put(good, "good", 10)
				transport := roundTrip(func(req *http.Request) (*http.Response, error) {
					if strings.HasPrefix(req.URL.Host, "127.0.0.1") {
						return server.RoundTrip(req)
					}
					res := busy
					res.Body = http.NoBody
					return &res, nil
				})
				config := freshet.Config{Store: store, HTTP: &http.Client{Transport: transport}}
				config.MaxInFlight = 8
				keeper := freshet.NewKeeper(config)
				defer running(t, keeper)()
				for range 30 * 6 {
					time.Sleep(10 * time.Second)
					for i := range 10 {
						if c, err := store.Get(t.Context(), fmt.Sprint("good", i)); err != nil ||
							!good.ValidAccess(c.Token.AccessToken()) {
							t.Fatalf("%s has expired; %v", c.Name, err)
						}
					}
				}
			})
		})
	}
}

// A refresh in the background makes one attempt. It does not keep its slot for the pause that the
// provider asks for.
func TestRunFreesItsSlotDuringAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		time.Sleep(2 * time.Hour) // it has expired, and is the most urgent
		good := w.connection(t)
		good.Name, good.Token, good.Saved = "good", parse(t, string(w.server.Document())), time.Now()
		time.Sleep(50 * time.Minute)
		w.store.Put(good)
		w.HTTP.Transport = pausing(w.HTTP.Transport, 1)
		config := w.config()
		config.MaxInFlight = 1
		keeper := freshet.NewKeeper(config)
		defer running(t, keeper)()
		time.Sleep(10 * time.Second)
		c, err := w.store.Get(t.Context(), "good")
		if err != nil || c.Token.AccessToken() == good.Token.AccessToken() {
			t.Errorf("it still waits for the only slot; %v", err)
		}
		if w.connection(t).Health.Failures != 1 {
			t.Error("the other did not have its turn")
		}
	})
}
