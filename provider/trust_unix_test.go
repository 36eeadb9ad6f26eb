//go:build unix

package provider

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A provider's file says where secrets go. One that another user could have written is not used.
func TestFilesThatOthersCanWrite(t *testing.T) {
	const other = 65534
	for name, c := range map[string]struct {
		directory, file fs.FileMode
		giveAway        string // the file or the directory, as root
		refused         bool
	}{
		"private":                     {directory: 0o700, file: 0o600},
		"all users may read":          {directory: 0o755, file: 0o644},
		"the user's own group":        {directory: 0o775, file: 0o664},
		"all users may write":         {directory: 0o755, file: 0o666, refused: true},
		"all may write the directory": {directory: 0o777, file: 0o600, refused: true},
		"another user's file":         {directory: 0o755, file: 0o644, giveAway: "acme.json", refused: true},
		"another user's directory":    {directory: 0o755, file: 0o644, giveAway: ".", refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.giveAway != "" && os.Geteuid() != 0 {
				t.Skip("only root can give a file away")
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "acme.json")
			if err := os.WriteFile(file, []byte(`{"name":"acme","title":"Acme"}`), 0o600); err != nil {
				t.Fatal(err)
			}
			for path, mode := range map[string]fs.FileMode{file: c.file, dir: c.directory} {
				if err := os.Chmod(path, mode); err != nil {
					t.Fatal(err)
				}
			}
			if c.giveAway != "" {
				if err := os.Chown(filepath.Join(dir, c.giveAway), other, other); err != nil {
					t.Fatal(err)
				}
			}
			files := &catalog{userFiles: func() map[string]userFile { return readFiles(os.DirFS(dir), dir) }}
			_, err := files.lookup("acme")
			if refused := err != nil && strings.Contains(err.Error(), "send secrets elsewhere"); refused != c.refused {
				t.Errorf("refused: %t, %v", refused, err)
			}
		})
	}
}
