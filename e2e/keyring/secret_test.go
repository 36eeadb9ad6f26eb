package keyring

import (
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/e2e/program"
)

const clientSecret = "kept-by-the-keyring"

// A secret is in the keyring and in requests to the provider, and nowhere else.
func TestSecret(t *testing.T) {
	f := freshet{withKeyring(t), program.Freshet(t), []string{clientSecret, "mistyped-secret"}}
	s := newServer(t, f.program, clientSecret)
	file := s.document(t, f.home)

	f.succeed(t, "mistyped-secret\n", "secret", "acme")
	stored := f.succeed(t, clientSecret+"\n", "secret", "acme") // replaces it
	want := "saved the client secret acme in the keyring; to use it: --client-secret-from keyring:acme\n"
	if stored.errors != want {
		t.Errorf("secret printed %q, want %q", stored.errors, want)
	}

	f.succeed(t, "", slices.Concat([]string{"refresh", file}, s.client("keyring:acme"))...)
	f.succeed(t, "", slices.Concat([]string{"import", "acme", file}, s.client("keyring:acme"))...)
	f.succeed(t, "", "refresh", "acme")
	f.succeed(t, "", "refresh", "acme")
	if stats := s.Stats(); stats.Refreshes != 3 || stats.Reuses != 0 {
		t.Errorf("after three refreshes: %+v", stats)
	}

	f.succeed(t, "", "secret", "acme", "--remove")
	f.succeed(t, "", "secret", "acme", "--remove") // a missing one is no error
	r := f.run(t, "", "refresh", "acme")
	const missing = "freshet: acme: the keyring has no client secret named acme\n  → run freshet secret acme <FILE"
	if r.code != 3 || !strings.HasPrefix(r.errors, missing) {
		t.Errorf("without its secret: exit code %d: %s", r.code, r.errors)
	}
	if got := s.Stats().Requests; got != 3 {
		t.Errorf("%d requests, the last without its secret", got)
	}
	f.checkFiles(t)
}

// Each desktop has its own keyring.
func TestSecretOfAnotherDesktop(t *testing.T) {
	mine := freshet{withKeyring(t), program.Freshet(t), []string{clientSecret}}
	theirs := mine
	theirs.desktop = withKeyring(t)
	s := newServer(t, mine.program, clientSecret)
	refresh := slices.Concat([]string{"refresh", s.document(t, mine.home)}, s.client("keyring:acme"))

	mine.succeed(t, clientSecret, "secret", "acme")
	r := theirs.run(t, "", refresh...)
	if r.code != 3 || !strings.Contains(r.errors, "the keyring has no client secret named acme") {
		t.Errorf("exit code %d: %s", r.code, r.errors)
	}
	mine.succeed(t, "", refresh...)
}
