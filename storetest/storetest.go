// Package storetest is the contract of a [freshet.Store], as tests that every store must pass.
//
//	func TestStore(t *testing.T) {
//		storetest.Test(t, func(t *testing.T) storetest.Backend { … })
//	}
//
// A store that passes keeps the grants in it: it returns what was saved byte for byte, lets one caller at a time update a
// connection, never takes a wait that ended for a permission, and remembers a refresh that was begun.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// Backend is one empty store under test.
type Backend struct {
	Store freshet.Store
	// Add puts a connection into the store and returns its name. It keeps the endpoint and the client as they are given.
	Add func(t *testing.T, c freshet.Connection) (name string)
	// Overwrite does what a program does that takes no lock: it replaces the token, whoever is updating it.
	Overwrite func(t *testing.T, name string, token freshet.Token)
	// Missing is a name that the store would accept and does not hold.
	Missing string
}

// Test runs the contract. setup is called for each of its tests and must return a store of their own.
func Test(t *testing.T, setup func(t *testing.T) Backend) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Backend)
	}{
		{"a missing connection is ErrNotFound", missing},
		{"a document comes back byte for byte", roundTrip},
		{"a saved token is what everybody reads", saved},
		{"updates of one connection exclude each other", exclusion},
		{"waiting that ends is not permission", waiting},
		{"the caller's context does not reach the change", detached},
		{"a failed change is reported", failed},
		{"a refresh that was begun is remembered", begun},
		{"a journalled reply is remembered byte for byte", journalled},
		{"an ended refresh leaves nothing pending", ended},
		{"what others write without the lock is not overwritten", overwritten},
		{"health is shared", health},
		{"many refreshers send one refresh", oneRefresh},
		{"a connection is created once", created},
		{"a deleted connection is gone", deleted},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, setup(t)) })
	}
}

// document holds what a store that parses and prints again would change.
const document = "{\r\n\t\"access_token\" : \"a\\u002f\\/<&>\",\r\n\t\"n\":1.50e+2, \"refresh_token\":\"r-0\",\"nested\":{\"b\":1,\"a\":[ ]}\r\n}"

func add(t *testing.T, b Backend, doc string) string {
	t.Helper()
	return b.Add(t, freshet.Connection{Token: parse(t, doc), Registration: registration})
}

var registration = freshet.Registration{
	Client: oauth.Client{ID: "id", Auth: oauth.AuthBasic}, SecretFrom: "env:SECRET",
	Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
	Requests:  freshet.Requests{Refresh: freshet.RequestOptions{Params: map[string]string{"resource": "x"}}},
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
		t.Fatal(err)
	}
	return c
}

// update runs change and fails the test if it fails.
func update(t *testing.T, b Backend, name string, change func(freshet.Connection, freshet.Save) error) {
	t.Helper()
	err := b.Store.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error { return change(c, save) })
	if err != nil {
		t.Fatal(err)
	}
}

func missing(t *testing.T, b Backend) {
	if _, err := b.Store.Get(t.Context(), b.Missing); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Get: %v, want ErrNotFound", err)
	}
	err := b.Store.Update(t.Context(), b.Missing, func(context.Context, freshet.Connection, freshet.Save) error {
		t.Error("Update called change without a connection")
		return nil
	})
	if !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Update: %v, want ErrNotFound", err)
	}
}

func roundTrip(t *testing.T, b Backend) {
	c := get(t, b, add(t, b, document))
	if got := string(c.Token.Bytes()); got != document {
		t.Errorf("saved %q, got back %q", document, got)
	}
	if diff := cmp.Diff(registration, c.Registration); diff != "" {
		t.Errorf("the registration (-want +got):\n%s", diff)
	}
}

func saved(t *testing.T, b Backend) {
	name := add(t, b, document)
	before := get(t, b, name)
	if before.Saved.IsZero() {
		t.Error("Saved is zero: a token that does not say when it expires would never be refreshed")
	}
	var want freshet.Token
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Token = withRefreshToken(t, c.Token, "r-1")
		want = c.Token
		return save(c)
	})
	got := get(t, b, name)
	if !bytes.Equal(got.Token.Bytes(), want.Bytes()) {
		t.Errorf("read %q, want %q", got.Token.Bytes(), want.Bytes())
	}
	if got.Version == before.Version {
		t.Errorf("Version is %q, and was so before a token was saved", got.Version)
	}
	if got.Saved.Before(before.Saved) {
		t.Errorf("Saved is %v, and was %v before a token was saved", got.Saved, before.Saved)
	}
}

