package freshet

import (
	"context"
	"time"
)

// Store keeps connections. A name means the same connection to every program that shares the store.
//
// Implementations are package filestore, the examples examples/sqlstore and examples/sqlitestore
// and, for tests, [MemoryStore]. A store keeps of each connection the token, byte for byte, its
// [Connection.Record], the time at which the token was saved, and a version. Package storetest
// tests a Store for all that freshet relies on.
type Store interface {
	// Get reads a connection without a lock, or returns [ErrNotFound]. It leaves Pending nil, and
	// sets ReplyPending as described there. A [Change] may call it: it must not wait for a lock.
	Get(ctx context.Context, name string) (Connection, error)

	// List reads all connections, sorted by name. It leaves out one that is deleted meanwhile. With
	// an error it returns those that could be read.
	List(ctx context.Context) ([]Connection, error)

	// Create adds a connection, with or without a token. It returns [ErrExists] if there is one of
	// that name.
	Create(ctx context.Context, c Connection) error

	// Update locks a connection against all other updates by programs that share the store. Then it
	// reads the connection again, with any Pending, and calls change. It returns [ErrNotFound] if
	// there is no such connection. Nothing else changes a connection.
	//
	// ctx only ends the wait for the lock. The lock lasts until Update returns. That takes up to 45
	// seconds, and longer if saving is slow: up to [ExchangeTimeout] for a request, and some seconds
	// for saving a result again. So a lease is renewed, or it lasts that long. If a lock is lost all
	// the same, the context passed to change ends before another update can begin, and save returns
	// [ErrChanged].
	Update(ctx context.Context, name string, change Change) error

	// Delete removes a connection. It waits for the lock as Update does, and returns [ErrNotFound]
	// if there is no such connection.
	Delete(ctx context.Context, name string) error
}

// Change is called while a connection is locked. It may call save any number of times. To replace a
// token that it saved before, it needs the Version that Get returns after that save.
type Change func(ctx context.Context, c Connection, save Save) error

// Save saves a connection durably before it returns nil. Other processes see either the previous or
// the new connection, and never a mixture.
//
// A connection with a new Pending and an unchanged token announces a refresh. Save must then return
// an error if it can find out that saving the result will fail: after this call the refresh token
// is sent, and may be replaced. A Pending with a Reply is the journal of the provider's reply. A
// connection without Pending ends the refresh: the token is saved and the journal removed in one
// step, or in an order in which a crash leaves the journal. A token that no Pending of this change
// announced spent nothing: it is of client credentials, or was given to the keeper. If it is saved with
// the Pending that the change read, both are kept.
//
// Programs that do not lock may write the token at any time. So what Save does depends on whether
// [Token.Equal] reports that c.Token is the token that the change read, or saved last:
//
//   - The token is unchanged: Save saves the rest, which is [Connection.Record]. It leaves token,
//     Saved and Version as they are in the store, and does not compare Version.
//   - The token changed: Save saves all of c, and sets Saved and Version. It returns [ErrChanged]
//     instead if the token in the store is newer than c.Version.
//
// In both cases it returns [ErrChanged] if the store's lock was lost and another update may have
// begun.
//
// Save has no context, because no caller may interrupt it. It has a time limit of its own.
type Save func(c Connection) error

// Quarantiner is implemented by a [Store] that can keep a reply that fits no connection, for a person to
// look at. Quarantine returns the place, which is named in an error.
type Quarantiner interface {
	Quarantine(ctx context.Context, name string, reply []byte) (place string, err error)
}

// CopyChecker is implemented by a [Store] that knows which of its connections have, or had, the
// same refresh token.
type CopyChecker interface {
	// CheckCopies is called in a [Change], before a refresh of c is announced. It returns the
	// connection whose refresh replaced c's refresh token, which may be c itself, or a locked
	// connection that has the same token. If there is neither, it locks all connections with the
	// token until the change ends, and returns the zero Copy: the token can be sent.
	CheckCopies(ctx context.Context, c Connection) (Copy, error)
}

// Copy is a connection, or a token file without a connection, that has or had the refresh token of
// another connection.
type Copy struct {
	Name      string    // of the connection; "" if there is only a TokenFile
	TokenFile string    // path
	Replaced  time.Time // when a refresh of it replaced the token; zero if it still has the token
}

// String returns "connection NAME" or "token file PATH".
func (c Copy) String() string {
	if c.TokenFile != "" {
		return "token file " + c.TokenFile
	}
	return "connection " + c.Name
}
