package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/storetest"
)

// A contract that cannot be broken promises nothing. Here stores break it, each in a process of its own that must fail.

// brokenVariable says in such a process which of the breakages its stores have.
const brokenVariable = "STORETEST_BROKEN"

const none = "none" // of the breakages

func TestMain(m *testing.M) {
	storetest.Worker(func(dir string) (freshet.Store, error) { return brokenFiles(dir).Store, nil })
	m.Run()
}

func TestEveryClauseCanFail(t *testing.T) {
	if os.Getenv(brokenVariable) != "" {
		storetest.Test(t, func(*testing.T) storetest.Backend { return brokenMemory() })
		storetest.TestProcesses(t, func(t *testing.T) (storetest.Backend, string) {
			dir := t.TempDir()
			return brokenFiles(dir), dir
		})
		return
	}
	clauses := map[string]bool{}
	for how, broken := range breakages {
		clauses[inFull(broken.clause)] = true
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			if passed, output := contract(t, how, broken.clause); passed || !strings.Contains(output, "    --- FAIL: "+inFull(broken.clause)+" (") {
				t.Errorf("a store of which this is true does not fail the test %q:\n%s", broken.clause, output)
			}
		})
	}
	t.Run("a store that keeps it passes, and nothing is left that no store fails", func(t *testing.T) {
		t.Parallel()
		passed, output := contract(t, none, ".*")
		if !passed {
			t.Errorf("it failed:\n%s", output)
		}
		for _, line := range regexp.MustCompile(`(?m)^    --- PASS: (\S+)`).FindAllStringSubmatch(output, -1) {
			if !clauses[line[1]] {
				t.Errorf("%s has no store here that fails it", line[1])
			}
		}
	})
}

// contract runs the tests whose names match in a process whose stores are broken so.
func contract(t *testing.T, how, matching string) (passed bool, output string) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, executable, "-test.v", "-test.run=^TestEveryClauseCanFail$/^"+matching+"$")
	// Without the pause that the race detector makes at the end of every process.
	cmd.Env = append(os.Environ(), brokenVariable+"="+how, "GORACE=atexit_sleep_ms=0")
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("the tests did not come to an end:\n%s", said)
	}
	return err == nil, string(said)
}

// inFull is a subtest's name as go test prints it.
func inFull(clause string) string {
	return "TestEveryClauseCanFail/" + strings.ReplaceAll(clause, " ", "_")
}

func brokenMemory() storetest.Backend {
	store := new(freshet.MemoryStore)
	b := storetest.Backend{
		Store: store,
		Add: func(_ *testing.T, c freshet.Connection) string {
			c.Name = "acme"
			store.Put(c)
			return c.Name
		},
		Overwrite: func(_ *testing.T, name string, token freshet.Token) {
			store.Put(freshet.Connection{Name: name, Token: token})
		},
		Names: []string{"nobody", "z-last", "a-first", "m.1", "m.2"},
	}
	return breakages[os.Getenv(brokenVariable)].of(b)
}

func brokenFiles(dir string) storetest.Backend {
	store := &filestore.Store{StateDir: dir}
	b := storetest.Backend{
		Store: store,
		Add: func(t *testing.T, c freshet.Connection) string {
			c.Name = "acme"
			if err := store.Create(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			return c.Name
		},
	}
	return breakages[os.Getenv(brokenVariable)].of(b)
}
