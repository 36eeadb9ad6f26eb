// Package sqlitestore is a [freshet.Store] in a SQLite database, with a lease for each connection. A
// lease works over any database that can compare and write in one statement, also where no lock ends
// with a session. The README says how.
//
// An update writes its own random id into the row and until when it holds the lock, and renews that.
// If its process is killed, the lock ends with the lease. Every save compares the id: an update that
// has lost its lock saves nothing.
package sqlitestore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/freshet-dev/freshet"
)

const (
	timeout = 10 * time.Second // of one statement: during a refresh the caller's context does not count
	poll    = 20 * time.Millisecond

	// The clock of the database decides, so that the clocks of its clients need not agree.
	now    = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`
	schema = `CREATE TABLE IF NOT EXISTS connection (
		name    TEXT PRIMARY KEY,
		token   BLOB,                       -- the provider's token response, byte for byte
		version INTEGER NOT NULL DEFAULT 1, -- who writes the token without the lock adds 1
		saved   INTEGER NOT NULL DEFAULT (` + now + `),
		record  BLOB NOT NULL,              -- registration, health, history and the journal
		holder  TEXT NOT NULL DEFAULT '',   -- the id of the update that has the lock
		until   INTEGER NOT NULL DEFAULT 0  -- the end of its lease
	) STRICT`
	columns = `SELECT name, token, version, saved, record, until <= ` + now + ` FROM connection`
)

// Store implements [freshet.Store].
type Store struct {
	DB *sql.DB
	// Lease is how long the lock of a killed process lasts. An update whose lease cannot be renewed
	// ends before it.
	Lease time.Duration
}

// Open opens or creates the database. The file is as secret as the tokens in it.
func Open(path string) (*Store, error) {
	options := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options.Encode())
	if err != nil {
		return nil, err
	}
	s := &Store{DB: db, Lease: 15 * time.Second}
	if err := s.exec(nil, schema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (s *Store) Get(ctx context.Context, name string) (freshet.Connection, error) {
	c, err := scan(s.DB.QueryRowContext(ctx, columns+` WHERE name = ?`, name))
	if errors.Is(err, sql.ErrNoRows) {
		err = freshet.ErrNotFound
	}
	c.Pending = nil
	return c, err
}

func scan(row interface{ Scan(...any) error }) (c freshet.Connection, err error) {
	var token, record []byte
	var saved int64
	var free bool
	if err := row.Scan(&c.Name, &token, &c.Version, &saved, &record, &free); err != nil {
		return c, err
	}
	c.Saved = time.UnixMilli(saved)
	err = c.Restore(token, record)
	c.ReplyPending = free && c.Pending != nil && c.Pending.Reply != nil
	return c, err
}

func (s *Store) List(ctx context.Context) (all []freshet.Connection, err error) {
	rows, err := s.DB.QueryContext(ctx, columns+` ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c, bad := scan(rows)
		c.Pending = nil
		if err = errors.Join(err, bad); bad == nil {
			all = append(all, c)
		}
	}
	return all, errors.Join(err, rows.Err())
}

func (s *Store) Create(_ context.Context, c freshet.Connection) error {
	record, err := c.Record()
	if err != nil {
		return err
	}
	return s.exec(freshet.ErrExists, `INSERT INTO connection (name, token, record) VALUES (?, ?, ?)
		ON CONFLICT DO NOTHING`, c.Name, c.Token.Bytes(), record)
}

// exec changes one row. It returns errNoRow if there is none that matches.
func (s *Store) exec(errNoRow error, statement string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	result, err := s.DB.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	if rows, err := result.RowsAffected(); err != nil || rows == 0 {
		return errors.Join(err, errNoRow)
	}
	return nil
}

func (s *Store) Update(ctx context.Context, name string, change freshet.Change) error {
	return s.locked(ctx, name, func(ctx context.Context, holder string) error {
		last, err := scan(s.DB.QueryRowContext(ctx, columns+` WHERE name = ?`, name))
		if err != nil {
			return err
		}
		return change(ctx, last, func(next freshet.Connection) error {
			record, err := next.Record()
			if err != nil {
				return err
			}
			err = s.exec(freshet.ErrChanged, `UPDATE connection SET record = $3, version = version + $4,
				token = iif($4, $5, token), saved = iif($4, `+now+`, saved)
				WHERE name = $1 AND holder = $2 AND (NOT $4 OR version = $6)`,
				name, holder, record, !next.Token.Equal(last.Token), next.Token.Bytes(), next.Version)
			if err == nil {
				last = next
			}
			return err
		})
	})
}

func (s *Store) Delete(ctx context.Context, name string) error {
	return s.locked(ctx, name, func(_ context.Context, holder string) error {
		return s.exec(freshet.ErrNotFound, `DELETE FROM connection WHERE name = ? AND holder = ?`, name, holder)
	})
}

// locked calls f while holder has the connection's lock. It waits for the lock until ctx ends. The
// context of f ends before the lock can be lost.
func (s *Store) locked(ctx context.Context, name string, f func(ctx context.Context, holder string) error) error {
	const take = `UPDATE connection SET holder = $2, until = ` + now + ` + $3 WHERE name = $1 AND `
	holder, lease := rand.Text(), s.Lease.Milliseconds()
	for {
		err := s.exec(errLocked, take+`until <= `+now, name, holder, lease)
		if err == nil {
			break
		}
		if errors.Is(err, errLocked) {
			_, err = s.Get(ctx, name) // is it there at all?
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		time.Sleep(poll)
	}
	held, cancel := context.WithCancel(context.WithoutCancel(ctx))
	expiry := time.AfterFunc(s.Lease*3/4, cancel)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		for held.Err() == nil {
			began := time.Now()
			if s.exec(errLocked, take+`holder = $2`, name, holder, lease) == nil {
				expiry.Reset(s.Lease*3/4 - time.Since(began))
			}
			select {
			case <-held.Done():
			case <-time.After(s.Lease / 4):
			}
		}
	})
	defer func() {
		cancel()
		renewing.Wait()
		expiry.Stop()
		_ = s.exec(nil, `UPDATE connection SET holder = '', until = 0 WHERE name = ? AND holder = ?`, name, holder)
	}()
	return f(held, holder)
}

var errLocked = errors.New("another update has the lock")
