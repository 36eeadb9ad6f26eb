// Package keyring tests with a real Secret Service, gnome-keyring on its own D-Bus session, and without one.
package keyring

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// taskVariable is the environment variable with the task of a copy of this test. A process uses the bus
// of its environment, so each desktop needs a process.
const taskVariable = "KEYRING_TASK"

func TestMain(m *testing.M) {
	task := os.Getenv(taskVariable)
	if task == "" {
		os.Exit(m.Run())
	}
	if err := do(strings.Fields(task)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func do(words []string) error {
	if words[0] == "set" {
		return keyring.Set("freshet", words[1], words[2])
	}
	secret, err := keyring.Get("freshet", words[1])
	fmt.Print(secret)
	return err
}

// on returns a command that runs a task on a desktop: set NAME SECRET, or get NAME.
func on(t *testing.T, d desktop, task string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(d.env(), taskVariable+"="+task)
	return cmd
}

func TestKeyring(t *testing.T) {
	first, second := withKeyring(t), withKeyring(t)
	if output, err := on(t, first, "set acme s3cret").CombinedOutput(); err != nil {
		t.Fatalf("set: %v: %s", err, output)
	}
	if output, err := on(t, first, "get acme").CombinedOutput(); err != nil || string(output) != "s3cret" {
		t.Errorf("get: %v: %q", err, output)
	}
	output, err := on(t, second, "get acme").CombinedOutput()
	if err == nil || !strings.Contains(string(output), keyring.ErrNotFound.Error()) {
		t.Errorf("get from another desktop: %v: %q", err, output)
	}
}

// freshet must distinguish these from a keyring without the name.
func TestNoKeyring(t *testing.T) {
	for name, d := range map[string]desktop{
		"no bus":                       withoutSession(t),
		"a missing bus":                withMissingBus(t),
		"a bus without Secret Service": withBus(t),
		"a locked keyring":             withLockedKeyring(t),
	} {
		t.Run(name, func(t *testing.T) {
			output, err := on(t, d, "get acme").CombinedOutput()
			if err == nil || strings.Contains(string(output), keyring.ErrNotFound.Error()) {
				t.Errorf("get: %v: %q", err, output)
			}
		})
	}
}

// A client of this bus waits until the connection closes.
func TestSilentBus(t *testing.T) {
	d, connected := withSilentBus(t)
	cmd := on(t, d, "get acme")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	conn := <-connected
	conn.Close()
	if err := cmd.Wait(); err == nil {
		t.Error("got a secret")
	}
}
