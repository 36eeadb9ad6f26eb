// Package storetest is the contract of a [freshet.Store], as tests that every store must pass.
//
// A store that passes keeps the grants in it. Most providers replace the refresh token at every use, so that the store has the
// only copy of what the next refresh needs, and a copy that is presented twice may end the grant. Hence:
//
//   - it returns what was saved byte for byte, and says so when it cannot save;
//   - one caller at a time updates a connection, in one process or many, and a wait that ended is no permission;
//   - it remembers a refresh that was begun, and the reply to it, so that whoever comes next can finish it;
//   - it leaves alone what other programs write without a lock.
//
// [Test] checks that in one process. [TestProcesses] kills processes, which no test in one process can replace: a lock in
// memory passes the first and not the second.
//
// [Test]'s example shows how to call it. A failure says what the store did, what it should have done, and what would be lost if nobody noticed.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// Backend is one empty store under test.
type Backend struct {
	Store freshet.Store
	// Reopen returns the same store opened once more, as another process would. Defaults to Store itself, for a store that
	// is nowhere but in its own memory.
	Reopen func(t *testing.T) freshet.Store
	// Add puts a connection into the store and returns its name. It keeps the endpoint and the client as they are given.
	Add func(t *testing.T, c freshet.Connection) (name string)
	// Overwrite does what a program does that takes no lock: it replaces the token, whoever is updating it.
	Overwrite func(t *testing.T, name string, token freshet.Token)
	// Names are at least five that the store would accept and does not hold, in any order. The tests use no others, except to see
	// what becomes of odd ones, which the store may refuse.
	Names []string
	// TokensOnly says that the store keeps tokens that somebody else made, such as plain files: it does not list them, and
	// a connection is none before it has a token.
	TokensOnly bool
}

// Test runs the contract in this process. setup is called for each of its tests and must return a store of their own.
func Test(t *testing.T, setup func(t *testing.T) Backend) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Backend)
	}{
		{"a missing connection is ErrNotFound", missing},
		{"a document comes back byte for byte", roundTrip},
		{"a saved token is what everybody reads", saved},
		{"a second store on the same backend sees it all", reopened},
		{"health and history are shared", health},
		{"a name means one connection", names},

		{"updates of one connection exclude each other", exclusion},
		{"updates of two connections do not", independence},
		{"waiting that ends is not permission", waiting},
		{"the caller's context does not reach the change", detached},
		{"a failed change is reported", failed},
		{"what others write without the lock is not overwritten", overwritten},

		{"a refresh that was begun is remembered", begun},
		{"a journalled reply is remembered byte for byte", journalled},
		{"a large reply is no exception", largeReply},
		{"a login that was begun is remembered", loginBegun},
		{"an ended refresh leaves nothing pending", ended},
		{"many refreshers send one refresh", oneRefresh},

		{"a connection is created once", created},
		{"a connection may have no token yet", tokenless},
		{"the list is whole and in order", listed},
		{"a deleted connection is gone", deleted},
		{"a name can be used again", recreated},
		{"deleting waits for an update", deleteWaits},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := setup(t)
			if len(b.Names) < 5 {
				t.Fatalf("Backend.Names are %q; the tests need five", b.Names)
			}
			test.run(t, b)
		})
	}
}

// document holds what a store that parses and prints again would change.
const document = "{\r\n\t\"access_token\" : \"a\\u002f\\/<&>\",\r\n\t\"n\":1.50e+2, \"né\\u0000\":\"東京\", \"refresh_token\":\"r-0\",\"nested\":{\"b\":1,\"a\":[ ]}\r\n}"

func add(t *testing.T, b Backend, doc string) string {
	t.Helper()
	return b.Add(t, freshet.Connection{Token: parse(t, doc), Registration: registration})
}

var registration = freshet.Registration{
	Client: oauth.Client{ID: "id", Auth: oauth.AuthBasic}, SecretFrom: "env:SECRET",
	Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
	Requests:  freshet.Requests{Refresh: freshet.RequestOptions{Params: map[string]string{"resource": "x"}}},
}

func (b Backend) reopen(t *testing.T) freshet.Store {
	t.Helper()
	if b.Reopen == nil {
		return b.Store
	}
	return b.Reopen(t)
}

func parse(t *testing.T, doc string) freshet.Token {
	t.Helper()
	token, err := freshet.ParseToken([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func withRefreshToken(t *testing.T, token freshet.Token, refreshToken string) freshet.Token {
	t.Helper()
	merged, err := token.Merge(fmt.Appendf(nil, `{"access_token":"a-%[1]s","refresh_token":%[1]q}`, refreshToken), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

func get(t *testing.T, b Backend, name string) freshet.Connection {
	t.Helper()
	c, err := b.Store.Get(t.Context(), name)
	if err != nil {
		t.Fatalf("Get(%q): %v", name, err)
	}
	return c
}

// update runs change and fails the test if it fails.
func update(t *testing.T, b Backend, name string, change func(freshet.Connection, freshet.Save) error) {
	t.Helper()
	err := b.Store.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error { return change(c, save) })
	if err != nil {
		t.Fatalf("Update(%q): %v", name, err)
	}
}

// pending is what an update finds that a predecessor left.
func pending(t *testing.T, b Backend, name string) (found *freshet.Pending) {
	t.Helper()
	update(t, b, name, func(c freshet.Connection, _ freshet.Save) error {
		found = c.Pending
		return nil
	})
	return found
}

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// eventually waits until what must happen has happened, and says false if it does not.
func eventually(happened func() bool) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if happened() {
			return true
		}
	}
	return false
}
