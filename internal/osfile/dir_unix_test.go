//go:build unix

package osfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOpenDirNoFollowRefusesSymbolicLinks(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "dir", "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("dir", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	for path, refused := range map[string]bool{"link": true, "link/in": true, "dir/in": false} {
		dir, err := OpenDirNoFollow(filepath.Join(root, path))
		if err == nil {
			dir.Close()
		}
		if (err != nil) != refused {
			t.Errorf("%s: %v", path, err)
		}
	}
}
