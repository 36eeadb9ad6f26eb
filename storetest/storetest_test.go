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

// Each test of the package must fail for some faulty store. The faulty stores run in processes of their
// own, whose tests must fail.

// faultVariable is the environment variable with the fault of a process's stores.
const faultVariable = "STORETEST_FAULT"

const noFault = "none"

func TestMain(m *testing.M) {
	storetest.Worker(func(dir string) (freshet.Store, error) { return fileBackend(dir).Store, nil })
	m.Run()
}

func TestEveryTestCanFail(t *testing.T) {
	if os.Getenv(faultVariable) != "" {
		storetest.Test(t, func(*testing.T) storetest.Backend { return memoryBackend() })
		storetest.TestProcesses(t, func(t *testing.T) (storetest.Backend, string) {
			dir := t.TempDir()
			return fileBackend(dir), dir
		})
		return
	}
	covered := map[string]bool{}
	for name, fault := range faults {
		covered[fullName(fault.test)] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passed, output := runFaulty(t, name, fault.test)
			if passed || !strings.Contains(output, "    --- FAIL: "+fullName(fault.test)+" (") {
				t.Errorf("the test %q does not fail:\n%s", fault.test, output)
			}
		})
	}
	t.Run("a store without faults passes, and every test has a fault", func(t *testing.T) {
		t.Parallel()
		passed, output := runFaulty(t, noFault, ".*")
		if !passed {
			t.Errorf("it failed:\n%s", output)
		}
		for _, line := range regexp.MustCompile(`(?m)^    --- PASS: (\S+)`).FindAllStringSubmatch(output, -1) {
			if !covered[line[1]] {
				t.Errorf("no fault makes %s fail", line[1])
			}
		}
	})
}

// runFaulty runs the tests that match pattern in a process whose stores have the fault.
func runFaulty(t *testing.T, fault, pattern string) (passed bool, output string) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, executable, "-test.v", "-test.run=^TestEveryTestCanFail$/^"+pattern+"$")
	// Without the pause that the race detector makes at the end of every process.
	cmd.Env = append(os.Environ(), faultVariable+"="+fault, "GORACE=atexit_sleep_ms=0")
	combined, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("the tests did not end:\n%s", combined)
	}
	return err == nil, string(combined)
}

// fullName returns the name of a subtest as go test prints it.
func fullName(test string) string {
	return "TestEveryTestCanFail/" + strings.ReplaceAll(test, " ", "_")
}

func memoryBackend() storetest.Backend {
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
		Names: []string{"missing", "z-last", "a-first", "m.1", "m.2"},
	}
	return faults[os.Getenv(faultVariable)].apply(b)
}

func fileBackend(dir string) storetest.Backend {
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
	return faults[os.Getenv(faultVariable)].apply(b)
}
