//go:build unix

package sqlstore_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/examples/sqlstore"
	"github.com/freshet-dev/freshet/storetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	stopServer()
	os.Exit(code)
}

func TestStore(t *testing.T) {
	storetest.Test(t, func(t *testing.T) storetest.Backend {
		backend, _ := newBackend(t)
		return backend
	})
}

// newBackend is an empty store in a database of its own, and how to connect to it.
func newBackend(t *testing.T) (backend storetest.Backend, dsn string) {
	t.Helper()
	dsn, err := newDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store := open(t, dsn)
	return storetest.Backend{
		Store:  store,
		Reopen: func(t *testing.T) freshet.Store { return open(t, dsn) },
		Add: func(t *testing.T, c freshet.Connection) string {
			c.Name = "acme"
			if err := store.Create(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			return c.Name
		},
		Overwrite: func(t *testing.T, name string, token freshet.Token) {
			err := execute(t.Context(), dsn, `UPDATE crm_account SET token = $2, token_saved = now() WHERE name = $1`, name, string(token.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
		},
		Missing: "nobody",
	}, dsn
}

func open(t *testing.T, dsn string) *sqlstore.Store {
	t.Helper()
	store, err := connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Pool.Close)
	t.Cleanup(store.Locks.Close)
	return store
}

func connect(ctx context.Context, dsn string) (*sqlstore.Store, error) {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return nil, err
	}
	locks, err := pgxpool.New(ctx, dsn)
	return &sqlstore.Store{Pool: pool, Locks: locks}, err
}
