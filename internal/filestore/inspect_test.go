package filestore

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet/internal/osfile"
)

// Inspections at the same time do not report each other as a refresh.
func TestInspectDuringAnotherInspection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.json")
	for name, content := range map[string]string{path: `{"access_token":"a","refresh_token":"r"}`, path + ".lock": ""} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other, err := osfile.Open(path + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := osfile.TestLock(other); err != nil {
		t.Fatal(err)
	}
	in, err := (&Store{StateDir: t.TempDir()}).Inspect(context.Background(), path)
	if err != nil || in.Busy {
		t.Errorf("busy: %v, %v", in.Busy, err)
	}
	if err := osfile.TryLock(other); err != nil {
		t.Fatal(err)
	}
	if in, err = (&Store{StateDir: t.TempDir()}).Inspect(context.Background(), path); err != nil || !in.Busy {
		t.Errorf("a refresh has the lock; busy: %v, %v", in.Busy, err)
	}
}
