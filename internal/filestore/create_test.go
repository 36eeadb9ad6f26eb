package filestore

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet"
)

// A process that is killed while it creates a connection leaves a file that may hold a token. The
// next run removes it. It keeps the file of a process that is still running.
func TestAbandonedFilesAreRemoved(t *testing.T) {
	for name, run := range map[string]func(*Store) error{
		"create": func(s *Store) error { return s.Create(t.Context(), freshet.Connection{Name: "beta"}) },
		"update": func(s *Store) error {
			return s.Update(
				t.Context(), "acme", func(_ context.Context, _ freshet.Connection, _ freshet.Save) error { return nil },
			)
		},
		"delete": func(s *Store) error { return s.Delete(t.Context(), "acme") },
		"hold": func(s *Store) error {
			hold, err := s.Hold(t.Context(), "acme")
			if err != nil {
				return err
			}
			return hold.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Store{StateDir: t.TempDir()}
			if err := s.Create(t.Context(), freshet.Connection{Name: "acme", Token: token(t, verbatim)}); err != nil {
				t.Fatal(err)
			}
			abandoned := filepath.Join(s.connectionsDir(), tempPrefix+"1")
			if err := os.WriteFile(abandoned, []byte(verbatim), 0o600); err != nil {
				t.Fatal(err)
			}
			dir, err := createDir(s.connectionsDir())
			if err != nil {
				t.Fatal(err)
			}
			defer dir.Close()
			inUse, used, err := createTemp(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer removeTemp(dir, inUse, used)
			if err := run(s); err != nil {
				t.Fatal(err)
			}
			if exists(abandoned) {
				t.Error("the abandoned file is still there")
			}
			if !dir.Exists(used) {
				t.Error("the file of a running process was removed")
			}
		})
	}
}

// The abandoned file may be a second name of a document. A document with two names could not be
// updated.
func TestUpdateAfterKilledCreate(t *testing.T) {
	s := &Store{StateDir: t.TempDir()}
	if err := s.Create(t.Context(), freshet.Connection{Name: "acme", Token: token(t, verbatim)}); err != nil {
		t.Fatal(err)
	}
	p, err := s.locate("acme")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Link(p.document, filepath.Join(s.connectionsDir(), tempPrefix+"1")); err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), "acme", func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Policy.AssumeTTL = 1
		return save(c)
	})
	if err != nil {
		t.Error(err)
	}
}
