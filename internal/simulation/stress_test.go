package simulation_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

var (
	stressFor  = flag.Duration("stress", 10*time.Second, "real time that TestStress takes")
	stressSeed = flag.Uint64("seed", 1, "of the random choices of TestStress")
)

const (
	stressAccounts = 2000
	stressKeepers  = 3
	stressWorkers  = 60
	stressTTL      = time.Minute
)

// TestStress lets everything happen at once: three keepers over one store, a server that rotates and
// detects reuse, lost replies, failing saves, rejected tokens, new logins, deleted connections,
// changed registrations, and keepers that are closed and replaced. It takes place in fake time, so a
// deadlock or a goroutine that is left at the end fails it.
func TestStress(t *testing.T) {
	var over atomic.Bool
	if testing.Short() {
		*stressFor = min(*stressFor, time.Second)
	}
	time.AfterFunc(*stressFor, func() { over.Store(true) })
	synctest.Test(t, func(t *testing.T) {
		s := newStress(t)
		s.run(&over)
		s.check()
	})
}

// stress is the state of the test.
type stress struct {
	t        *testing.T
	server   *oauthtest.Server
	wire     *unreliableWire
	saved    *freshet.MemoryStore
	store    *unreliableStore
	client   *http.Client
	accounts []*account
	keepers  [stressKeepers]atomic.Pointer[freshet.Keeper]
	running  sync.WaitGroup // calls of Run

	violations                                            atomic.Int64
	tokens, failures, logins, configured, deleted, closed atomic.Int64
}

// account is one connection. At most one worker at a time changes it.
type account struct {
	name    string
	changes sync.Mutex
	absent  atomic.Bool // or about to be deleted
}

func newStress(t *testing.T) *stress {
	t.Logf("-seed %d", *stressSeed)
	s := &stress{
		t: t, saved: new(freshet.MemoryStore),
		server: oauthtest.NewHandler(oauthtest.Config{Rotate: true, TTL: stressTTL}, "http://127.0.0.1:1"),
	}
	s.wire = newUnreliableWire(s)
	s.store = &unreliableStore{Store: s.saved, random: newChances(2)}
	transport := new(http.Transport)
	transport.RegisterProtocol("http", s.wire)
	s.client = &http.Client{Transport: transport}
	for n := range stressAccounts {
		a := &account{name: fmt.Sprintf("account-%04d", n)}
		s.accounts = append(s.accounts, a)
		document, _ := s.wire.login(a)
		token, err := freshet.ParseToken(document)
		if err != nil {
			t.Fatal(err)
		}
		s.saved.Put(freshet.Connection{Name: a.name, Registration: s.registration(0), Token: token})
	}
	for i := range s.keepers {
		s.open(i)
	}
	return s
}

func (s *stress) violated(format string, args ...any) {
	if s.violations.Add(1) <= 20 {
		s.t.Errorf(time.Now().Format("15:04:05.000: ")+format, args...)
	}
}

// registration returns one of several registrations that the server treats alike.
func (s *stress) registration(variant int) freshet.Registration {
	return freshet.Registration{
		Provider: oauthtest.Generic,
		Client:   oauth.Client{ID: s.server.ClientID()}, Endpoints: oauth.Endpoints{Token: s.server.TokenEndpoint()},
		Requests: freshet.Requests{
			Refresh: freshet.RequestOptions{Headers: map[string]string{"X-Variant": fmt.Sprint(variant)}},
		},
	}
}

// open starts a keeper in place of the one that is there.
func (s *stress) open(i int) {
	k := freshet.NewKeeper(freshet.Config{Store: s.store, HTTP: s.client})
	s.keepers[i].Store(k)
	s.running.Go(func() {
		if err := k.Run(context.Background()); !errors.Is(err, freshet.ErrClosed) {
			s.violated("Run returned %v", err)
		}
	})
}

// close closes a keeper. As an application should, it does so again if a result is unsaved.
func (s *stress) close(k *freshet.Keeper, chances *chances) {
	if chances.oneIn(2) {
		ctx, cancel := context.WithTimeout(context.Background(), chances.upTo(time.Second))
		_ = k.Close(ctx) // may be too short
		cancel()
	}
	for {
		err := k.Close(context.Background())
		var unsaved *freshet.UnsavedError
		if err == nil {
			break
		} else if !errors.As(err, &unsaved) {
			s.violated("Close returned %v", err)
			break
		}
	}
	s.closed.Add(1)
}

// run works until over, and closes all keepers.
func (s *stress) run(over *atomic.Bool) {
	var working sync.WaitGroup
	for n := range stressWorkers {
		working.Go(func() {
			chances := newChances(uint64(100 + n))
			for !over.Load() {
				s.work(s.accounts[chances.upToN(len(s.accounts))], chances)
				time.Sleep(chances.upTo(100 * time.Millisecond))
			}
		})
	}
	for i := range s.keepers {
		working.Go(func() {
			chances := newChances(uint64(10 + i))
			for !over.Load() {
				time.Sleep(chances.upTo(20 * time.Second))
				old := s.keepers[i].Load()
				s.open(i)
				s.close(old, chances)
			}
		})
	}
	working.Wait()
	for i := range s.keepers {
		s.close(s.keepers[i].Load(), newChances(0))
	}
	s.running.Wait()
}

