package simulation_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/freshet-dev/freshet"
)

// replica is one process of an application: a running keeper, and a caller that uses every
// connection.
type replica struct {
	*simulation
	keeper *freshet.Keeper
	wire   *wire
	random *rand.Rand
	stop   context.CancelFunc // stops the caller and Run
	alive  sync.WaitGroup     // the caller and Run
}

// count counts an event of a replica.
func (s *simulation) count(e freshet.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(e.Err, context.DeadlineExceeded) {
		s.timeouts++ // waiting for the other replica; nothing was sent
		return
	}
	s.events[e.Kind]++
}

func (s *simulation) start() *replica {
	client, w := s.network.client()
	ctx, stop := context.WithCancel(s.t.Context())
	r := &replica{
		simulation: s, wire: w, stop: stop, random: rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano()))),
		keeper: freshet.NewKeeper(freshet.Config{Store: s.store, HTTP: client, OnEvent: s.count}),
	}
	r.alive.Go(func() {
		if err := r.keeper.Run(ctx); err != nil && !errors.Is(err, freshet.ErrClosed) {
			s.violated("Run returned %v", err)
		}
	})
	r.alive.Go(func() {
		for ctx.Err() == nil {
			r.sweep(ctx)
			select {
			case <-time.After(10 * time.Second):
			case <-ctx.Done():
			}
		}
	})
	return r
}

// end closes the replica. It must not send anything afterwards.
func (r *replica) end() {
	if err := r.keeper.Close(r.t.Context()); err != nil {
		r.violated("Close returned %v", err)
	}
	r.wire.cut.Store(true)
	r.stop()
	r.alive.Wait()
}

// sweep uses each connection once within a minute, starting with a random one.
func (r *replica) sweep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	all := r.customers()
	offset := r.random.IntN(len(all))
	for i := range all {
		if i%5 == 4 {
			time.Sleep(250 * time.Millisecond)
		}
		if !r.use(ctx, all[(offset+i)%len(all)]) {
			return
		}
	}
}

// use gets a token and checks that the provider accepts it. It reports whether the sweep should
// continue.
func (r *replica) use(ctx context.Context, c *customer) bool {
	began := time.Now()
	token, err := r.keeper.Token(ctx, c.name)
	if !time.Now().Equal(began) {
		r.waits.Add(1)
	}
	if err != nil {
		return r.checkError(ctx, c, err)
	}
	r.tokens.Add(1)
	if !c.provider.ValidAccess(token.AccessToken()) {
		if !c.wasRevoked(token.AccessToken()) {
			c.mu.Lock()
			r.violated("%s: the keeper returned a token that the provider does not accept: "+
				"%v old of %v, the newest %t, failures %d", c.name,
				time.Since(c.issued), c.provider.lifetime, token.AccessToken() == c.access, c.failures)
			c.mu.Unlock()
		}
		return r.reject(ctx, c, token)
	}
	if r.random.IntN(20000) == 0 && c.revoke(token.AccessToken()) {
		return r.reject(ctx, c, token)
	}
	return true
}

// reject calls Refresh, as an application does after a 401.
func (r *replica) reject(ctx context.Context, c *customer, rejected freshet.Token) bool {
	r.rejections.Add(1)
	c.noteRejection(rejected.AccessToken())
	token, err := r.keeper.Refresh(ctx, c.name, rejected.AccessToken())
	switch {
	case err != nil:
		return r.checkError(ctx, c, err)
	case token.AccessToken() == rejected.AccessToken():
		r.violated("%s: Refresh returned the rejected token", c.name)
	case !c.provider.ValidAccess(token.AccessToken()) && !c.wasRevoked(token.AccessToken()):
		r.violated("%s: Refresh returned a token that the provider does not accept", c.name)
	}
	return true
}

// checkError checks that the error has a cause in the simulation.
func (r *replica) checkError(ctx context.Context, c *customer, err error) bool {
	r.failures.Add(1)
	defer time.Sleep(time.Second) // as callers do after an error
	c.mu.Lock()
	defer c.mu.Unlock()
	var failed *freshet.RefreshError
	switch {
	case errors.Is(err, freshet.ErrClosed), ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return false
	case errors.Is(err, freshet.ErrNotFound) && c.deleted:
	case errors.Is(err, freshet.ErrLoginRequired) && c.denied > 0:
	case errors.As(err, &failed) && c.failures > 0:
	case errors.Is(err, context.DeadlineExceeded): // while waiting for the other replica
	case errors.As(err, &failed) && time.Since(c.issued) < time.Minute+2*latency: // rejected too soon after the refresh
	default:
		r.violated("%s: %v, without a cause", c.name, err)
	}
	return true
}

