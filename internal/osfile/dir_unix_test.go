//go:build unix

package osfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOpenDirNoFollowRefusesSymbolicLinks(t *testing.T) { testNoLinks(t, OpenDirNoFollow) }

func testNoLinks(t *testing.T, open func(path string) (*Dir, error)) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "dir", "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("dir", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	for path, refused := range map[string]bool{"link": true, "link/in": true, "dir/in": false} {
		dir, err := open(filepath.Join(root, path))
		if err == nil {
			err = dir.Sync()
			dir.Close()
		}
		if (err != nil) != refused {
			t.Errorf("%s: %v", path, err)
		}
	}
}