// work is one step of a worker.
func (s *stress) work(a *account, chances *chances) {
	k := s.keepers[chances.upToN(stressKeepers)].Load()
	ctx, cancel := context.WithTimeout(context.Background(), chances.upTo(20*time.Second))
	defer cancel()
	switch n := chances.upToN(100); {
	case n < 3:
		s.change(a, func() {
			if err := k.Configure(ctx, a.name, s.registration(chances.upToN(3))); err == nil {
				s.configured.Add(1)
			}
		})
	case n < 5:
		s.change(a, func() { s.put(ctx, k, a) })
	case n < 7:
		s.change(a, func() {
			a.absent.Store(true)
			if err := k.Delete(ctx, a.name); err == nil {
				s.wire.end(a, nil)
				s.deleted.Add(1)
			}
			s.put(ctx, k, a)
		})
	default:
		s.use(ctx, k, a, chances)
	}
}

// change runs f unless another worker changes the account.
func (s *stress) change(a *account, f func()) {
	if a.changes.TryLock() {
		defer a.changes.Unlock()
		f()
	}
}

// put logs in. If it fails, the token may have been saved or not: the next attempt is with a new one.
func (s *stress) put(ctx context.Context, k *freshet.Keeper, a *account) {
	document, grant := s.wire.login(a)
	if err := k.Put(ctx, a.name, s.registration(0), document); err == nil {
		s.wire.end(a, grant)
		s.logins.Add(1)
		a.absent.Store(false)
	}
}

// use gets a token, as an application does, and sometimes finds it rejected.
func (s *stress) use(ctx context.Context, k *freshet.Keeper, a *account, chances *chances) {
	token, err := k.Token(ctx, a.name)
	if err == nil && chances.oneIn(10) {
		if chances.oneIn(2) {
			s.server.Revoke(token.AccessToken())
		}
		token, err = k.Refresh(ctx, a.name, token.AccessToken())
	}
	if err == nil {
		s.tokens.Add(1)
		if owner := s.wire.owner(token.AccessToken()); owner != a {
			s.violated("%s got the token of %v", a.name, owner)
		}
		return
	}
	s.failures.Add(1)
	switch {
	case errors.Is(err, freshet.ErrLoginRequired):
		if !s.wire.wasRefused(a) {
			s.violated("%s: a login is required, although no grant was refused: %v", a.name, err)
		}
		s.change(a, func() { s.put(ctx, k, a) })
	case errors.Is(err, freshet.ErrNotFound):
		s.change(a, func() {
			if !a.absent.Load() {
				s.violated("%s is not found, and was not deleted", a.name)
			}
			s.put(ctx, k, a)
		})
	}
}

// check looks for a reply that was received and not saved.
func (s *stress) check() {
	s.wire.reliable.Store(true)
	r := freshet.Refresher{Store: s.saved, HTTP: s.client}
	for _, a := range s.accounts {
		c, err := s.saved.Get(s.t.Context(), a.name)
		if errors.Is(err, freshet.ErrNotFound) && a.absent.Load() {
			continue
		}
		if err == nil && c.ReplyPending {
			_, _ = r.Token(s.t.Context(), a.name, freshet.Options{})
			c, err = s.saved.Get(s.t.Context(), a.name)
		}
		if err != nil {
			s.violated("%s: %v", a.name, err)
			continue
		}
		if problem := s.wire.compare(a, string(c.Token.RefreshToken())); problem != "" {
			s.violated("%s: %s", a.name, problem)
		}
	}
	w := s.wire
	s.t.Logf("%d tokens handed out, %d errors, %d logins, %d registrations, %d deletes, %d keepers closed",
		s.tokens.Load(), s.failures.Load(), s.logins.Load(), s.configured.Load(), s.deleted.Load(), s.closed.Load())
	s.t.Logf("%d requests: %d delivered, %d lost, %d refused, %d of them presented again; %d saves, %d failed; %d goroutines",
		w.requests, w.delivered, w.lost, w.refused, w.again, s.store.saves.Load(), s.store.failed.Load(), runtime.NumGoroutine())
	if s.violations.Load() > 20 {
		s.t.Errorf("%d violations in all", s.violations.Load())
	}
	if w.delivered == 0 || w.lost == 0 || w.refused == 0 || s.deleted.Load() == 0 || s.closed.Load() == 0 {
		s.t.Error("something did not happen")
	}
}

// chances makes random choices. It is safe for use by many goroutines.
type chances struct {
	mu     sync.Mutex
	random *rand.Rand
}

func newChances(stream uint64) *chances {
	return &chances{random: rand.New(rand.NewPCG(*stressSeed, stream))}
}

func (c *chances) upToN(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.IntN(n)
}

func (c *chances) oneIn(n int) bool { return c.upToN(n) == 0 }

func (c *chances) upTo(d time.Duration) time.Duration { return time.Duration(c.upToN(int(d))) }
