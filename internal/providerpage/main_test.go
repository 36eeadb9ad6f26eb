package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/provider"
)

func TestPageIsUpToDate(t *testing.T) {
	want, err := page("../../provider")
	if err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile("../../docs/providers.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(saved), want); diff != "" {
		t.Errorf("docs/providers.md differs from the output of go generate ./provider (-saved +generated):\n%s", diff)
	}
}

func TestPageHasARowForEachProvider(t *testing.T) {
	text, err := page("../../provider")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range provider.Names() {
		want := 1
		if name == "generic" {
			want = 0
		}
		if got := strings.Count(text, "\n| "+name+" | "); got != want {
			t.Errorf("%d rows for %s, want %d", got, name, want)
		}
	}
}
