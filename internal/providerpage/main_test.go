package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/providers.md says what the files say.
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
		t.Errorf("docs/providers.md is not what go generate ./provider writes (-is +should be):\n%s", diff)
	}
}

// Each line of the table leads to a section.
func TestLinksLeadToSections(t *testing.T) {
	text, err := page("../../provider")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(text, -1) {
		sections[anchor(heading[1])] = true
	}
	links := regexp.MustCompile(`\| \[[a-z0-9-]+\]\(#(.*?)\)`).FindAllStringSubmatch(text, -1)
	if len(links) < 2 || len(links) != strings.Count(text, "\n`freshet login ") {
		t.Errorf("%d links in the table", len(links))
	}
	for _, link := range links {
		if !sections[link[1]] {
			t.Errorf("no section is called #%s", link[1])
		}
	}
}
