package provider_test

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/freshet-dev/freshet/provider"
)

// What CONTRIBUTING.md shows whoever adds a provider is a file, and replies that the file explains.
func TestContributing(t *testing.T) {
	document, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	file := regexp.MustCompile("(?s)```jsonc\n(.*?)```").FindSubmatch(document)
	replies := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(document)
	if file == nil || replies == nil {
		t.Fatal("CONTRIBUTING.md has no example of a provider's file, or none of its replies")
	}
	p, err := provider.Parse(file[1])
	if err != nil {
		t.Fatal(err)
	}
	var examples struct {
		Login   reply   `json:"login"`
		Refresh reply   `json:"refresh"`
		Refused []reply `json:"refused"`
	}
	if err := json.Unmarshal(replies[1], &examples); err != nil || len(examples.Refused) == 0 {
		t.Fatalf("%d refusals, %v", len(examples.Refused), err)
	}
	checkToken(t, "login", examples.Login.from(p))
	checkToken(t, "refresh", examples.Refresh.from(p))
	for _, r := range examples.Refused {
		checkRefusal(t, p, r)
	}
}
