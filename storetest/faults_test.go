package storetest_test

import (
	"bytes"
	"context"
	"errors"
	"path"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/storetest"
)

// fault is a fault of a store, and the test that must fail because of it.
type fault struct {
	test string
	make func(s freshet.Store) faultyStore
}

// apply gives the fault to the store of b.
func (f fault) apply(b storetest.Backend) storetest.Backend {
	if f.make == nil {
		return b
	}
	s := f.make(b.Store)
	if lease, ok := s.Store.(*leaseStore); ok {
		return lease.backend()
	}
	b.Store = s
	if s.reopen != nil {
		b.Reopen = s.reopen
	}
	return b
}

const longUpdate = "a long update excludes others, or loses its lock and ends"

var errRefused = errors.New("refused")

var faults = map[string]fault{
	"copies are not found": {"a copy of a refresh token is known", func(s freshet.Store) faultyStore { return faultyStore{Store: s} }},
	"a missing connection is returned as an empty one": {
		"a missing connection is ErrNotFound",
		func(s freshet.Store) faultyStore {
			return faultyStore{Store: s, get: func(ctx context.Context, name string) (freshet.Connection, error) {
				c, err := s.Get(ctx, name)
				if errors.Is(err, freshet.ErrNotFound) {
					return freshet.Connection{Name: name}, nil
				}
				return c, err
			}}
		},
	},
	"a document is parsed and printed": {"a document is returned byte for byte", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, get: func(ctx context.Context, name string) (freshet.Connection, error) {
			c, err := s.Get(ctx, name)
			c.Token = compacted(c.Token)
			return c, err
		}}
	}},
	"a saved document is parsed and printed": {
		"a saved token is returned to all readers",
		onSave(func(_ freshet.Connection, next *freshet.Connection) {
			next.Token = compacted(next.Token)
		}),
	},
	"Version is always the same": {"a saved token is returned to all readers", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, get: func(ctx context.Context, name string) (freshet.Connection, error) {
			c, err := s.Get(ctx, name)
			c.Version = "1"
			return c, err
		}}
	}},
	"a second store is a copy": {
		"a second store on the same backend has the same content",
		func(s freshet.Store) faultyStore {
			return faultyStore{Store: s, reopen: func(t *testing.T) freshet.Store {
				all, err := s.List(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				second := new(freshet.MemoryStore)
				for _, c := range all {
					second.Put(c)
				}
				return second
			}}
		},
	},
	"failures are not saved": {
		"health and history are saved",
		onSave(func(_ freshet.Connection, next *freshet.Connection) {
			next.Health = freshet.Health{}
		}),
	},
	"history is not saved": {
		"health and history are saved",
		onSave(func(_ freshet.Connection, next *freshet.Connection) {
			next.History = freshet.History{}
		}),
	},
	"every save changes Saved": {"health and history are saved", func(s freshet.Store) faultyStore {
		var last time.Time
		return faultyStore{
			Store: s,
			get: func(ctx context.Context, name string) (freshet.Connection, error) {
				c, err := s.Get(ctx, name)
				if last.After(c.Saved) {
					c.Saved = last
				}
				return c, err
			},
			update: func(ctx context.Context, name string, change freshet.Change) error {
				err := s.Update(ctx, name, change)
				last = time.Now().Add(time.Second) // the resolution of some clocks is too low
				return err
			},
		}
	}},
	"a name is a path": {
		"a name belongs to one connection", func(s freshet.Store) faultyStore { return renamingStore(s, path.Base) },
	},

	"an update gets the connection of the first one": {"updates of one connection exclude each other", cachingStore},
	"one lock for all connections, without waiting": {
		"updates of two connections run in parallel",
		func(s freshet.Store) faultyStore {
			var lock sync.Mutex
			return faultyStore{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
				if !lock.TryLock() {
					return errRefused
				}
				defer lock.Unlock()
				return s.Update(ctx, name, change)
			}}
		},
	},
	"an update takes no lock": {"a canceled wait is not the lock", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
			c, err := s.Get(ctx, name)
			if err != nil {
				return err
			}
			return change(ctx, c, func(freshet.Connection) error { return nil })
		}}
	}},
	"a change gets the caller's context": {
		"a change does not get the caller's context",
		func(s freshet.Store) faultyStore {
			return faultyStore{Store: s, update: func(outer context.Context, name string, change freshet.Change) error {
				return s.Update(outer, name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
					return change(outer, c, save)
				})
			}}
		},
	},
	"an update returns no error": {"a failed change is reported", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
			_ = s.Update(ctx, name, change)
			return nil
		}}
	}},
	"Version is not compared": {
		"a token that was written without the lock is kept",
		func(s freshet.Store) faultyStore {
			return onSave(func(_ freshet.Connection, next *freshet.Connection) {
				if current, err := s.Get(context.Background(), next.Name); err == nil {
					next.Version = current.Version
				}
			})(s)
		},
	},

	"the journal is not saved": {
		"a pending refresh is saved",
		onSave(func(_ freshet.Connection, next *freshet.Connection) { next.Pending = nil }),
	},
	"a token without a journal is not saved": {
		"a token without a journal is saved",
		onSave(func(last freshet.Connection, next *freshet.Connection) {
			if last.Pending == nil {
				next.Token = last.Token
			}
		}),
	},
	"Version is not compared without a journal": {
		"a token without a journal replaces no newer one",
		func(s freshet.Store) faultyStore {
			return onSave(func(last freshet.Connection, next *freshet.Connection) {
				if current, err := s.Get(context.Background(), next.Name); err == nil && last.Pending == nil {
					next.Version = current.Version
				}
			})(s)
		},
	},
	"a token without a journal removes an earlier one": {
		"a token without a journal leaves an earlier one",
		onSave(func(last freshet.Connection, next *freshet.Connection) {
			if !next.Token.Equal(last.Token) {
				next.Pending = nil
			}
		}),
	},
	"a reply is saved without its body": {
		"a journaled reply is saved byte for byte", onSaveReply(func([]byte) []byte { return nil }),
	},
	"a reply is saved as text": {
		"a journaled reply is saved byte for byte",
		onSaveReply(func(body []byte) []byte { return bytes.ToValidUTF8(body, []byte("?")) }),
	},
	"a reply is cut at 64 KiB": {
		"a large reply is saved", onSaveReply(func(body []byte) []byte { return body[:min(len(body), 64<<10)] }),
	},
	"Login is not saved": {
		"a pending login is saved", onSavePending(func(p *freshet.Pending) { p.Login = nil }),
	},
	"a journal is not removed": {
		"a completed refresh leaves nothing pending",
		onSave(func(last freshet.Connection, next *freshet.Connection) {
			if next.Pending == nil {
				next.Pending = last.Pending
			}
		}),
	},
	"a connection is read once": {"many refreshers send one refresh", cachingStore},

	"creating replaces": {"a connection is created once", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, create: func(ctx context.Context, c freshet.Connection) error {
			if err := s.Delete(ctx, c.Name); err != nil && !errors.Is(err, freshet.ErrNotFound) {
				return err
			}
			return s.Create(ctx, c)
		}}
	}},
	"a connection must have a token": {"a connection can be without a token", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, create: func(ctx context.Context, c freshet.Connection) error {
			if c.Token.IsZero() {
				return errRefused
			}
			return s.Create(ctx, c)
		}}
	}},
	"the list is not sorted": {"the list is complete and sorted", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, list: func(ctx context.Context) ([]freshet.Connection, error) {
			all, err := s.List(ctx)
			slices.Reverse(all)
			return all, err
		}}
	}},
	"the list has only the first page": {"the list is complete and sorted", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, list: func(ctx context.Context) ([]freshet.Connection, error) {
			all, err := s.List(ctx)
			return all[:min(len(all), 3)], err
		}}
	}},
	"the list fails for a connection that was deleted": {
		"a list leaves out what is deleted meanwhile",
		func(s freshet.Store) faultyStore {
			return faultyStore{Store: s, list: func(ctx context.Context) (all []freshet.Connection, errs error) {
				names, err := s.List(ctx)
				if err != nil {
					return nil, err
				}
				for _, c := range names {
					for range 1000 { // so that the test need not be lucky
						runtime.Gosched()
						if c, err = s.Get(ctx, c.Name); err != nil {
							break
						}
					}
					all, errs = append(all, c), errors.Join(errs, err)
				}
				return all, errs
			}}
		},
	},
	"nothing is deleted": {"a deleted connection is gone", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, delete: func(context.Context, string) error { return nil }}
	}},
	"a missing connection can be deleted": {"a deleted connection is gone", func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, delete: func(ctx context.Context, name string) error {
			if err := s.Delete(ctx, name); !errors.Is(err, freshet.ErrNotFound) {
				return err
			}
			return nil
		}}
	}},
	"a deleted connection is only hidden": {"a name can be used again", func(s freshet.Store) faultyStore {
		var hidden freshet.Health
		return faultyStore{
			Store: s,
			delete: func(ctx context.Context, name string) error {
				c, err := s.Get(ctx, name)
				hidden = c.Health
				return errors.Join(err, s.Delete(ctx, name))
			},
			create: func(ctx context.Context, c freshet.Connection) error {
				c.Health = hidden
				return s.Create(ctx, c)
			},
		}
	}},
	"deleting takes no lock": {"deleting waits for an update", func(s freshet.Store) faultyStore {
		gone := map[string]bool{}
		return faultyStore{
			Store: s,
			get: func(ctx context.Context, name string) (freshet.Connection, error) {
				if gone[name] {
					return freshet.Connection{}, freshet.ErrNotFound
				}
				return s.Get(ctx, name)
			},
			delete: func(_ context.Context, name string) error {
				gone[name] = true
				return nil
			},
		}
	}},

	"a lock ends after five seconds": {longUpdate, func(freshet.Store) faultyStore {
		return faultyStore{Store: &leaseStore{lease: 5 * time.Second}}
	}},
	"a lock ends after five seconds, and the context does not": {longUpdate, func(freshet.Store) faultyStore {
		return faultyStore{Store: &leaseStore{lease: 5 * time.Second, fences: true}}
	}},
	"a lock ends after five seconds, and its holder can save": {longUpdate, func(freshet.Store) faultyStore {
		return faultyStore{Store: &leaseStore{lease: 5 * time.Second, endsContext: true}}
	}},

	"a process reads a connection once": {"many callers in two processes send one refresh", cachingStore},
	"a killed process leaves no journal": {
		"a refresh whose process was killed before the reply is reported",
		onSave(func(_ freshet.Connection, next *freshet.Connection) { next.Pending = nil }),
	},
	"the journal of a killed process has no reply": {
		"a refresh whose process was killed after the reply is completed",
		func(s freshet.Store) faultyStore {
			return faultyStore{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
				return s.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
					if c.Pending != nil {
						p := *c.Pending
						p.Reply = nil
						c.Pending = &p
					}
					return change(ctx, c, save)
				})
			}}
		},
	},
}
