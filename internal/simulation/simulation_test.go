package simulation_test

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

var days = flag.Float64("days", 0.1, "simulated days; 30 take ten minutes")

const customers = 1000

// TestThirtyDays runs two replicas over a store of a thousand connections, with failures of every
// kind, revoked tokens and grants, restarts, new and deleted connections. The default of -days
// suits a slow machine. In less than three days rare events are made more frequent.
func TestThirtyDays(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // much garbage, few live objects
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t)
		start := time.Now()
		s.operate(start.Add(time.Duration(*days * float64(24*time.Hour))))
		s.report(time.Since(start))
	})
	t.Logf("%v days in %v", *days, time.Since(began).Round(time.Second))
}

// provider is a test server with its properties.
type provider struct {
	*oauthtest.Server
	name      string // as freshet knows it
	transport http.RoundTripper
	lifetime  time.Duration // of an access token, as freshet must assume it
	forgives  bool          // accepts the old refresh token again after a lost reply
	share     int           // percentage of the connections
}

// latency is how long every provider takes to reply.
const latency = time.Second

func newProviders() []*provider {
	var all []*provider
	add := func(share int, config oauthtest.Config, lifetime time.Duration) {
		config.Latency = latency
		server := oauthtest.NewHandler(config, fmt.Sprintf("http://127.0.0.1:%d", 1+len(all)))
		all = append(all, &provider{
			Server: server, name: cmp.Or(config.Provider, oauthtest.Generic), transport: server.Transport(),
			lifetime: lifetime, share: share, forgives: config.Grace > 0 || !config.Rotate,
		})
	}
	add(40, oauthtest.Config{TTL: 15 * time.Minute, Rotate: true}, 15*time.Minute)
	add(40, oauthtest.Config{TTL: 10 * time.Minute}, 10*time.Minute)
	add(15, oauthtest.Config{TTL: 30 * time.Minute, Rotate: true, Grace: 3 * time.Hour}, 30*time.Minute)
	// Salesforce's replies do not state the lifetime.
	add(5, oauthtest.Config{TTL: 2 * time.Hour, Provider: oauthtest.Salesforce}, time.Hour)
	return all
}

// customer is a connection as the simulation knows it.
type customer struct {
	name     string
	provider *provider

	mu       sync.Mutex
	access   string          // the newest access token
	issued   time.Time       // when the provider issued it
	revoked  map[string]bool // access tokens that the provider ended early
	rejected bool            // the newest access token was rejected, and the keeper was informed
	failures int             // failed requests since the newest access token
	ended    bool            // the grant was revoked
	denied   int             // invalid_grant replies since then
	deleted  bool
}

const customerHeader = "X-Customer"

func (c *customer) registration() freshet.Registration {
	return freshet.Registration{
		Provider:  c.provider.name,
		Endpoints: oauth.Endpoints{Token: c.provider.TokenEndpoint()},
		Client:    oauth.Client{ID: c.provider.ClientID()},
		Requests: freshet.Requests{
			Refresh: freshet.RequestOptions{Headers: map[string]string{customerHeader: c.name}},
		},
	}
}

