package storetest_test

import (
	"bytes"
	"context"
	"errors"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/storetest"
)

// breakage is what may be wrong with a store, and the test that must fail then.
type breakage struct {
	clause string
	breaks func(s freshet.Store) broken
}

func (wrong breakage) of(b storetest.Backend) storetest.Backend {
	if wrong.breaks == nil {
		return b
	}
	s := wrong.breaks(b.Store)
	b.Store = s
	if s.reopen != nil {
		b.Reopen = s.reopen
	}
	return b
}

var errRefused = errors.New("refused")

var breakages = map[string]breakage{
	"who is missing is empty": {"a missing connection is ErrNotFound", func(s freshet.Store) broken {
		return broken{Store: s, get: func(ctx context.Context, name string) (freshet.Connection, error) {
			c, err := s.Get(ctx, name)
			if errors.Is(err, freshet.ErrNotFound) {
				return freshet.Connection{Name: name}, nil
			}
			return c, err
		}}
	}},
	"a document is parsed and printed": {"a document comes back byte for byte", func(s freshet.Store) broken {
		return broken{Store: s, get: func(ctx context.Context, name string) (freshet.Connection, error) {
			c, err := s.Get(ctx, name)
			c.Token = compacted(c.Token)
			return c, err
		}}
	}},
	"a saved document is parsed and printed": {"a saved token is what everybody reads", saving(func(_ freshet.Connection, next *freshet.Connection) {
		next.Token = compacted(next.Token)
	})},
	"there is one version": {"a saved token is what everybody reads", func(s freshet.Store) broken {
		return broken{Store: s, get: func(ctx context.Context, name string) (freshet.Connection, error) {
			c, err := s.Get(ctx, name)
			c.Version = "1"
			return c, err
		}}
	}},
	"another process has a copy": {"a second store on the same backend sees it all", func(s freshet.Store) broken {
		return broken{Store: s, reopen: func(t *testing.T) freshet.Store {
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
	}},
	"failures are not saved": {"health and history are shared", saving(func(_ freshet.Connection, next *freshet.Connection) {
		next.Health = freshet.Health{}
	})},
	"history is not saved": {"health and history are shared", saving(func(_ freshet.Connection, next *freshet.Connection) {
		next.History = freshet.History{}
	})},
	"every save is one of the token": {"health and history are shared", func(s freshet.Store) broken {
		var last time.Time
		return broken{
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
				last = time.Now().Add(time.Second) // some clocks tick too seldom to tell
				return err
			},
		}
	}},
	"a name is a path": {"a name means one connection", func(s freshet.Store) broken { return renaming(s, path.Base) }},

	"an update is given what the first one was": {"updates of one connection exclude each other", remembering},
	"one lock for all, and nobody waits": {"updates of two connections do not", func(s freshet.Store) broken {
		var lock sync.Mutex
		return broken{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
			if !lock.TryLock() {
				return errRefused
			}
			defer lock.Unlock()
			return s.Update(ctx, name, change)
		}}
	}},
	"an update takes no lock": {"waiting that ends is not permission", func(s freshet.Store) broken {
		return broken{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
			c, err := s.Get(ctx, name)
			if err != nil {
				return err
			}
			return change(ctx, c, func(freshet.Connection) error { return nil })
		}}
	}},
	"a change gets the caller's context": {"the caller's context does not reach the change", func(s freshet.Store) broken {
		return broken{Store: s, update: func(outer context.Context, name string, change freshet.Change) error {
			return s.Update(outer, name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
				return change(outer, c, save)
			})
		}}
	}},
	"an update always works": {"a failed change is reported", func(s freshet.Store) broken {
		return broken{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
			_ = s.Update(ctx, name, change)
			return nil
		}}
	}},
	"any version may be replaced": {"what others write without the lock is not overwritten", func(s freshet.Store) broken {
		return saving(func(_ freshet.Connection, next *freshet.Connection) {
			if current, err := s.Get(context.Background(), next.Name); err == nil {
				next.Version = current.Version
			}
		})(s)
	}},

	"the journal is not saved":      {"a refresh that was begun is remembered", saving(func(_ freshet.Connection, next *freshet.Connection) { next.Pending = nil })},
	"a reply is saved with no body": {"a journalled reply is remembered byte for byte", replying(func([]byte) []byte { return nil })},
	"a reply is text":               {"a journalled reply is remembered byte for byte", replying(func(body []byte) []byte { return bytes.ToValidUTF8(body, []byte("?")) })},
	"a reply has 64 KiB":            {"a large reply is no exception", replying(func(body []byte) []byte { return body[:min(len(body), 64<<10)] })},
	"a login is a refresh":          {"a login that was begun is remembered", journalling(func(p *freshet.Pending) { p.Login = nil })},
	"a journal has no end": {"an ended refresh leaves nothing pending", saving(func(last freshet.Connection, next *freshet.Connection) {
		if next.Pending == nil {
			next.Pending = last.Pending
		}
	})},
	"what was read once is not read again": {"many refreshers send one refresh", remembering},

	"creating replaces": {"a connection is created once", func(s freshet.Store) broken {
		return broken{Store: s, create: func(ctx context.Context, c freshet.Connection) error {
			if err := s.Delete(ctx, c.Name); err != nil && !errors.Is(err, freshet.ErrNotFound) {
				return err
			}
			return s.Create(ctx, c)
		}}
	}},
	"a connection must have a token": {"a connection may have no token yet", func(s freshet.Store) broken {
		return broken{Store: s, create: func(ctx context.Context, c freshet.Connection) error {
			if c.Token.IsZero() {
				return errRefused
			}
			return s.Create(ctx, c)
		}}
	}},
	"the list is in some order": {"the list is whole and in order", func(s freshet.Store) broken {
		return broken{Store: s, list: func(ctx context.Context) ([]freshet.Connection, error) {
			all, err := s.List(ctx)
			slices.Reverse(all)
			return all, err
		}}
	}},
	"the list has two pages, and one is read": {"the list is whole and in order", func(s freshet.Store) broken {
		return broken{Store: s, list: func(ctx context.Context) ([]freshet.Connection, error) {
			all, err := s.List(ctx)
			return all[:min(len(all), 3)], err
		}}
	}},
	"nothing is deleted": {"a deleted connection is gone", func(s freshet.Store) broken {
		return broken{Store: s, delete: func(context.Context, string) error { return nil }}
	}},
	"what is gone can be deleted": {"a deleted connection is gone", func(s freshet.Store) broken {
		return broken{Store: s, delete: func(ctx context.Context, name string) error {
			if err := s.Delete(ctx, name); !errors.Is(err, freshet.ErrNotFound) {
				return err
			}
			return nil
		}}
	}},
	"what is deleted is only hidden": {"a name can be used again", func(s freshet.Store) broken {
		var hidden freshet.Health
		return broken{
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
	"deleting takes no lock": {"deleting waits for an update", func(s freshet.Store) broken {
		gone := map[string]bool{}
		return broken{
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

	"a process reads a connection once": {"many callers in two processes send one refresh", remembering},
	"a killed process leaves no journal": {
		"a worker killed while it waits for the answer leaves a mark",
		saving(func(_ freshet.Connection, next *freshet.Connection) { next.Pending = nil }),
	},
	"the journal of a killed process has no reply": {
		"a worker killed with the answer in its journal is completed",
		func(s freshet.Store) broken {
			return broken{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
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
