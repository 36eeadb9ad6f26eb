package storetest

import (
	"bytes"
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

// What a store returns of what was saved.

func missing(t *testing.T, b Backend) {
	if _, err := b.Store.Get(t.Context(), b.Names[0]); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Get: %v, want ErrNotFound: a first login tells by it that there is a connection to create", err)
	}
	err := b.Store.Update(t.Context(), b.Names[0], func(context.Context, freshet.Connection, freshet.Save) error {
		t.Error("Update called change without a connection")
		return nil
	})
	if !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Update: %v, want ErrNotFound", err)
	}
	if err := b.Store.Delete(t.Context(), b.Names[0]); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Delete: %v, want ErrNotFound: whoever mistyped the name would believe that the token is gone", err)
	}
}

func roundTrip(t *testing.T, b Backend) {
	c := get(t, b, add(t, b, document))
	if got := string(c.Token.Bytes()); got != document {
		t.Errorf("saved %q, got back %q: keep Token.Bytes as bytes or text, not as parsed JSON, because other programs read it, too", document, got)
	}
	if diff := cmp.Diff(registration, c.Registration); diff != "" {
		t.Errorf("the registration, without which there is no telling how to refresh (-want +got):\n%s", diff)
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
		t.Errorf("read %q after Save had returned nil for %q: the old refresh token would be presented again", got.Token.Bytes(), want.Bytes())
	}
	if got.Version == before.Version {
		t.Errorf("Version is %q, and was so before a token was saved: nobody could tell that it was replaced", got.Version)
	}
	// More than once only where the clock is too coarse to tell.
	moved := eventually(func() bool {
		update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
			c.Token = withRefreshToken(t, c.Token, string(c.Token.RefreshToken())+"x")
			return save(c)
		})
		return get(t, b, name).Saved.After(before.Saved)
	})
	if !moved {
		t.Errorf("Saved is still %v: the new token would be taken for as old as the one before it", before.Saved)
	}
}

func reopened(t *testing.T, b Backend) {
	name := add(t, b, document)
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Token = withRefreshToken(t, c.Token, "r-1")
		c.Health = freshet.Health{RefreshTokenHash: c.Token.RefreshTokenHash(), Failures: 1}
		return save(c)
	})
	other := b
	other.Store = b.reopen(t)
	want, got := get(t, b, name), get(t, other, name)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(freshet.Token{}), cmp.Comparer(sameToken)); diff != "" {
		t.Errorf("what another process reads (-first store +second):\n%s", diff)
	}
	update(t, b, name, func(freshet.Connection, freshet.Save) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := other.Store.Update(ctx, name, nobody(t, "two stores on one backend update one connection at a time: the lock must be the backend's")); err == nil {
			t.Error("the second store's Update returned nil without the lock")
		}
		return nil
	})
	update(t, other, name, func(c freshet.Connection, save freshet.Save) error {
		c.Token = withRefreshToken(t, c.Token, "r-2")
		return save(c)
	})
	if got := get(t, b, name).Token.RefreshToken(); got != oauth.Secret("r-2") {
		t.Error("the first store does not see what the second saved: nothing may be kept in memory between two calls")
	}
}

func sameToken(a, b freshet.Token) bool { return bytes.Equal(a.Bytes(), b.Bytes()) }

// nobody is a change that must not be called.
func nobody(t *testing.T, otherwise string) freshet.Change {
	return func(context.Context, freshet.Connection, freshet.Save) error {
		t.Error(otherwise)
		return nil
	}
}

func health(t *testing.T, b Backend) {
	name := add(t, b, document)
	before := get(t, b, name)
	now := time.Now().UTC().Round(0)
	var want freshet.Connection
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Health = freshet.Health{
			RefreshTokenHash: c.Token.RefreshTokenHash(), Failures: 3, NextAttempt: now.Add(time.Minute), LoginRequired: true,
			// A provider's text may hold anything, also what a database's JSON type refuses.
			LastFailure: &freshet.Failure{Time: now, Kind: oauth.LoginRequired, Code: "invalid_grant", Cause: "refused: \x00 'é' <&>", Remedy: "log in"},
		}
		c.History = freshet.History{Key: "k", Entries: []freshet.HistoryEntry{{Time: now.Round(time.Millisecond), Outcome: freshet.Failed, Kind: oauth.LoginRequired}}}
		want = c
		return save(c)
	})
	got := get(t, b, name)
	if diff := cmp.Diff(want.Health, got.Health); diff != "" {
		t.Errorf("the health, by which every process knows not to send a refused token again (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.History, got.History); diff != "" {
		t.Errorf("the history (-want +got):\n%s", diff)
	}
	if !got.Saved.Equal(before.Saved) {
		t.Errorf("Saved was %v and is %v though no token was: one that does not say when it expires would be taken for young after each failure",
			before.Saved, got.Saved)
	}
}

// A store may refuse a name. It must not take one for another, or for something else, such as a path or a piece of SQL.
func names(t *testing.T, b Backend) {
	t.Chdir(t.TempDir()) // to a file store, some of them are relative paths
	wanted := map[string]string{}
	odd := []string{
		"with a space", "with/a/slash", `with\a\backslash`, `it's "quoted"; --`, "100%_", "東京 é", "e\u0301", "\u00e9", "case", "CASE", "..", "$1", "\n", "",
		"7", "07", " 7", "7e0", "a81bc81b-dead-4e5d-abff-90865d1e13b1", "A81BC81B-DEAD-4E5D-ABFF-90865D1E13B1",
	}
	add(t, b, document) // a store may know by it whose the names are
	for _, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(b.Names, odd)))) {
		doc := `{"access_token":"a","refresh_token":"r-` + hex.EncodeToString([]byte(name)) + `"}`
		err := b.Store.Create(t.Context(), freshet.Connection{Name: name, Token: parse(t, doc), Registration: registration})
		if err == nil {
			wanted[name] = doc
		} else if slices.Contains(b.Names, name) {
			t.Errorf("creating %q: %v", name, err)
		}
	}
	for name, doc := range wanted {
		c := get(t, b, name)
		if string(c.Token.Bytes()) != doc {
			t.Errorf("the connection %q has the token of another", name)
		}
		if c.Name != name {
			t.Errorf("the connection %q says that its name is %q", name, c.Name)
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
