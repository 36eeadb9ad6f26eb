package storetest_test

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/storetest"
)

// leaseStore is a store in memory whose locks end after a time, as people write them over Redis or
// DynamoDB.
type leaseStore struct {
	lease       time.Duration
	renews      bool // the lock, before it ends
	endsContext bool // of a change that loses its lock
	fences      bool // refuses saves of a change that has lost its lock

	mu      sync.Mutex
	all     map[string]freshet.Connection
	locks   map[string]lock
	counter int
}

type lock struct {
	holder int
	until  time.Time
}

func (s *leaseStore) next() int {
	s.counter++
	return s.counter
}

func (s *leaseStore) locked(name string) bool { return s.locks[name].until.After(time.Now()) }

func (s *leaseStore) seen(c freshet.Connection) freshet.Connection {
	c.ReplyPending = c.Pending != nil && c.Pending.Reply != nil && !s.locked(c.Name)
	c.Pending = nil
	return c
}

func (s *leaseStore) Get(_ context.Context, name string) (freshet.Connection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.all[name]
	if !ok {
		return c, freshet.ErrNotFound
	}
	return s.seen(c), nil
}

func (s *leaseStore) List(context.Context) (all []freshet.Connection, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.all)) {
		all = append(all, s.seen(s.all[name]))
	}
	return all, nil
}

func (s *leaseStore) Create(_ context.Context, c freshet.Connection) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.all[c.Name]; ok {
		return freshet.ErrExists
	}
	s.put(c)
	return nil
}

func (s *leaseStore) put(c freshet.Connection) {
	c.Saved, c.Version = time.Now().Round(0), strconv.Itoa(s.next())
	s.all[c.Name] = c
}

func (s *leaseStore) Update(ctx context.Context, name string, change freshet.Change) error {
	held, holder, unlock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	s.mu.Lock()
	last := s.all[name]
	s.mu.Unlock()
	return change(held, last, func(next freshet.Connection) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.fences && (s.locks[name].holder != holder || !s.locked(name)) {
			return freshet.ErrChanged
		}
		now := s.all[name]
		switch {
		case next.Token.Equal(last.Token):
			next.Token, next.Saved, next.Version = now.Token, now.Saved, now.Version
			s.all[name] = next
		case next.Version != now.Version:
			return freshet.ErrChanged
		default:
			s.put(next)
		}
		last = next
		return nil
	})
}

func (s *leaseStore) Delete(ctx context.Context, name string) error {
	_, _, unlock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, name)
	return nil
}

// lock waits for the lock. held ends with it.
func (s *leaseStore) lock(ctx context.Context, name string) (
	held context.Context, holder int, unlock func(), err error,
) {
	for {
		locked, err := s.tryLock(name, &holder)
		if locked {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, 0, nil, err
		}
		time.Sleep(time.Millisecond)
	}
	held, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if s.endsContext {
		cancel()
		held, cancel = context.WithTimeout(context.WithoutCancel(ctx), s.lease*9/10)
	}
	var renewing sync.WaitGroup
	if s.renews {
		renewing.Go(func() {
			for {
				select {
				case <-held.Done():
					return
				case <-time.After(s.lease / 2):
					_, _ = s.tryLock(name, &holder)
				}
			}
		})
	}
	return held, holder, func() {
		cancel()
		renewing.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.locks[name].holder == holder {
			delete(s.locks, name)
		}
	}, nil
}

// tryLock takes the lock, or extends the lock of *holder.
func (s *leaseStore) tryLock(name string, holder *int) (locked bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.all[name]; !ok {
		return false, freshet.ErrNotFound
	}
	if s.locked(name) && s.locks[name].holder != *holder {
		return false, nil
	}
	if *holder == 0 {
		*holder = s.next()
	}
	s.locks[name] = lock{*holder, time.Now().Add(s.lease)}
	return true, nil
}

func (s *leaseStore) backend() storetest.Backend {
	s.all, s.locks = map[string]freshet.Connection{}, map[string]lock{}
	return storetest.Backend{
		Store: s,
		Lease: s.lease,
		Add: func(t *testing.T, c freshet.Connection) string {
			c.Name = "acme"
			if err := s.Create(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			return c.Name
		},
		Overwrite: func(_ *testing.T, name string, token freshet.Token) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.put(freshet.Connection{Name: name, Token: token})
		},
		Names: []string{"missing", "z-last", "a-first", "m.1", "m.2"},
	}
}

func TestLeaseStores(t *testing.T) {
	for name, newStore := range map[string]func() *leaseStore{
		"longer than an update": func() *leaseStore { return &leaseStore{lease: time.Minute} },
		"renewed":               func() *leaseStore { return &leaseStore{lease: 5 * time.Second, renews: true} },
		"lost with the context, and fenced": func() *leaseStore {
			return &leaseStore{lease: 5 * time.Second, endsContext: true, fences: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Test(t, func(*testing.T) storetest.Backend { return newStore().backend() })
		})
	}
}
