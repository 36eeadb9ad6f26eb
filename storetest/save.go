package storetest

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// testMissing checks that all methods return ErrNotFound for a connection that does not exist.
func testMissing(t *testing.T, b Backend) {
	if _, err := b.Store.Get(t.Context(), b.Names[0]); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Get: %v, want ErrNotFound: a first login then creates the connection", err)
	}
	err := b.Store.Update(t.Context(), b.Names[0], func(context.Context, freshet.Connection, freshet.Save) error {
		t.Error("Update called change without a connection")
		return nil
	})
	if !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Update: %v, want ErrNotFound", err)
	}
	if err := b.Store.Delete(t.Context(), b.Names[0]); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Delete: %v, want ErrNotFound: after a typo in the name, users would believe that the token is gone",
			err)
	}
}

func testDocument(t *testing.T, b Backend) {
	c := get(t, b, add(t, b, document))
	if got := string(c.Token.Bytes()); got != document {
		t.Errorf("saved %q, got %q: save Token.Bytes as it is, not as parsed JSON: other programs read it, too",
			document, got)
	}
	if diff := cmp.Diff(registration, c.Registration); diff != "" {
		t.Errorf("the registration, which says how to refresh (-want +got):\n%s", diff)
	}
}

// testSave checks the token, Version and Saved after a save.
func testSave(t *testing.T, b Backend) {
	name := add(t, b, document)
	before := get(t, b, name)
	if before.Saved.IsZero() {
		t.Error("Saved is zero: a token without an expiry would never be refreshed")
	}
	var want freshet.Token
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Token = withRefreshToken(t, c.Token, "r-1")
		want = c.Token
		return save(c)
	})
	got := get(t, b, name)
	if !got.Token.Equal(want) {
		t.Errorf("read %q after Save had returned nil for %q: the old refresh token would be presented again",
			got.Token.Bytes(), want.Bytes())
	}
	if got.Version == before.Version {
		t.Errorf("Version is %q, as before a token was saved: the change would not be detected", got.Version)
	}
	// Saves again only if the resolution of the clock is too low.
	moved := eventually(timeout, func() bool {
		update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
			c.Token = withRefreshToken(t, c.Token, string(c.Token.RefreshToken())+"x")
			return save(c)
		})
		return get(t, b, name).Saved.After(before.Saved)
	})
	if !moved {
		t.Errorf("Saved is still %v: the new token would seem as old as the previous one", before.Saved)
	}
}

// testReopen checks that two stores on one backend share the content and the locks.
func testReopen(t *testing.T, b Backend) {
	name := add(t, b, document)
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Token = withRefreshToken(t, c.Token, "r-1")
		c.Health = freshet.Health{RefreshTokenHash: c.Token.RefreshTokenHash(), Failures: 1}
		return save(c)
	})
	other := b
	other.Store = b.reopen(t)
	want, got := get(t, b, name), get(t, other, name)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("another process reads (-first store +second):\n%s", diff)
	}
	update(t, b, name, func(freshet.Connection, freshet.Save) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := other.Store.Update(ctx, name, mustNotRun(t,
			"two stores on one backend update a connection at the same time: the backend must have the lock"))
		if err == nil {
			t.Error("the second store's Update returned nil without the lock")
		}
		return nil
	})
	update(t, other, name, func(c freshet.Connection, save freshet.Save) error {
		c.Token = withRefreshToken(t, c.Token, "r-2")
		return save(c)
	})
	if got := get(t, b, name).Token.RefreshToken(); got != oauth.Secret("r-2") {
		t.Error("the first store does not have the token that the second saved: do not cache between calls")
	}
}

// mustNotRun returns a change that fails the test with message.
func mustNotRun(t *testing.T, message string) freshet.Change {
	return func(context.Context, freshet.Connection, freshet.Save) error {
		t.Error(message)
		return nil
	}
}

// testHealth checks that health and history are saved without a token, and leave Saved unchanged.
func testHealth(t *testing.T, b Backend) {
	name := add(t, b, document)
	before := get(t, b, name)
	now := time.Now().UTC().Round(0)
	var want freshet.Connection
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Health = freshet.Health{
			RefreshTokenHash: c.Token.RefreshTokenHash(), Failures: 3,
			NextAttempt: now.Add(time.Minute), LoginRequired: true,
			LastFailure: &freshet.Failure{
				Time: now, Kind: oauth.LoginRequired, Code: "invalid_grant",
				Cause:  "refused: \x00 'é' <&>", // from a provider, and a database's JSON type may refuse it
				Remedy: "log in",
			},
		}
		c.History = freshet.History{Key: "k", Entries: []freshet.HistoryEntry{
			{Time: now.Round(time.Millisecond), Outcome: freshet.Failed, Kind: oauth.LoginRequired},
		}}
		want = c
		return save(c)
	})
	got := get(t, b, name)
	if diff := cmp.Diff(want.Health, got.Health); diff != "" {
		t.Errorf("the health, which keeps other processes from sending a refused token again (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.History, got.History); diff != "" {
		t.Errorf("the history (-want +got):\n%s", diff)
	}
	if !got.Saved.Equal(before.Saved) {
		t.Errorf("Saved was %v and is %v, but no token was saved: "+
			"a token without an expiry would seem new after each failure", before.Saved, got.Saved)
	}
}

// testNames creates connections with unusual names. A store may refuse a name. It must not confuse two
// names, or use one as a path or as SQL.
func testNames(t *testing.T, b Backend) {
	t.Chdir(t.TempDir()) // for a file store some of them are relative paths
	wanted := map[string]string{}
	odd := []string{
		"with a space", "with/a/slash", `with\a\backslash`, `it's "quoted"; --`, "100%_", "東京 é",
		"e\u0301", "\u00e9", "case", "CASE", "..", "$1", "\n", "", "7", "07", " 7", "7e0",
		"a81bc81b-dead-4e5d-abff-90865d1e13b1", "A81BC81B-DEAD-4E5D-ABFF-90865D1E13B1",
	}
	add(t, b, document) // some stores need it for the names of other rows
	for _, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(b.Names, odd)))) {
		doc := `{"access_token":"a","refresh_token":"r-` + hex.EncodeToString([]byte(name)) + `"}`
		err := b.Store.Create(t.Context(),
			freshet.Connection{Name: name, Token: parse(t, doc), Registration: registration})
		if err == nil {
			wanted[name] = doc
		} else if slices.Contains(b.Names, name) {
			t.Errorf("creating %q: %v", name, err)
		}
	}
	for name, doc := range wanted {
		c := get(t, b, name)
		if string(c.Token.Bytes()) != doc {
			t.Errorf("the connection %q has the token of another one", name)
		}
		if c.Name != name {
			t.Errorf("the connection %q has the name %q", name, c.Name)
		}
		update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
			c.Token = withRefreshToken(t, c.Token, "r-1")
			return save(c)
		})
		if err := b.Store.Delete(t.Context(), name); err != nil {
			t.Errorf("Delete(%q): %v", name, err)
		}
	}
}