func exclusion(t *testing.T, b Backend) {
	const updates = 16
	name := add(t, b, `{"access_token":"a","refresh_token":"r"}`)
	var wg sync.WaitGroup
	for range updates {
		wg.Go(func() {
			err := b.Store.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
				c.Token = withRefreshToken(t, c.Token, string(c.Token.RefreshToken())+"x")
				return save(c)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(get(t, b, name).Token.RefreshToken()); got != 1+updates {
		t.Errorf("%d of %d updates are in the document", got-1, updates)
	}
}

func waiting(t *testing.T, b Backend) {
	name := add(t, b, document)
	update(t, b, name, func(freshet.Connection, freshet.Save) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := b.Store.Update(ctx, name, func(context.Context, freshet.Connection, freshet.Save) error {
			t.Error("two callers update one connection")
			return nil
		})
		if err == nil {
			t.Error("Update returned nil without the lock")
		}
		return nil
	})
}

func detached(t *testing.T, b Backend) {
	name := add(t, b, document)
	ctx, cancel := context.WithCancel(t.Context())
	err := b.Store.Update(ctx, name, func(inner context.Context, c freshet.Connection, save freshet.Save) error {
		cancel()
		if err := inner.Err(); err != nil {
			t.Errorf("the change's context ended with the caller's: %v", err)
		}
		c.Token = withRefreshToken(t, c.Token, "r-1")
		return save(c)
	})
	if err != nil {
		t.Errorf("a caller that left made the save fail: %v", err)
	}
}

func failed(t *testing.T, b Backend) {
	name := add(t, b, document)
	want := errors.New("no")
	err := b.Store.Update(t.Context(), name, func(context.Context, freshet.Connection, freshet.Save) error { return want })
	if !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
	if got := string(get(t, b, name).Token.Bytes()); got != document {
		t.Errorf("a failed change left %q", got)
	}
}

func intent(c freshet.Connection) *freshet.Pending {
	return &freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now().UTC().Round(0), Host: "host", PID: 7}
}

func begun(t *testing.T, b Backend) {
	name := add(t, b, document)
	var want *freshet.Pending
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		want = intent(c)
		c.Pending = want
		return save(c)
	})
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		if diff := cmp.Diff(want, c.Pending); diff != "" {
			t.Errorf("the refresh that was begun (-want +got):\n%s", diff)
		}
		c.Pending = &freshet.Pending{Spent: want.Spent, Since: want.Since, Host: want.Host, PID: want.PID, Problem: "no answer"}
		return save(c)
	})
	update(t, b, name, func(c freshet.Connection, _ freshet.Save) error {
		if c.Pending == nil || c.Pending.Problem != "no answer" {
			t.Errorf("what became of it is forgotten: %+v", c.Pending)
		}
		return nil
	})
	if get(t, b, name).Pending != nil {
		t.Error("Get, which takes no lock, tells of a pending refresh")
	}
}

func journalled(t *testing.T, b Backend) {
	name := add(t, b, document)
	want := &oauth.Reply{Host: "op.example", Status: 200, ContentType: "application/json", Body: []byte("{\"a\":1}\n\x00\xff\r\n")}
	received := time.Now().UTC().Round(0)
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = intent(c)
		if err := save(c); err != nil {
			return err
		}
		with := *c.Pending
		with.Reply, with.Received = want, received
		c.Pending = &with
		return save(c)
	})
	if !get(t, b, name).Unsettled {
		t.Error("whoever reads without the lock is not told that a reply waits to be adopted")
	}
	update(t, b, name, func(c freshet.Connection, _ freshet.Save) error {
		if get(t, b, name).Unsettled {
			t.Error("a refresh that somebody is at is taken for an abandoned one")
		}
		if c.Pending == nil || c.Pending.Reply == nil {
			t.Fatalf("the reply is forgotten: %+v", c.Pending)
		}
		if diff := cmp.Diff(want, c.Pending.Reply); diff != "" || !c.Pending.Received.Equal(received) {
			t.Errorf("the reply, received %v (-want +got):\n%s", c.Pending.Received, diff)
		}
		return nil
	})
}

