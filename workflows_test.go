package freshet_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pinned is an action by the digest of a commit, with the version for readers.
var pinned = regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// A tag of an action can be moved to other code, and every later step can read the token that a
// checkout leaves in .git.
func TestWorkflowsPinTheirActions(t *testing.T) {
	files, err := filepath.Glob(".github/workflows/*.y*ml")
	if err != nil || len(files) == 0 {
		t.Fatal("no workflows: ", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range workflowFaults(string(data)) {
			t.Errorf("%s: %s", file, fault)
		}
	}
}

func TestWorkflowFaults(t *testing.T) {
	const digest = "@0123456789abcdef0123456789abcdef01234567 # v1.2.3\n"
	for _, c := range []struct {
		name, workflow string
		faults         int
	}{
		{"no fault", "- uses: a/b" + digest + "- uses: actions/checkout" + digest +
			"  with:\n    persist-credentials: false\n- run: x\n", 0},
		{"a tag", "- uses: a/b@v4\n", 1},
		{"a name before it", "- name: x\n  uses: a/b@v4\n", 1},
		{"a quoted key", "- \"uses\": a/b@v4\n", 1},
		{"no version", "- uses: a/b@0123456789abcdef0123456789abcdef01234567\n", 1},
		{"a checkout that keeps its token", "- uses: actions/checkout" + digest + "- run: x\n", 1},
		{"the member of another step", "- uses: actions/checkout" + digest +
			"- run: x\n  with:\n    persist-credentials: false\n", 1},
	} {
		if got := workflowFaults(c.workflow); len(got) != c.faults {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// workflowFaults reads the text line by line: the checked keys have lines of their own in these
// workflows.
func workflowFaults(workflow string) []string {
	var faults []string
	checkout := false // in a step that has not said yet what becomes of its token
	endStep := func() {
		if checkout {
			faults = append(faults, "a checkout without persist-credentials: false")
		}
		checkout = false
	}
	for line := range strings.Lines(workflow) {
		line = strings.TrimSpace(line)
		if step, begins := strings.CutPrefix(line, "- "); begins {
			endStep()
			line = step
		}
		if line == "persist-credentials: false" {
			checkout = false
		}
		key, action, _ := strings.Cut(line, ":")
		if strings.Trim(key, `"'`) != "uses" {
			continue
		}
		action = strings.TrimSpace(action)
		if !pinned.MatchString(action) {
			faults = append(faults, action+" is not OWNER/ACTION@DIGEST # vX.Y.Z")
		}
		checkout = strings.HasPrefix(action, "actions/checkout@")
	}
	endStep()
	return faults
}
