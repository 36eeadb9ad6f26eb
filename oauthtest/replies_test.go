package oauthtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// example is one of the replies that the files of the vendors are tested with.
type example struct {
	Status      int    `json:"status"`
	ContentType string `json:"content_type"`
	Body        string `json:"body"`
}

// The imitations and the examples of package provider were written from the same pages, and agree.
func TestImitationsAgreeWithExamples(t *testing.T) {
	examined := map[string]string{"auth0": "auth0 with rotation", "okta": "okta with rotation", "slack": "slack for a user"}
	files, err := filepath.Glob("../provider/testdata/replies/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if examined[name] == "" {
			examined[name] = name
		}
		i := slices.IndexFunc(wires, func(w wire) bool { return w.name == examined[name] })
		if i < 0 {
			continue // Salesforce and what is no imitation
		}
		var examples struct {
			Login, Refresh example
			Refused        []example
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &examples); err != nil {
			t.Fatal(file, err)
		}
		w := wires[i]
		for what, pair := range map[string][2]string{
			"login":   {w.login, examples.Login.String()},
			"refresh": {w.refreshed, examples.Refresh.String()},
		} {
			if got, want := outline(t, pair[0]), outline(t, pair[1]); got != want {
				t.Errorf("%s, %s:\n got %s\nwant %s", name, what, got, want)
			}
		}
		var refused []string
		for _, each := range examples.Refused {
			if each.Body[0] == '{' {
				refused = append(refused, outline(t, each.String()))
			}
		}
		if got := outline(t, w.dead); !slices.Contains(refused, got) {
			t.Errorf("%s: no example is a refusal like\n %s but\n %s", name, got, strings.Join(refused, "\n "))
		}
	}
}

func (e example) String() string { return fmt.Sprintf("%d %s %s", e.Status, e.ContentType, e.Body) }

// outline is a reply without its values but those of status, content type and error. An id_token is there if the login asked for it.
func outline(t *testing.T, reply string) string {
	t.Helper()
	head, body, _ := strings.Cut(reply, " {")
	var lines []string
	addOutline(&lines, "", object(t, []byte("{"+body)))
	slices.Sort(lines)
	return strings.Join(append([]string{head}, lines...), " ")
}

func addOutline(lines *[]string, path string, object map[string]any) {
	for name, value := range object {
		if name == "id_token" {
			continue
		}
		switch value := value.(type) {
		case map[string]any:
			addOutline(lines, path+name+".", value)
		case string:
			if name == "error" {
				*lines = append(*lines, path+name+"="+strconv.Quote(value))
				continue
			}
			*lines = append(*lines, path+name)
		default:
			*lines = append(*lines, fmt.Sprintf("%s%s:%T", path, name, value))
		}
	}
}
