package freshet_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/freshet-dev/freshet"
)

// replica is one process of an application: a keeper that runs, and a caller that goes over all customers.
type replica struct {
	*simulation
	keeper *freshet.Keeper
	wire   *wire
	random *rand.Rand
	stop   context.CancelFunc // of the caller and of Run
	alive  sync.WaitGroup
}

func (s *simulation) start() *replica {
	client, w := s.network.client()
	ctx, stop := context.WithCancel(s.t.Context())
	r := &replica{
		simulation: s, wire: w, stop: stop, random: rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano()))),
		keeper: freshet.NewKeeper(freshet.Refresher{Store: s.store, HTTP: client}),
	}
	r.keeper.OnEvent = func(e freshet.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if errors.Is(e.Err, context.DeadlineExceeded) {
			s.impatient++ // it waited for the other replica until it had enough, and sent nothing
			return
		}
		s.events[e.Kind]++
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

// end closes the replica. Nothing may be sent on its wire afterwards.
func (r *replica) end() {
	if err := r.keeper.Close(r.t.Context()); err != nil {
		r.violated("Close returned %v", err)
	}
	r.wire.cut.Store(true)
	r.stop()
	r.alive.Wait()
}

// sweep uses each connection once, from any of them on, in a little less than a minute, or until somebody has had enough of
// waiting.
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

// use is a call of an API that asks for a token first. It reports whether there is a point in going on.
func (r *replica) use(ctx context.Context, c *customer) bool {
	began := time.Now()
	token, err := r.keeper.Token(ctx, c.name)
	if !time.Now().Equal(began) {
		r.waits.Add(1)
	}
	if err != nil {
		return r.mayFail(ctx, c, err)
	}
	r.tokens.Add(1)
	if !c.provider.ValidAccess(token.AccessToken()) {
		if !c.excuses(token.AccessToken()) {
			c.mu.Lock()
			r.violated("%s: a token was handed out that the provider does not honour; %v old of %v, the last one %t, failures %d", c.name,
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

// reject tells the keeper of an API that answered 401.
func (r *replica) reject(ctx context.Context, c *customer, rejected freshet.Token) bool {
	r.reports.Add(1)
	c.report(rejected.AccessToken())
	token, err := r.keeper.Refresh(ctx, c.name, rejected.AccessToken())
	switch {
	case err != nil:
		return r.mayFail(ctx, c, err)
	case token.AccessToken() == rejected.AccessToken():
		r.violated("%s: the rejected token was handed out again", c.name)
	case !c.provider.ValidAccess(token.AccessToken()) && !c.excuses(token.AccessToken()):
		r.violated("%s: in place of a rejected token came one that the provider does not honour", c.name)
	}
	return true
}

// mayFail checks that there is a reason for an error.
func (r *replica) mayFail(ctx context.Context, c *customer, err error) bool {
	r.failures.Add(1)
	defer time.Sleep(time.Second) // nobody goes on at full speed when things fail
	c.mu.Lock()
	defer c.mu.Unlock()
	var failed *freshet.RefreshError
	switch {
	case errors.Is(err, freshet.ErrClosed), ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return false
	case errors.Is(err, freshet.ErrNotFound) && c.deleted:
	case errors.Is(err, freshet.ErrLoginRequired) && c.denied > 0:
	case errors.As(err, &failed) && c.failures > 0:
	case errors.Is(err, context.DeadlineExceeded): // as far as freshet would wait for the other replica
	case errors.As(err, &failed) && time.Since(c.issued) < time.Minute+2*latency: // and the API refuses the token: another would not help
	default:
		r.violated("%s: %v, and no reason for it", c.name, err)
	}
	return true
}

// revoke ends an access token under freshet, if it is the last and not quite new.
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

func (c *customer) report(access string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reported = c.reported || c.access == access
}

// excuses reports whether an access token was ended under freshet.
func (c *customer) excuses(access string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dead || c.revoked[access]
}

// operate is the life of the replicas, and of the customers, minute by minute.
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
			s.take(replicas, one)
		}
		if s.happens(1) {
			s.take(replicas, 0, 1)
		}
		if s.happens(0.5) {
			s.take(replicas, one)
			downUntil[one] = time.Now().Add(time.Hour)
		}
		if s.happens(0.25) {
			s.take(replicas, 0, 1)
			downUntil[0] = time.Now().Add(time.Hour)
			downUntil[1] = downUntil[0]
		}
		if s.happens(1) {
			s.network.breakDown(trouble(1+s.random.IntN(int(broken))), time.Duration(2+s.random.IntN(20))*time.Minute)
		}
		if r := replicas[one]; r != nil {
			s.change(r)
		}
	}
	s.take(replicas, 0, 1)
}

// happens draws whether what happens so often a day happens in this minute. In a short run it does so more often.
func (s *simulation) happens(perDay float64) bool {
	if *days < 3 {
		perDay *= 4
	}
	return s.random.Float64() < perDay/(24*60)
}

// take ends replicas, all at once. They come back at the next minute, unless somebody says otherwise.
func (s *simulation) take(replicas []*replica, indices ...int) {
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

// change is what happens to customers.
func (s *simulation) change(r *replica) {
	ctx := s.t.Context()
	if s.happens(3) {
		c := s.newCustomer()
		if err := r.keeper.Create(ctx, c.name, c.registration(), c.login()); err != nil {
			s.violated("%s cannot be created: %v", c.name, err)
		}
	}
	all := s.customers()
	if c := all[s.random.IntN(len(all))]; s.happens(3) && !c.isDead() {
		s.leave(c)
	}
	if c := all[s.random.IntN(len(all))]; s.happens(5) && !c.isDead() {
		c.revokeGrant(s)
	}
	for _, c := range all {
		if s.happens(1) && c.wasDenied() {
			if err := r.keeper.Add(ctx, c.name, c.registration(), c.login()); err != nil {
				s.violated("%s cannot be added: %v", c.name, err)
			}
		}
	}
}

// leave deletes a customer's connection.
func (s *simulation) leave(c *customer) {
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

// revokeGrant is what a customer does who takes the permission back.
func (c *customer) revokeGrant(s *simulation) {
	saved, err := s.store.Get(s.t.Context(), c.name)
	if err != nil {
		s.violated("%s cannot be read: %v", c.name, err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = true
	c.provider.Revoke(string(saved.Token.RefreshToken()))
}

func (c *customer) isDead() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dead
}

func (c *customer) wasDenied() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.denied > 0
}
