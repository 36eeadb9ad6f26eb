package freshet

import (
	"context"
	"time"
)

// Store is where connections live. A name means the same connection to everyone who shares the store.
//
// Package storetest is the contract in executable form: a Store that passes it keeps every promise that depends on the
// store. Implementations are package filestore, the example examples/sqlstore and, for tests, [MemoryStore]. What must be kept of a
// connection is its token, byte for byte, and its [Connection.Record]; when the token was saved, and a version.
type Store interface {
	// Get reads a connection without a lock, or returns [ErrNotFound]. It leaves Pending nil, and sets Unsettled if a whole
	// reply is pending and nobody is updating the connection. It may be called from within a change: it must not wait for what
	// the caller holds.
	Get(ctx context.Context, name string) (Connection, error)

	// List reads all connections, in the order of their names. With an error it returns those that could be read.
	List(ctx context.Context) ([]Connection, error)

	// Create adds a connection that does not exist yet, with a token or without one, or returns [ErrExists].
	Create(ctx context.Context, c Connection) error

	// Update is the only way to change one. It excludes everyone else who shares the store from updating the connection, reads
	// it anew, with Pending as a predecessor may have left it, and calls change with it and a way to save. Without a connection it
	// returns [ErrNotFound].
	//
	// ctx ends only the waiting for others. The context that change gets ends when the exclusion does, or never.
	Update(ctx context.Context, name string, change Change) error

	// Delete forgets a connection, waiting like Update, or returns [ErrNotFound].
	Delete(ctx context.Context, name string) error
}

// Change is what happens to a connection between lock and unlock. It may save as often as it likes. After a save that changed the
// token, the next that does needs the Version that Get tells by then.
type Change func(ctx context.Context, c Connection, save Save) error

// Save makes a version of the connection durable before it returns nil; another process sees either the version before
// or this one, whole.
//
// A connection with a new Pending and the token unchanged announces a refresh. Save must then return an error if it can
// tell that saving the result will fail, because after this the refresh token is spent. A Pending with a Reply journals
// what the provider answered. A connection whose Pending is nil ends the refresh: the token and the end of the journal are
// saved in one step, or in such an order that a crash between them leaves the journal behind.
//
// Programs that take no lock may write the token at any time. Save leaves a token alone that is to stay as it was read, and
// does not replace one that is newer than the connection's Version: it returns [ErrChanged]. So does a store whose lock may end
// before its holder does, when somebody else came meanwhile.
//
// Save has no context, because no caller may cut it short: it bounds by itself how long it takes.
type Save func(Connection) error

// Aside is implemented by a [Store] that can keep a reply that belongs into no token, for a person to look at. It returns
// the place, which an error will name.
type Aside interface {
	SetAside(ctx context.Context, name string, reply []byte) (place string, err error)
}

// CopyChecker is implemented by a [Store] that knows when two of its connections have, or had, one refresh token.
type CopyChecker interface {
	// CheckCopies is called within a change, before a refresh of c is announced. It returns the connection whose refresh replaced
	// c's refresh token, which may be c itself; or one that has the same token now and is being updated. Otherwise it excludes all
	// that have the token from updates until the change ends, and returns the zero Copy: the token can be sent.
	CheckCopies(ctx context.Context, c Connection) (Copy, error)
}

// Copy is a connection, or a token file without one, that has or had the refresh token of another.
type Copy struct {
	Name      string    // of the connection; "" if TokenFile says the place
	TokenFile string    // its path
	Replaced  time.Time // when a refresh of it replaced the token; zero if it still has the token
}

// String names it in a message.
func (c Copy) String() string {
	if c.TokenFile != "" {
		return "token file " + c.TokenFile
	}
	return "connection " + c.Name
}
