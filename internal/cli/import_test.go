package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet/internal/importer"
)

// A refresh that ended after the file was read has spent the refresh token in it.
func TestImportRefusesFileThatChanged(t *testing.T) {
	t.Setenv("FRESHET_HOME", t.TempDir())
	path := filepath.Join(t.TempDir(), "t.json")
	if err := os.WriteFile(path, []byte(`{"refresh_token":"new"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for read, ok := range map[string]bool{`{"refresh_token":"new"}`: true, `{"refresh_token":"old"}`: false} {
		s := source{name: "t.json", path: path, data: []byte(read)}
		err := new(app).checkSource(t.Context(), s, importer.Document{}, false)
		if (err == nil) != ok {
			t.Errorf("%s: %v", read, err)
		}
	}
}
