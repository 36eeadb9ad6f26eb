// Package keyring tests against a real Secret Service: gnome-keyring on a D-Bus session of its own, and against a machine
// that has none.
package keyring

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// In the environment of a copy of this test, the words of what it shall do instead of testing. The bus of a process is that of
// its environment, and stays.
const instead = "KEYRING_DO"

func TestMain(m *testing.M) {
	words := os.Getenv(instead)
	if words == "" {
		os.Exit(m.Run())
	}
	if err := do(strings.Fields(words)); err != nil {
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

// on is this program on a desktop, doing what words say: set NAME SECRET, or get NAME.
func on(t *testing.T, d desktop, words string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(d.env(), instead+"="+words)
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
	if output, err := on(t, second, "get acme").CombinedOutput(); err == nil || !strings.Contains(string(output), keyring.ErrNotFound.Error()) {
		t.Errorf("get from another desktop: %v: %q", err, output)
	}
}

// These are what freshet has to tell apart from a keyring in which a name is missing.
func TestNoKeyring(t *testing.T) {
	for name, d := range map[string]desktop{
		"no bus":                       withoutSession(t),
		"a bus that has gone":          withDeadBus(t),
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

// Whoever asks this bus waits until it hangs up.
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
