package storetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet"
)

// faultyStore is a store with some methods replaced.
type faultyStore struct {
	freshet.Store
	get    func(ctx context.Context, name string) (freshet.Connection, error)
	list   func(ctx context.Context) ([]freshet.Connection, error)
	create func(ctx context.Context, c freshet.Connection) error
	update func(ctx context.Context, name string, change freshet.Change) error
	delete func(ctx context.Context, name string) error
	reopen func(t *testing.T) freshet.Store
}

func (s faultyStore) Get(ctx context.Context, name string) (freshet.Connection, error) {
	if s.get != nil {
		return s.get(ctx, name)
	}
	return s.Store.Get(ctx, name)
}

func (s faultyStore) List(ctx context.Context) ([]freshet.Connection, error) {
	if s.list != nil {
		return s.list(ctx)
	}
	return s.Store.List(ctx)
}

func (s faultyStore) Create(ctx context.Context, c freshet.Connection) error {
	if s.create != nil {
		return s.create(ctx, c)
	}
	return s.Store.Create(ctx, c)
}

func (s faultyStore) Update(ctx context.Context, name string, change freshet.Change) error {
	if s.update != nil {
		return s.update(ctx, name, change)
	}
	return s.Store.Update(ctx, name, change)
}

func (s faultyStore) Delete(ctx context.Context, name string) error {
	if s.delete != nil {
		return s.delete(ctx, name)
	}
	return s.Store.Delete(ctx, name)
}

// CheckCopies finds none.
func (faultyStore) CheckCopies(context.Context, freshet.Connection) (freshet.Copy, error) {
	return freshet.Copy{}, nil
}

// onSave changes a connection before each save of an update. last is the one saved before.
func onSave(modify func(last freshet.Connection, next *freshet.Connection)) func(freshet.Store) faultyStore {
	return func(s freshet.Store) faultyStore {
		return faultyStore{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
			return s.Update(ctx, name, func(ctx context.Context, last freshet.Connection, save freshet.Save) error {
				return change(ctx, last, func(next freshet.Connection) error {
					modify(last, &next)
					last = next
					return save(next)
				})
			})
		}}
	}
}

// onSavePending changes a journal before each save.
func onSavePending(modify func(p *freshet.Pending)) func(freshet.Store) faultyStore {
	return onSave(func(_ freshet.Connection, next *freshet.Connection) {
		if next.Pending != nil {
			p := *next.Pending
			modify(&p)
			next.Pending = &p
		}
	})
}

// onSaveReply changes the body of a journaled reply before each save.
func onSaveReply(modify func(body []byte) []byte) func(freshet.Store) faultyStore {
	return onSavePending(func(p *freshet.Pending) {
		if p.Reply != nil {
			reply := *p.Reply
			reply.Body = modify(reply.Body)
			p.Reply = &reply
		}
	})
}

func compacted(token freshet.Token) freshet.Token {
	var compact bytes.Buffer
	if err := json.Compact(&compact, token.Bytes()); err != nil {
		return token
	}
	out, err := freshet.ParseToken(compact.Bytes())
	if err != nil {
		return token
	}
	return out
}

// cachingStore reads each connection once.
func cachingStore(s freshet.Store) faultyStore {
	var cache sync.Map // by name
	cached := func(c freshet.Connection) freshet.Connection {
		first, _ := cache.LoadOrStore(c.Name, c)
		return first.(freshet.Connection)
	}
	return faultyStore{
		Store: s,
		get: func(ctx context.Context, name string) (freshet.Connection, error) {
			c, err := s.Get(ctx, name)
			return cached(c), err
		},
		update: func(ctx context.Context, name string, change freshet.Change) error {
			return s.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
				return change(ctx, cached(c), save)
			})
		},
	}
}

// renamingStore saves connections under other names.
func renamingStore(s freshet.Store, rename func(string) string) faultyStore {
	return faultyStore{
		Store: s,
		get: func(ctx context.Context, name string) (freshet.Connection, error) {
			return s.Get(ctx, rename(name))
		},
		create: func(ctx context.Context, c freshet.Connection) error {
			c.Name = rename(c.Name)
			return s.Create(ctx, c)
		},
		update: func(ctx context.Context, name string, change freshet.Change) error {
			return s.Update(ctx, rename(name), change)
		},
		delete: func(ctx context.Context, name string) error { return s.Delete(ctx, rename(name)) },
	}
}