// revoke ends an access token early at the provider, if it is the newest and at least two minutes
// old.
func (c *customer) revoke(access string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if access != c.access || time.Since(c.issued) < 2*time.Minute {
		return false
	}
	c.revoked[access] = true
	c.provider.Revoke(access)
	return true
}

func (c *customer) noteRejection(access string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rejected = c.rejected || c.access == access
}

// wasRevoked reports whether the provider ended the access token early.
func (c *customer) wasRevoked(access string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended || c.revoked[access]
}

// operate restarts replicas, breaks providers and changes customers, minute by minute.
func (s *simulation) operate(end time.Time) {
	replicas := []*replica{s.start(), s.start()}
	downUntil := make([]time.Time, len(replicas))
	for time.Now().Before(end) {
		time.Sleep(time.Minute)
		s.goroutines = max(s.goroutines, runtime.NumGoroutine())
		for i, r := range replicas {
			if r == nil && !time.Now().Before(downUntil[i]) {
				replicas[i] = s.start()
			}
		}
		one := s.random.IntN(len(replicas))
		if s.happens(3) {
			s.stopReplicas(replicas, one)
		}
		if s.happens(1) {
			s.stopReplicas(replicas, 0, 1)
		}
		if s.happens(0.5) {
			s.stopReplicas(replicas, one)
			downUntil[one] = time.Now().Add(time.Hour)
		}
		if s.happens(0.25) {
			s.stopReplicas(replicas, 0, 1)
			downUntil[0] = time.Now().Add(time.Hour)
			downUntil[1] = downUntil[0]
		}
		if s.happens(1) {
			s.network.breakDown(trouble(1+s.random.IntN(int(broken))), time.Duration(2+s.random.IntN(20))*time.Minute)
		}
		if r := replicas[one]; r != nil {
			s.changeCustomers(r)
		}
	}
	s.stopReplicas(replicas, 0, 1)
}

// happens draws whether an event with this daily frequency happens in this minute. In a short run
// the frequency is higher.
func (s *simulation) happens(perDay float64) bool {
	if *days < 3 {
		perDay *= 4
	}
	return s.random.Float64() < perDay/(24*60)
}

// stopReplicas ends replicas at the same time. operate starts them again.
func (s *simulation) stopReplicas(replicas []*replica, indices ...int) {
	var ending sync.WaitGroup
	for _, i := range indices {
		if r := replicas[i]; r != nil {
			s.restarts++
			ending.Go(r.end)
			replicas[i] = nil
		}
	}
	ending.Wait()
}

// changeCustomers creates, deletes, revokes and logs in again at random.
func (s *simulation) changeCustomers(r *replica) {
	ctx := s.t.Context()
	if s.happens(3) {
		c := s.newCustomer()
		if err := r.keeper.Create(ctx, c.name, c.registration(), c.login()); err != nil {
			s.violated("%s cannot be created: %v", c.name, err)
		}
	}
	all := s.customers()
	if c := all[s.random.IntN(len(all))]; s.happens(3) && !c.hasEnded() {
		s.delete(c)
	}
	if c := all[s.random.IntN(len(all))]; s.happens(5) && !c.hasEnded() {
		c.revokeGrant(s)
	}
	for _, c := range all {
		if s.happens(1) && c.wasDenied() {
			if err := r.keeper.Put(ctx, c.name, c.registration(), c.login()); err != nil {
				s.violated("%s cannot be added: %v", c.name, err)
			}
		}
	}
}

// delete removes a customer's connection.
func (s *simulation) delete(c *customer) {
	s.mu.Lock()
	var rest []*customer
	for _, other := range s.all {
		if other != c {
			rest = append(rest, other)
		}
	}
	s.all = rest
	s.mu.Unlock()
	if err := s.store.Delete(s.t.Context(), c.name); err != nil {
		s.violated("%s cannot be deleted: %v", c.name, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deleted = true
}

// revokeGrant withdraws the customer's permission at the provider.
func (c *customer) revokeGrant(s *simulation) {
	saved, err := s.store.Get(s.t.Context(), c.name)
	if err != nil {
		s.violated("%s cannot be read: %v", c.name, err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	c.provider.Revoke(string(saved.Token.RefreshToken()))
}

func (c *customer) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

func (c *customer) wasDenied() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.denied > 0
}
