package secret_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("CLIENT_SECRET_OF_THIS_TEST", "hush")
	t.Setenv("EMPTY_SECRET_OF_THIS_TEST", "")
	for _, test := range []struct {
		from, want, problem string
	}{
		{from: "env:CLIENT_SECRET_OF_THIS_TEST", want: "hush"},
		{from: "file:" + write("secret", "hush\n"), want: "hush"},
		{from: "file:" + write("bom", "\ufeffhush\r\n"), want: "hush"},
		{from: "file:" + write("utf16", "\xff\xfeh\x00u\x00s\x00h\x00\r\x00\n\x00"), want: "hush"},
		{from: "file:" + write("utf16be", "\xfe\xff\x00h\x00u\x00s\x00h"), want: "hush"},
		{from: "command:echo hush", want: "hush"},
		{from: "command:printf 'hush\\r\\nuser: me\\n'", want: "hush"},
		{from: "file:" + write("lines", "hush\nhush"), problem: "the client secret contains a line break: file:"},
		{from: "file:" + write("zero", "hu\u200bsh"), problem: "the client secret contains a zero-width space (U+200B): file:"},
		{from: "env:EMPTY_SECRET_OF_THIS_TEST", problem: "the client secret is empty: env:EMPTY_SECRET_OF_THIS_TEST"},
		{from: "file:" + write("empty", " \n"), problem: "the client secret is empty: file:"},
		{from: "file:" + filepath.Join(dir, "missing"), problem: "the client secret cannot be read: open "},
		{from: "command:exit 3", problem: "the command for the client secret failed: exit status 3"},
		{from: "hunter2", problem: "invalid source of a client secret"},
		{from: "hunter2:hunter3", problem: "invalid source of a client secret: hunter2:…"},
		{from: "env:", problem: "invalid source of a client secret: env:…"},
	} {
		got, err := secret.Read(t.Context(), test.from)
		var p *freshet.SetupError
		switch {
		case test.problem == "" && (err != nil || string(got) != test.want):
			t.Errorf("%s: %q, %v", test.from, string(got), err)
		case test.problem == "":
		case !errors.As(err, &p) || !strings.HasPrefix(p.What, test.problem),
			p.Remedy == "" || p.Kind != oauth.Misconfigured:
			t.Errorf("%s: %v", test.from, err)
		case strings.Contains(err.Error(), "hunter3"),
			test.from == "hunter2" && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("a secret in the place of its source is quoted: %v", err)
		}
	}
}
