package storetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet"
)

// broken is a store of which some methods are others.
type broken struct {
	freshet.Store
	get    func(ctx context.Context, name string) (freshet.Connection, error)
	list   func(ctx context.Context) ([]freshet.Connection, error)
	create func(ctx context.Context, c freshet.Connection) error
	update func(ctx context.Context, name string, change freshet.Change) error
	delete func(ctx context.Context, name string) error
	reopen func(t *testing.T) freshet.Store
}

func (s broken) Get(ctx context.Context, name string) (freshet.Connection, error) {
	if s.get != nil {
		return s.get(ctx, name)
	}
	return s.Store.Get(ctx, name)
}

func (s broken) List(ctx context.Context) ([]freshet.Connection, error) {
	if s.list != nil {
		return s.list(ctx)
	}
	return s.Store.List(ctx)
}

func (s broken) Create(ctx context.Context, c freshet.Connection) error {
	if s.create != nil {
		return s.create(ctx, c)
	}
	return s.Store.Create(ctx, c)
}

func (s broken) Update(ctx context.Context, name string, change freshet.Change) error {
	if s.update != nil {
		return s.update(ctx, name, change)
	}
	return s.Store.Update(ctx, name, change)
}

func (s broken) Delete(ctx context.Context, name string) error {
	if s.delete != nil {
		return s.delete(ctx, name)
	}
	return s.Store.Delete(ctx, name)
}

// saving is a store that saves something else than it is told to. last is what was saved before.
func saving(otherwise func(last freshet.Connection, next *freshet.Connection)) func(freshet.Store) broken {
	return func(s freshet.Store) broken {
		return broken{Store: s, update: func(ctx context.Context, name string, change freshet.Change) error {
			return s.Update(ctx, name, func(ctx context.Context, last freshet.Connection, save freshet.Save) error {
				return change(ctx, last, func(next freshet.Connection) error {
					otherwise(last, &next)
					last = next
					return save(next)
				})
			})
		}}
	}
}

// journalling saves another journal than it is told to.
func journalling(otherwise func(p *freshet.Pending)) func(freshet.Store) broken {
	return saving(func(_ freshet.Connection, next *freshet.Connection) {
		if next.Pending != nil {
			p := *next.Pending
			otherwise(&p)
			next.Pending = &p
		}
	})
}

// replying journals another reply than it is told to.
func replying(body func([]byte) []byte) func(freshet.Store) broken {
	return journalling(func(p *freshet.Pending) {
		if p.Reply != nil {
			reply := *p.Reply
			reply.Body = body(reply.Body)
			p.Reply = &reply
		}
	})
}

func compacted(token freshet.Token) freshet.Token {
	var compact bytes.Buffer
	if err := json.Compact(&compact, token.Bytes()); err != nil {
		return token
	}
	again, err := freshet.ParseToken(compact.Bytes())
	if err != nil {
		return token
	}
	return again
}

// remembering is a store that reads each connection once.
func remembering(s freshet.Store) broken {
	var first sync.Map // of each name
	remembered := func(c freshet.Connection) freshet.Connection {
		was, _ := first.LoadOrStore(c.Name, c)
		return was.(freshet.Connection)
	}
	return broken{
		Store: s,
		get: func(ctx context.Context, name string) (freshet.Connection, error) {
			c, err := s.Get(ctx, name)
			return remembered(c), err
		},
		update: func(ctx context.Context, name string, change freshet.Change) error {
			return s.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
				return change(ctx, remembered(c), save)
			})
		},
	}
}

// renaming is a store that knows connections by something else than their names.
func renaming(s freshet.Store, otherwise func(string) string) broken {
	return broken{
		Store: s,
		get: func(ctx context.Context, name string) (freshet.Connection, error) {
			return s.Get(ctx, otherwise(name))
		},
		create: func(ctx context.Context, c freshet.Connection) error {
			c.Name = otherwise(c.Name)
			return s.Create(ctx, c)
		},
		update: func(ctx context.Context, name string, change freshet.Change) error {
			return s.Update(ctx, otherwise(name), change)
		},
		delete: func(ctx context.Context, name string) error { return s.Delete(ctx, otherwise(name)) },
	}
}
