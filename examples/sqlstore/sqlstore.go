// Package sqlstore is a [freshet.Store] over a PostgreSQL table that an application already has.
// Copy this file without changes: it uses the table through the view freshet_connection, which
// schema.sql creates for the example's table. A row with a token is a connection. Its name is the
// row's key, as text. The application may write the token at any time, without a lock.
//
// Only one process, of all replicas, updates a connection at a time. It holds a session-level
// advisory lock, which the server releases when the process or its session ends, and no
// transaction. Its session may end before the update does. So a save also compares: it replaces
// only the token and the record that were read, or fails.
package sqlstore

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/freshet-dev/freshet"
)

// Store implements [freshet.Store] over the view freshet_connection.
type Store struct {
	Pool *pgxpool.Pool // for reading and saving, one statement at a time
	// Locks is a second pool. Each update uses one of its sessions while it holds the lock or waits
	// for it. If these came from Pool, waiting updates could leave the holder of the lock none to
	// save with.
	Locks *pgxpool.Pool
	Apps  map[string]freshet.Registration // by provider; used as [freshet.Connection.Restore] says
}

const (
	timeout   = 10 * time.Second // of one statement: during a refresh the caller's context does not count
	lockKey   = `hashtextextended('freshet_connection ' || name, 0)`
	connected = `(token IS NOT NULL OR freshet IS NOT NULL)`
	selectAll = `SELECT name, provider, coalesce(token, ''), token_saved,
		md5(coalesce(token, '')), coalesce(freshet, ''), ` + lockKey + ` NOT IN ( -- it is not locked
			SELECT classid::bigint << 32 | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted)
		FROM freshet_connection WHERE ` + connected
)

func (s *Store) Get(ctx context.Context, name string) (freshet.Connection, error) {
	c, _, err := s.read(ctx, name)
	c.Pending = nil
	return c, err
}

func (s *Store) read(ctx context.Context, name string) (c freshet.Connection, record []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if c, record, err = s.scan(s.Pool.QueryRow(ctx, selectAll+` AND name = $1`, name)); errors.Is(err, pgx.ErrNoRows) {
		return c, nil, freshet.ErrNotFound
	}
	return c, record, err
}

func (s *Store) scan(row pgx.Row) (c freshet.Connection, record []byte, err error) {
	var provider, token string
	if err = row.Scan(&c.Name, &provider, &token, &c.Saved, &c.Version, &record, &c.ReplyPending); err != nil {
		return c, nil, err
	}
	c.Registration = s.Apps[provider]
	if err = c.Restore([]byte(token), record); err == nil && reflect.ValueOf(c.Registration).IsZero() {
		err = errors.New(c.Name + " has no registration, and Apps has none for the provider " + provider)
	}
	c.ReplyPending = c.ReplyPending && c.Pending != nil && c.Pending.Reply != nil
	return c, record, err
}

func (s *Store) List(ctx context.Context) (all []freshet.Connection, err error) {
	rows, _ := s.Pool.Query(ctx, selectAll+` ORDER BY name COLLATE "C"`) // rows.Err returns the error, too
	for rows.Next() {
		c, _, bad := s.scan(rows)
		c.Pending = nil
		if err = errors.Join(err, bad); bad == nil {
			all = append(all, c)
		}
	}
	return all, errors.Join(err, rows.Err())
}

// Create makes a connection of an existing row that has no token. If there is no such row, it
// returns [freshet.ErrNotFound].
func (s *Store) Create(ctx context.Context, c freshet.Connection) error {
	record, err := c.Record()
	if err != nil {
		return err
	}
	err = s.exec(ctx, freshet.ErrNotFound, `UPDATE freshet_connection
		SET token = nullif($2, ''), token_saved = now(), freshet = $3 WHERE name = $1 AND NOT `+connected,
		c.Name, string(c.Token.Bytes()), string(record))
	if _, found := s.Get(ctx, c.Name); errors.Is(err, freshet.ErrNotFound) && found == nil {
		return freshet.ErrExists
	}
	return err
}

// exec runs a statement for one row. It returns errNoRow if no row matches.
func (s *Store) exec(ctx context.Context, errNoRow error, sql string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	tag, err := s.Pool.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return errNoRow
	}
	return err
}

func (s *Store) Update(ctx context.Context, name string, change freshet.Change) error {
	return s.locked(ctx, name, func(ctx context.Context) error {
		last, lastRecord, err := s.read(ctx, name)
		if err != nil {
			return err
		}
		return change(ctx, last, func(next freshet.Connection) error {
			record, err := next.Record()
			if err != nil {
				return err
			}
			// If the answer to a save was lost, what it saved is there, and is saved again.
			err = s.exec(ctx, freshet.ErrChanged, `UPDATE freshet_connection SET freshet = $2,
				token = CASE WHEN $4 THEN $5 ELSE token END, token_saved = CASE WHEN $4 THEN now() ELSE token_saved END
				WHERE name = $1 AND coalesce(freshet, '') IN ($2, $3)
					AND (NOT $4 OR md5(coalesce(token, '')) IN ($6, md5($5)))`,
				name, string(record), string(lastRecord),
				!next.Token.Equal(last.Token), string(next.Token.Bytes()), next.Version)
			if err == nil {
				last, lastRecord = next, record
			}
			return err
		})
	})
}

// Delete removes token and record. The row stays, because it is the application's.
func (s *Store) Delete(ctx context.Context, name string) error {
	return s.locked(ctx, name, func(ctx context.Context) error {
		return s.exec(ctx, freshet.ErrNotFound,
			`UPDATE freshet_connection SET token = NULL, freshet = NULL WHERE name = $1 AND `+connected, name)
	})
}

// locked calls f while the connection is locked. It waits for the lock until ctx ends.
func (s *Store) locked(ctx context.Context, name string, f func(context.Context) error) error {
	return s.Locks.AcquireFunc(ctx, func(session *pgxpool.Conn) error {
		_, err := session.Exec(ctx, `SELECT pg_advisory_lock(`+lockKey+`) FROM (VALUES ($1)) this (name)`, name)
		if err != nil {
			return err
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), timeout)
			defer cancel()
			// If this fails, the session ends, and that releases the lock.
			_, _ = session.Exec(ctx, `SELECT pg_advisory_unlock_all()`)
		}()
		return f(context.WithoutCancel(ctx))
	})
}