func ended(t *testing.T, b Backend) {
	name := add(t, b, document)
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = intent(c)
		if err := save(c); err != nil {
			return err
		}
		c.Token, c.Pending = withRefreshToken(t, c.Token, "r-1"), nil
		return save(c)
	})
	update(t, b, name, func(c freshet.Connection, _ freshet.Save) error {
		if c.Pending != nil || c.Token.RefreshToken() != oauth.Secret("r-1") {
			t.Errorf("pending %+v, refresh token replaced: %t", c.Pending, c.Token.RefreshToken() == "r-1")
		}
		return nil
	})
}

func overwritten(t *testing.T, b Backend) {
	name := add(t, b, document)
	foreign := parse(t, `{"access_token":"f","refresh_token":"f-0"}`)
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = intent(c)
		if err := save(c); err != nil {
			return err
		}
		b.Overwrite(t, name, foreign)
		marked := *c.Pending
		marked.Problem = "no answer"
		c.Pending = &marked
		if err := save(c); err != nil {
			return err
		}
		if got := get(t, b, name); !bytes.Equal(got.Token.Bytes(), foreign.Bytes()) {
			t.Error("saving the journal replaced the token")
		}
		stale := c
		stale.Token, stale.Pending = withRefreshToken(t, c.Token, "r-1"), nil
		if err := save(stale); !errors.Is(err, freshet.ErrChanged) {
			t.Errorf("saving over a newer token: %v, want ErrChanged", err)
		}
		c = get(t, b, name)
		c.Token = withRefreshToken(t, c.Token, "f-1")
		return save(c)
	})
	if got := get(t, b, name).Token.RefreshToken(); got != oauth.Secret("f-1") {
		t.Errorf("saving over the newer token after reading it: refresh token replaced: %t", got == "f-1")
	}
}

func health(t *testing.T, b Backend) {
	name := add(t, b, document)
	now := time.Now().UTC().Round(0)
	var want freshet.Health
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		want = freshet.Health{
			RefreshTokenHash: c.Token.RefreshTokenHash(), Failures: 3, NextAttempt: now.Add(time.Minute), LoginRequired: true,
			LastFailure: &freshet.Failure{Time: now, Kind: oauth.LoginRequired, Code: "invalid_grant", Cause: "refused", Remedy: "log in"},
		}
		c.Health = want
		return save(c)
	})
	if diff := cmp.Diff(want, get(t, b, name).Health); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func oneRefresh(t *testing.T, b Backend) {
	const callers = 16
	server := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Latency: 10 * time.Millisecond})
	defer server.Close()
	token := parse(t, string(server.Document()))
	name := b.Add(t, freshet.Connection{Token: token, Registration: freshet.Registration{
		Client: oauth.Client{ID: server.ClientID()}, Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
	}})
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			r := freshet.Refresher{Store: b.Store, HTTP: &http.Client{}}
			answer, err := r.Ask(t.Context(), name, freshet.Demand{Rejected: oauth.Secret(token.AccessToken())})
			if err != nil {
				t.Error(err)
			} else if !server.ValidAccess(answer.Connection.Token.AccessToken()) {
				t.Error("a caller got a token that does not work")
			}
		})
	}
	wg.Wait()
	if stats := server.Stats(); stats.Refreshes != 1 || stats.Reuses != 0 {
		t.Errorf("the server saw %d refreshes and %d reuses", stats.Refreshes, stats.Reuses)
	}
	if !server.ValidRefresh(string(get(t, b, name).Token.RefreshToken())) {
		t.Error("the saved refresh token is not the server's current one")
	}
}

func created(t *testing.T, b Backend) {
	c := get(t, b, add(t, b, document))
	if err := b.Store.Create(t.Context(), c); !errors.Is(err, freshet.ErrExists) {
		t.Errorf("creating it again: %v, want ErrExists", err)
	}
	again := c
	again.Name = b.Missing
	if err := b.Store.Create(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if got := string(get(t, b, b.Missing).Token.Bytes()); got != document {
		t.Errorf("created with %q, got back %q", document, got)
	}
}

func deleted(t *testing.T, b Backend) {
	name := add(t, b, document)
	if err := b.Store.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.Get(t.Context(), name); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Get: %v, want ErrNotFound", err)
	}
}
