package cli

import (
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/freshet-dev/freshet/secret"
)

// This keyring is in memory. e2e/keyring tests a real one.
func TestSecretIsSavedInTheKeyring(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") // as in a desktop session
	run := func(input string, args ...string) string {
		t.Helper()
		var out, messages strings.Builder
		a := &app{in: strings.NewReader(input), out: &out, err: &messages}
		if code := a.run(t.Context(), args); code != exitDone || out.Len() > 0 {
			t.Fatalf("%q: exit code %d, %q, %q", args, code, out.String(), messages.String())
		}
		return messages.String()
	}
	messages := run("  hush\n", "secret", "acme")
	if !strings.Contains(messages, "--client-secret-from keyring:acme") || strings.Contains(messages, "hush") {
		t.Errorf("%q", messages)
	}
	if got, err := secret.Read(t.Context(), "keyring:acme"); string(got) != "hush" || err != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	var stderr strings.Builder
	a := &app{in: strings.NewReader("\n"), out: &stderr, err: &stderr}
	if code := a.run(t.Context(), []string{"secret", "empty"}); code != exitMisconfigured ||
		!strings.Contains(stderr.String(), "the client secret is empty; nothing was saved") {
		t.Errorf("an empty secret: exit code %d, %s", code, &stderr)
	}
	run("", "secret", "acme", "--remove")
	if _, err := secret.Read(t.Context(), "keyring:acme"); err == nil {
		t.Error("the secret is still there")
	}
	run("", "secret", "acme", "--remove")
}
