package sqlitestore_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/examples/sqlitestore"
	"github.com/freshet-dev/freshet/storetest"
)

func TestMain(m *testing.M) {
	storetest.Worker(func(path string) (freshet.Store, error) { return connect(path) })
	m.Run()
}

func TestStore(t *testing.T) {
	storetest.Test(t, func(t *testing.T) storetest.Backend {
		backend, _ := newBackend(t)
		return backend
	})
}

func TestProcesses(t *testing.T) { storetest.TestProcesses(t, newBackend) }

// newBackend returns an empty store and the path of its database.
func newBackend(t *testing.T) (backend storetest.Backend, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a ?#%.db")
	store := open(t, path)
	return storetest.Backend{
		Store:  store,
		Reopen: func(t *testing.T) freshet.Store { return open(t, path) },
		Lease:  store.Lease,
		Add: func(t *testing.T, c freshet.Connection) string {
			c.Name = "acme"
			if err := store.Create(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			return c.Name
		},
		Overwrite: func(t *testing.T, name string, token freshet.Token) {
			const update = `UPDATE connection SET token = ?, version = version + 1 WHERE name = ?`
			if _, err := store.DB.ExecContext(t.Context(), update, token.Bytes(), name); err != nil {
				t.Fatal(err)
			}
		},
		Names: []string{"missing", "z-last", "a-first", "m.1", "m.2"},
	}, path
}

func open(t *testing.T, path string) *sqlitestore.Store {
	t.Helper()
	store, err := connect(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// connect opens a store with a lease that is shorter than a refresh may take.
func connect(path string) (*sqlitestore.Store, error) {
	store, err := sqlitestore.Open(path)
	if err == nil {
		store.Lease = 3 * time.Second
	}
	return store, err
}

// An update that was stopped for longer than its lease saves its result, unless another one began.
func TestSaveAfterLeaseEnded(t *testing.T) {
	for name, another := range map[string]bool{"alone": false, "another update began": true} {
		t.Run(name, func(t *testing.T) {
			backend, _ := newBackend(t)
			acme := backend.Add(t, freshet.Connection{Token: parse(t, `{"access_token":"a-0"}`)})
			update := func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
				end := `UPDATE connection SET until = 0`
				if another {
					end += `, holder = 'another'`
				}
				if _, err := backend.Store.(*sqlitestore.Store).DB.ExecContext(ctx, end); err != nil {
					return err
				}
				c.Token = parse(t, `{"access_token":"a-1"}`)
				return save(c)
			}
			err := backend.Store.Update(t.Context(), acme, update)
			if another != errors.Is(err, freshet.ErrChanged) || !another && err != nil {
				t.Errorf("the save: %v", err)
			}
			c, err := backend.Store.Get(t.Context(), acme)
			if err != nil || (c.Token.AccessToken() == "a-1") == another {
				t.Errorf("the access token is %s, %v", c.Token.AccessToken(), err)
			}
		})
	}
}

func parse(t *testing.T, document string) freshet.Token {
	t.Helper()
	token, err := freshet.ParseToken([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return token
}
