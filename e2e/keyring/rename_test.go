package keyring

import (
	"slices"
	"strings"
	"testing"
)

// A client secret that is named after the connection gets its new name, unless that is taken, or the old
// one is used by another connection.
func TestRename(t *testing.T) {
	for name, test := range map[string]struct {
		stored   string // another secret with the new name
		shared   bool   // by another connection
		says     string
		kept     bool // the secret with the old name
		readable string
	}{
		"own secret": {
			says: "its client secret in the keyring was renamed, too\n", readable: "corp",
		},
		"name is taken": {
			stored: "of-another-program", kept: true, readable: "acme",
			says: "its client secret is still named acme in the keyring\n",
		},
		"shared secret": {
			shared: true, kept: true, readable: "corp",
			says: "the client secret is in the keyring under both names, because another connection uses acme\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFreshet(t, withKeyring(t), clientSecret)
			s := newServer(t, f.program, clientSecret)
			f.succeed(t, clientSecret, "secret", "acme")
			if test.stored != "" {
				f.succeed(t, test.stored, "secret", "corp")
			}
			connections := []string{"acme"}
			if test.shared {
				connections = append(connections, "beta")
			}
			for _, connection := range connections {
				args := []string{"import", connection, s.document(t, f.home)}
				f.succeed(t, "", slices.Concat(args, s.client("keyring:acme"))...)
			}
			renamed := f.succeed(t, "", "rename", "acme", "corp")
			if want := "renamed acme to corp; nothing was sent\n" + test.says; renamed.errors != want {
				t.Errorf("rename printed %q, want %q", renamed.errors, want)
			}
			f.succeed(t, "", "refresh", "corp")
			for _, connection := range connections[1:] {
				f.succeed(t, "", "refresh", connection)
			}
			if _, err := on(t, f.desktop, "get acme").Output(); (err == nil) != test.kept {
				t.Errorf("the secret acme: %v, want kept: %v", err, test.kept)
			}
			got, err := on(t, f.desktop, "get "+test.readable).Output()
			if err != nil || !strings.Contains(string(got), clientSecret) {
				t.Errorf("the secret %s: %q, %v", test.readable, got, err)
			}
			f.checkFiles(t)
		})
	}
}
