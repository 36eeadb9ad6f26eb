//go:build unix

package filestore

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/freshet-dev/freshet"
)

func TestGroundListsForeignSiblings(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.json")
	for _, name := range []string{
		"t.json", "t.json.lock", "t.json.pending", "t.json.next", "t.json.lost-20261123T120000Z", "other.json", "t.jso",
		"t.json.tmp", ".t.json.swp", "t.json~", "t.json.12345",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`{"access_token":"a"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g, err := new(Store).Ground(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{".t.json.swp", "t.json.12345", "t.json.tmp", "t.json~"}
	for i, name := range want {
		want[i] = filepath.Join(dir, name)
	}
	if !slices.Equal(g.Strangers, want) {
		t.Errorf("got %q, want %q", g.Strangers, want)
	}
}

// A user may ask because the token cannot be read.
func TestGroundOfTruncatedToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.json")
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if g, err := new(Store).Ground(path); err != nil || g.Mode.Perm() != 0o644 || g.HardLinks != 1 || g.Mounted {
		t.Errorf("%+v, %v", g, err)
	}
	if _, err := new(Store).Ground(path + ".gone.json"); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