// login begins a new grant and returns the token response.
func (c *customer) login() []byte {
	document := c.provider.Document()
	token, err := freshet.ParseToken(document)
	if err != nil {
		panic(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.access != "" {
		c.revoked[c.access] = true
	}
	c.access, c.issued, c.rejected, c.failures, c.ended, c.denied = token.AccessToken(), time.Now(), false, 0, false, 0
	return document
}

// simulation is the state that the replicas, the network and the operator share.
type simulation struct {
	t         *testing.T
	store     *freshet.MemoryStore
	providers []*provider
	network   *network
	random    *rand.Rand // of the operator

	mu         sync.Mutex
	byName     map[string]*customer
	all        []*customer // replaced when it changes
	created    int
	events     map[freshet.EventKind]int
	violations int

	tokens, waits, failures, rejections atomic.Int64
	restarts, goroutines, timeouts      int
}

func newSimulation(t *testing.T) *simulation {
	s := &simulation{
		t: t, store: new(freshet.MemoryStore), providers: newProviders(), random: rand.New(rand.NewPCG(4, 30)),
		byName: map[string]*customer{}, events: map[freshet.EventKind]int{},
	}
	s.network = &network{simulation: s, random: rand.New(rand.NewPCG(30, 4)), counts: tally{perSecond: map[int64]int{}}}
	for range customers {
		c := s.newCustomer()
		token, err := freshet.ParseToken(c.login())
		if err != nil {
			t.Fatal(err)
		}
		s.store.Put(freshet.Connection{Name: c.name, Registration: c.registration(), Token: token, Saved: time.Now()})
	}
	return s
}

// newCustomer adds a customer who has not logged in yet, at a provider chosen by the shares.
func (s *simulation) newCustomer() *customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &customer{name: fmt.Sprintf("customer-%04d", s.created), revoked: map[string]bool{}}
	rest := s.created * 37 % 100
	for _, p := range s.providers {
		if rest -= p.share; rest < 0 {
			c.provider = p
			break
		}
	}
	s.created++
	s.byName[c.name] = c
	s.all = append(s.all[:len(s.all):len(s.all)], c)
	return c
}

func (s *simulation) customer(name string) *customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byName[name]
}

func (s *simulation) customers() []*customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}

// violated reports a broken rule; only the first twenty are printed.
func (s *simulation) violated(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.violations++; s.violations <= 20 {
		s.t.Errorf(time.Now().Format("2 Jan 15:04:05.000: ")+format, args...)
	}
}

// report logs the totals, and compares them with the providers' counts and the events.
func (s *simulation) report(simulated time.Duration) {
	n := s.network.counts
	average := float64(n.all) / simulated.Seconds()
	stats := oauthtest.Stats{}
	for _, p := range s.providers {
		one := p.Stats()
		stats.Refreshes += one.Refreshes
		stats.Reuses += one.Reuses
		stats.Requests += one.Requests
	}
	s.t.Logf("%d tokens handed out, %d after waiting, %d errors, %d rejected",
		s.tokens.Load(), s.waits.Load(), s.failures.Load(), s.rejections.Load())
	s.t.Logf("%d requests: %d delivered, %d denied; busy %d, broken %d, refused %d, lost %d",
		n.all, n.delivered, n.denied,
		n.troubles[busy], n.troubles[broken], n.troubles[refused], n.troubles[lost])
	s.t.Logf("%d restarts, at most %d goroutines; events %v, %d timed out waiting",
		s.restarts, s.goroutines, s.events, s.timeouts)
	s.t.Logf("average %.2f a second, busiest %d (%.2f times)", average, n.busiest, float64(n.busiest)/average)
	// In less than a day events are more frequent, and so coincide more often.
	if *days >= 1 && float64(n.busiest) > 5*average {
		s.t.Errorf("the busiest second carried %d requests, more than 5 times the average of %.2f", n.busiest, average)
	}
	if stats.Reuses != 0 {
		s.t.Errorf("%d refresh tokens were presented again", stats.Reuses)
	}
	if stats.Requests != n.sent || stats.Refreshes != n.delivered+n.troubles[lost]-n.lostRefusals {
		s.t.Errorf("%d requests and %d refreshes at the providers; "+
			"%d were sent, %d delivered, %d lost, %d of them refusals",
			stats.Requests, stats.Refreshes, n.sent, n.delivered, n.troubles[lost], n.lostRefusals)
	}
	if got := s.events[freshet.EventRefreshed] + s.events[freshet.EventRotated]; got != n.delivered {
		s.t.Errorf("%d events of refreshes, %d were delivered", got, n.delivered)
	}
	if got := s.events[freshet.EventLoginRequired]; got != n.denied {
		s.t.Errorf("%d events of required logins, %d were denied", got, n.denied)
	}
	want := n.troubles[busy] + n.troubles[broken] + n.troubles[refused] + n.troubles[lost]
	if got := s.events[freshet.EventFailed]; got != want {
		s.t.Errorf("%d events of failures, %d requests failed", got, want)
	}
	if s.violations > 20 {
		s.t.Errorf("%d violations in all", s.violations)
	}
	if s.goroutines > 200 {
		s.t.Errorf("%d goroutines at a time", s.goroutines)
	}
}
