//go:build unix

package sqlstore_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/examples/sqlstore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/storetest"
)

func TestMain(m *testing.M) {
	storetest.Worker(func(dsn string) (freshet.Store, error) { return connect(context.Background(), dsn) })
	flag.Parse()
	if !installed() { // an example cannot skip itself
		_ = flag.Set("test.skip", "^Example")
	}
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

func TestProcesses(t *testing.T) { storetest.TestProcesses(t, newBackend) }

// newBackend returns an empty store in a new database, and the DSN of the database.
func newBackend(t *testing.T) (backend storetest.Backend, dsn string) {
	t.Helper()
	if !installed() {
		t.Skip("needs PostgreSQL: etc/deps.sh names its package")
	}
	dsn, err := newDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	customers := `INSERT INTO crm_account (customer, crm) SELECT 'customer ' || n, 'any' FROM generate_series(1, 12) n`
	if err := execute(t.Context(), dsn, customers); err != nil {
		t.Fatal(err)
	}
	store := open(t, dsn)
	return storetest.Backend{
		Store:  store,
		Reopen: func(t *testing.T) freshet.Store { return open(t, dsn) },
		Add: func(t *testing.T, c freshet.Connection) string {
			c.Name = "1"
			if err := store.Create(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			return c.Name
		},
		Overwrite: func(t *testing.T, name string, token freshet.Token) {
			const update = `UPDATE crm_account SET token = $2, token_saved = now() WHERE id::text = $1`
			if err := execute(t.Context(), dsn, update, name, string(token.Bytes())); err != nil {
				t.Fatal(err)
			}
		},
		Names: []string{"2", "7", "10", "9", "11"},
	}, dsn
}

// The application creates and deletes rows. Create needs one, and Delete leaves it.
func TestRowsBelongToTheApplication(t *testing.T) {
	backend, _ := newBackend(t)
	store := backend.Store.(*sqlstore.Store)
	store.Apps = map[string]freshet.Registration{
		"any": {Provider: "xero", Client: oauth.Client{ID: "our app"}, SecretFrom: "env:XERO_SECRET"},
	}
	backend.Overwrite(t, "1", parse(t, `{"access_token":"a"}`))
	c, err := store.Get(t.Context(), "1")
	if err != nil || c.Client.ID != "our app" || c.Token.AccessToken() != "a" {
		t.Errorf("a row with a token is of the client %q, %v", c.Client.ID, err)
	}
	if _, err := store.Get(t.Context(), "2"); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("a row without a token: %v, want ErrNotFound", err)
	}
	c.Name = "2"
	if err := store.Create(t.Context(), c); err != nil {
		t.Errorf("creating a connection: %v", err)
	}
	if err := store.Delete(t.Context(), "2"); err != nil {
		t.Error(err)
	}
	c.Name = "99"
	if err := store.Create(t.Context(), c); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("creating a connection without a row: %v, want ErrNotFound", err)
	}
	var rows int
	const count = `SELECT count(*) FROM crm_account WHERE id <> 1 AND token IS NULL`
	err = store.Pool.QueryRow(t.Context(), count).Scan(&rows)
	if err != nil || rows != 11 {
		t.Errorf("%d of 11 rows are as they were, %v", rows, err)
	}
}

// The database fails over during a refresh request. The result is saved unless another process
// began a refresh.
func TestSaveAfterSessionEnded(t *testing.T) {
	for name, otherProcess := range map[string]bool{"alone": false, "another process began a refresh": true} {
		t.Run(name, func(t *testing.T) {
			backend, dsn := newBackend(t)
			acme := backend.Add(t, freshet.Connection{
				Token:        parse(t, `{"access_token":"a-0","refresh_token":"r-0"}`),
				Registration: freshet.Registration{Provider: "xero"},
			})
			update := func(_ context.Context, c freshet.Connection, save freshet.Save) error {
				begin(&c)
				if err := save(c); err != nil {
					return err
				}
				const endSessions = `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'`
				if err := execute(t.Context(), dsn, endSessions); err != nil {
					return err
				}
				if otherProcess {
					refresh := func(_ context.Context, c freshet.Connection, save freshet.Save) error {
						begin(&c)
						return save(c)
					}
					if err := open(t, dsn).Update(t.Context(), acme, refresh); err != nil {
						return err
					}
				}
				c.Token, c.Pending = parse(t, `{"access_token":"a-1","refresh_token":"r-1"}`), nil
				return save(c)
			}
			err := backend.Store.Update(t.Context(), acme, update)
			if otherProcess != errors.Is(err, freshet.ErrChanged) || !otherProcess && err != nil {
				t.Errorf("the save: %v", err)
			}
			c, err := backend.Store.Get(t.Context(), acme)
			if err != nil || (c.Token.AccessToken() == "a-1") == otherProcess {
				t.Errorf("the access token is %s, %v", c.Token.AccessToken(), err)
			}
		})
	}
}

func begin(c *freshet.Connection) {
	c.Pending = &freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), PID: os.Getpid()}
}

func parse(t *testing.T, document string) freshet.Token {
	t.Helper()
	token, err := freshet.ParseToken([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return token
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

// connect makes the pools as small as possible, so that a store which needs more database
// connections blocks. (Locks has two, because a test makes one update during another.)
func connect(ctx context.Context, dsn string) (*sqlstore.Store, error) {
	pool, err := pgxpool.New(ctx, dsn+" pool_max_conns=1")
	if err != nil {
		return nil, err
	}
	locks, err := pgxpool.New(ctx, dsn+" pool_max_conns=2")
	return &sqlstore.Store{Pool: pool, Locks: locks}, err
}
