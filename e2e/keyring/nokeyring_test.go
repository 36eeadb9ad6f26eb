package keyring

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/freshet-dev/freshet/e2e/program"
)

// remedy ends every message about a keyring that cannot be used.
const remedy = "where there is no desktop session, keep the secret elsewhere: file:PATH, env:NAME or command:LINE\n"

// Without a keyring, all commands that need it fail at once, and say what to use instead.
func TestSecretWithoutKeyring(t *testing.T) {
	f := newFreshet(t, desktop{}, clientSecret)
	for name, test := range map[string]struct {
		desktop func(*testing.T) desktop
		code    int
		cause   string // without what the library says
	}{
		"no session":                   {withoutSession, 3, "no desktop session\n  → " + remedy},
		"a missing bus":                {withMissingBus, 3, ""},
		"a bus without Secret Service": {withBus, 3, "no keyring runs in this session\n  → " + remedy},
		"a locked keyring":             {withLockedKeyring, 5, "it is locked\n  → unlock it; " + remedy},
	} {
		t.Run(name, func(t *testing.T) {
			f := f
			f.desktop = test.desktop(t)
			s := newServer(t, f.program, clientSecret)
			file := s.document(t, f.home)
			for _, command := range []struct {
				args   []string
				prefix string
			}{
				{[]string{"secret", "acme"}, "freshet: could not store the client secret in the keyring (acme): "},
				{
					[]string{"secret", "acme", "--remove"},
					"freshet: could not remove the client secret from the keyring (acme): ",
				},
				{
					slices.Concat([]string{"refresh", file}, s.client("keyring:acme")),
					"freshet: " + file + ": could not read the client secret from the keyring (acme): ",
				},
			} {
				r := f.run(t, clientSecret, command.args...)
				if r.code != test.code || !strings.HasPrefix(r.errors, command.prefix+test.cause) ||
					!strings.HasSuffix(r.errors, remedy) {
					t.Errorf("%s: exit code %d: %s", strings.Join(command.args, " "), r.code, r.errors)
				}
			}
			if got := s.Stats().Requests; got != 0 {
				t.Errorf("%d requests without the secret", got)
			}
			f.checkFiles(t)
		})
	}
}

// noAnswer is the message about a keyring that does not answer in time.
const noAnswer = "the keyring, asked for acme, did not answer within 3s; it may be locked\n  → unlock it; " + remedy

// A command that waits for the keyring has no lock: another one can refresh.
func TestSecretFromSilentBus(t *testing.T) {
	t.Parallel()
	d, connected := withSilentBus(t)
	f := freshet{d, program.Freshet(t), []string{clientSecret}}
	s := newServer(t, f.program, clientSecret)
	file := s.document(t, f.home)
	other := filepath.Join(f.home, "secret.txt")
	if err := os.WriteFile(other, []byte(clientSecret), 0o600); err != nil {
		t.Fatal(err)
	}

	waiting := make(chan result)
	go func() { waiting <- f.run(t, "", slices.Concat([]string{"refresh", file}, s.client("keyring:acme"))...) }()
	conn := <-connected
	defer conn.Close()
	f.succeed(t, "", slices.Concat([]string{"refresh", file}, s.client("file:"+other))...)
	if r := <-waiting; r.code != 5 || r.errors != fmt.Sprintf("freshet: %s: %s", file, noAnswer) {
		t.Errorf("exit code %d: %s", r.code, r.errors)
	}
	if stats := s.Stats(); stats.Requests != 1 {
		t.Errorf("%d requests, one of them without the secret", stats.Requests)
	}
}

// A desktop asks for the password of its keyring in a window, which may never be answered.
func TestSecretBehindWindow(t *testing.T) {
	t.Parallel()
	d := withLockedKeyring(t)
	shown := withWindow(t, d)
	f := newFreshet(t, d, clientSecret)
	r := f.run(t, clientSecret, "secret", "acme")
	if r.code != 5 || r.errors != "freshet: "+noAnswer {
		t.Errorf("exit code %d: %s", r.code, r.errors)
	}
	select {
	case <-shown:
	default:
		t.Error("there was no window")
	}
}

// window replaces the desktop's password window. It gets no answer.
type window chan struct{}

func (w window) BeginPrompting(dbus.ObjectPath) *dbus.Error {
	w <- struct{}{}
	return nil
}

// withWindow adds a window to the desktop. shown receives when it is shown.
func withWindow(t *testing.T, d desktop) (shown <-chan struct{}) {
	t.Helper()
	bus, err := dbus.Connect(d.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Close() })
	w := make(window, 10)
	if err := bus.Export(w, "/org/gnome/keyring/Prompter", "org.gnome.keyring.internal.Prompter"); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.RequestName("org.gnome.keyring.SystemPrompter", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return w
}
