package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The pages in docs/man are those of the commands as they are: make man writes them anew.
func TestPagesAreUpToDate(t *testing.T) {
	want := pages()
	found, err := filepath.Glob("../../docs/man/*.1")
	if err != nil || len(found) != len(want) || len(want) < 10 {
		t.Errorf("docs/man has %d pages, and there are %d commands (%v)", len(found), len(want), err)
	}
	for name, page := range want {
		saved, err := os.ReadFile("../../docs/man/" + name)
		if err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(string(saved), string(page)); diff != "" {
			t.Errorf("docs/man/%s is not what make man writes (-is +should be):\n%s", name, diff)
		}
	}
}
