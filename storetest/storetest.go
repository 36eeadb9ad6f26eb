// Package storetest has the tests that every [freshet.Store] must pass.
//
// A store that passes them loses no grant. Most providers replace the refresh token at every use. Then
// the store has the only copy of the token that the next refresh needs, and a token that is presented
// twice can end the grant. So a store:
//
//   - returns documents byte for byte, and returns an error if it cannot save;
//   - lets one caller at a time update a connection, among all processes, for as long as a refresh takes;
//   - saves the journal of a refresh and its reply, so that another process can finish the refresh;
//   - does not overwrite what other programs write without the lock.
//
// [Test] checks this in one process. [TestProcesses] starts and kills processes: a lock in memory
// passes Test, but not TestProcesses.
//
// The example of [Test] shows how to call it. A failure says what the store did, what it should do, and
// what would be lost.
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
	// Reopen opens the same store again, as another process does. Defaults to returning Store, for a
	// store in memory. Such a store is also tested in a bubble of testing/synctest.
	Reopen func(t *testing.T) freshet.Store
	// Lease is how long a lock lasts that its holder neither renews nor releases. It is zero if locks
	// end only with their process, or with its connection to the store.
	Lease time.Duration
	// Add puts a connection into the store and returns its name. It does not change the endpoint and
	// the client.
	Add func(t *testing.T, c freshet.Connection) (name string)
	// Overwrite replaces the token without the lock, as another program may do during an update.
	Overwrite func(t *testing.T, name string, token freshet.Token)
	// Names are at least five names that the store accepts and does not have, in any order. The tests
	// use no others, except for unusual ones that the store may refuse.
	Names []string
	// TokensOnly is set for a store of tokens that other programs create, such as plain files: it
	// lists nothing, and has no connection without a token.
	TokensOnly bool
}

// Test runs the tests that need one process. It calls setup for each of them, which must return a new
// store.
func Test(t *testing.T, setup func(t *testing.T) Backend) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Backend)
	}{
		{"a missing connection is ErrNotFound", testMissing},
		{"a document is returned byte for byte", testDocument},
		{"a saved token is returned to all readers", testSave},
		{"a second store on the same backend has the same content", testReopen},
		{"health and history are saved", testHealth},
		{"a name belongs to one connection", testNames},

		{"updates of one connection exclude each other", testExclusion},
		{"updates of two connections run in parallel", testParallelUpdates},
		{"a canceled wait is not the lock", testCanceledWait},
		{"a change does not get the caller's context", testContext},
		{"a failed change is reported", testFailedChange},
		{"a token that was written without the lock is kept", testOverwrite},

		{"a pending refresh is saved", testPendingRefresh},
		{"a journaled reply is saved byte for byte", testReply},
		{"a large reply is saved", testLargeReply},
		{"a pending login is saved", testPendingLogin},
		{"a completed refresh leaves nothing pending", testCompleted},
		{"many refreshers send one refresh", testOneRefresh},
		{"a copy of a refresh token is known", testCopies},
		{"a token without a journal is saved", testClientCredentials},
		{"a token without a journal replaces no newer one", testUnannounced},
		{"a token without a journal leaves an earlier one", testMarkStays},

		{"a connection is created once", testCreate},
		{"a connection can be without a token", testCreateWithoutToken},
		{"the list is complete and sorted", testList},
		{"a list leaves out what is deleted meanwhile", testListDuringDelete},
		{"a deleted connection is gone", testDelete},
		{"a name can be used again", testCreateAfterDelete},
		{"deleting waits for an update", testDeleteWaits},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := setup(t)
			if len(b.Names) < 5 {
				t.Fatalf("Backend.Names has %q; the tests need five names", b.Names)
			}
			test.run(t, b)
		})
	}
	t.Run("a long update excludes others, or loses its lock and ends", func(t *testing.T) { testLongUpdate(t, setup) })
}

// document changes if a store parses it and prints it again.
const document = "{\r\n\t\"access_token\" : \"a\\u002f\\/<&>\",\r\n\t\"n\":1.50e+2, \"né\\u0000\":\"東京\", " +
	"\"refresh_token\":\"r-0\",\"nested\":{\"b\":1,\"a\":[ ]}\r\n}"

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
	reply := fmt.Appendf(nil, `{"access_token":"a-%[1]s","refresh_token":%[1]q}`, refreshToken)
	merged, err := token.Merge(reply, time.Now())
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

// update runs change. An error ends the test.
func update(t *testing.T, b Backend, name string, change func(freshet.Connection, freshet.Save) error) {
	t.Helper()
	err := b.Store.Update(t.Context(), name,
		func(_ context.Context, c freshet.Connection, save freshet.Save) error { return change(c, save) })
	if err != nil {
		t.Fatalf("Update(%q): %v", name, err)
	}
}

// pending returns what an update finds pending.
func pending(t *testing.T, b Backend, name string) (found *freshet.Pending) {
	t.Helper()
	update(t, b, name, func(c freshet.Connection, _ freshet.Save) error {
		found = c.Pending
		return nil
	})
	return found
}

// timeout is how long a test waits for what must happen.
const timeout = 30 * time.Second

// eventually waits until condition is true, and reports false after the timeout.
func eventually(timeout time.Duration, condition func() bool) bool {
	for deadline := time.Now().Add(timeout); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if condition() {
			return true
		}
	}
	return false
}
