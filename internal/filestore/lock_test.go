//go:build unix

package filestore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
)

func never(t *testing.T) freshet.Change {
	return func(context.Context, freshet.Connection, freshet.Save) error {
		t.Error("updated without the lock")
		return nil
	}
}

// A symbolic link is changed after its target was locked. The lock does not count for the new
// target.
func TestInheritedLockOfAnotherFileIsRefused(t *testing.T) {
	one, other := filepath.Join(t.TempDir(), "t.json"), filepath.Join(t.TempDir(), "t.json")
	writeToken(t, one)
	writeToken(t, other)
	hold, err := new(filestore.Store).Hold(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	if err := refresh(t, new(filestore.Store), other); err != nil { // so that it has a lock file
		t.Fatal(err)
	}
	heir := &filestore.Store{Inherited: hold.Lock}
	var problem *freshet.SetupError
	if err := heir.Update(t.Context(), other, never(t)); !errors.As(err, &problem) {
		t.Errorf("another file: %v", err)
	}
	if hold, err = new(filestore.Store).Hold(t.Context(), one); err != nil {
		t.Fatalf("the lock was not released: %v", err)
	}
	heir.Inherited = hold.Lock
	if err := refresh(t, heir, one); err != nil {
		t.Errorf("its own file: %v", err)
	}
	// The next update takes a lock of its own.
	if hold, err = new(filestore.Store).Hold(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := heir.Update(ctx, one, never(t)); err == nil {
		t.Error("a released lock was used again")
	}
}

func TestRemovedLockFileIsIgnored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.json")
	writeToken(t, path)
	store := new(filestore.Store)
	err := store.Update(t.Context(), path, func(context.Context, freshet.Connection, freshet.Save) error {
		return os.Remove(path + ".lock")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := refresh(t, store, path); err != nil {
		t.Error(err)
	}
	checkOnlyLockIsLeft(t, path)
}

// A second refresh in one update is checked as the first is.
func TestEachRefreshIsChecked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.json")
	writeToken(t, path)
	store := new(filestore.Store)
	err := store.Update(t.Context(), path, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Pending = &freshet.Pending{Spent: c.Token.RefreshTokenHash()}
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, path+".other"); err != nil {
		t.Fatal(err)
	}
	var problem *freshet.SetupError
	if err := refresh(t, store, path); !errors.As(err, &problem) {
		t.Errorf("got %v", err)
	}
}
