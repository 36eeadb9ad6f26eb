// Package sqlstore is a [freshet.Store] over a table that an application has already. Copy this file as it is: all that it knows
// of the table is the view freshet_connection, which schema.sql makes of the example's. A row with a token is a connection; its
// name is the row's key, as text. The application may write the token whenever it likes, without a lock.
//
// One worker at a time updates a connection, on however many machines: it holds a session's advisory lock, which the server frees
// when the worker dies, and no transaction. What the lock cannot do, comparing does: a save says which token and record it
// replaces, so that a worker whose session broke saves its result if nobody else came, and nothing otherwise.
package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/freshet-dev/freshet"
)

// Store keeps connections in the view freshet_connection. It implements [freshet.Store], which says what its methods promise.
type Store struct {
	Pool *pgxpool.Pool // reads and saves, one statement at a time
	// Locks is another pool, of a session for each who holds a lock or waits for it: these must leave holders some to save with.
	Locks *pgxpool.Pool
	Apps  map[string]freshet.Registration // by provider; they count whatever a row says: [freshet.Connection.Restore]
}

const (
	patience  = 10 * time.Second // with one statement: those of a refresh do not end with its caller's context
	lock      = `hashtextextended('freshet_connection ' || name, 0)`
	connected = `(token IS NOT NULL OR freshet IS NOT NULL)`
	reading   = `SELECT name, provider, coalesce(token, ''), token_saved, md5(coalesce(token, '')), coalesce(freshet, ''), ` + lock + `
		NOT IN (SELECT classid::bigint << 32 | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted) -- nobody has it
		FROM freshet_connection WHERE ` + connected
)

func (s *Store) Get(ctx context.Context, name string) (freshet.Connection, error) {
	c, _, err := s.read(ctx, name)
	c.Pending = nil
	return c, err
}

func (s *Store) read(ctx context.Context, name string) (c freshet.Connection, record []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if c, record, err = s.scan(s.Pool.QueryRow(ctx, reading+` AND name = $1`, name)); errors.Is(err, pgx.ErrNoRows) {
		err = freshet.ErrNotFound
	}
	return c, record, err
}

func (s *Store) scan(row pgx.Row) (c freshet.Connection, record []byte, err error) {
	var provider, token string
	if err = row.Scan(&c.Name, &provider, &token, &c.Saved, &c.Version, &record, &c.Unsettled); err != nil {
		return c, nil, err
	}
	c.Registration = s.Apps[provider]
	if err = c.Restore([]byte(token), record); err == nil && reflect.ValueOf(c.Registration).IsZero() {
		err = errors.New("neither has " + c.Name + " a registration of its own, nor Apps one for the provider " + provider)
	}
	c.Unsettled = c.Unsettled && c.Pending != nil && c.Pending.Reply != nil
	return c, record, err
}

func (s *Store) List(ctx context.Context) (all []freshet.Connection, err error) {
	rows, _ := s.Pool.Query(ctx, reading+` ORDER BY name COLLATE "C"`) // an error is rows.Err, too
	for rows.Next() {
		c, _, bad := s.scan(rows)
		c.Pending = nil
		if err = errors.Join(err, bad); bad == nil {
			all = append(all, c)
		}
	}
	return all, errors.Join(err, rows.Err())
}

// Create makes a connection of a row that the application has, without a token. With no such row it returns [freshet.ErrNotFound].
func (s *Store) Create(ctx context.Context, c freshet.Connection) error {
	record, err := c.Record()
	if err != nil {
		return err
	}
	err = s.exec(ctx, freshet.ErrNotFound, `UPDATE freshet_connection SET token = nullif($2, ''), token_saved = now(), freshet = $3
		WHERE name = $1 AND NOT `+connected, c.Name, string(c.Token.Bytes()), string(record))
	if _, found := s.Get(ctx, c.Name); errors.Is(err, freshet.ErrNotFound) && found == nil {
		return freshet.ErrExists
	}
	return err
}

// exec runs a statement about one row, and returns none if there is no such row.
func (s *Store) exec(ctx context.Context, none error, sql string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done, err := s.Pool.Exec(ctx, sql, args...)
	if err == nil && done.RowsAffected() == 0 {
		return none
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
			newToken := !bytes.Equal(next.Token.Bytes(), last.Token.Bytes())
			// What is there already may be replaced, too: perhaps this is done, and only the server's answer was lost.
			err = s.exec(ctx, freshet.ErrChanged, `UPDATE freshet_connection SET freshet = $2,
				token = CASE WHEN $4 THEN $5 ELSE token END, token_saved = CASE WHEN $4 THEN now() ELSE token_saved END
				WHERE name = $1 AND coalesce(freshet, '') IN ($2, $3) AND (NOT $4 OR md5(coalesce(token, '')) IN ($6, md5($5)))`,
				name, string(record), string(lastRecord), newToken, string(next.Token.Bytes()), next.Version)
			if err == nil {
				last, lastRecord = next, record
			}
			return err
		})
	})
}

// Delete leaves the row, which is the application's.
func (s *Store) Delete(ctx context.Context, name string) error {
	return s.locked(ctx, name, func(ctx context.Context) error {
		return s.exec(ctx, freshet.ErrNotFound, `UPDATE freshet_connection SET token = NULL, freshet = NULL WHERE name = $1 AND `+connected, name)
	})
}

// locked runs f under the connection's lock. ctx ends the waiting, by ending the session.
func (s *Store) locked(ctx context.Context, name string, f func(context.Context) error) error {
	return s.Locks.AcquireFunc(ctx, func(session *pgxpool.Conn) error {
		if _, err := session.Exec(ctx, `SELECT pg_advisory_lock(`+lock+`) FROM (VALUES ($1)) this (name)`, name); err != nil {
			return err
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			_, _ = session.Exec(ctx, `SELECT pg_advisory_unlock_all()`) // if this fails, the session ends, and the lock with it
		}()
		return f(context.WithoutCancel(ctx))
	})
}
