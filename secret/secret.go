// Package secret reads client secrets from where they are kept, so that they are neither on a
// command line nor in a connection's document. A source is written as a string:
//
//	env:NAME       an environment variable
//	file:PATH      a file, in UTF-8 or UTF-16
//	command:LINE   the first line that a shell command prints, such as command:pass show acme/client
//	keyring:NAME   an entry of the operating system's keyring, under the service "freshet"
//
// White space around the secret is ignored. A secret with another character than visible ASCII or a
// space is refused (RFC 6749 §A.2).
//
// The keyring is the Secret Service of the desktop session (Linux), the Keychain (macOS) or the
// Credential Manager (Windows). A keyring that does not answer within three seconds is an error.
package secret

import (
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/oauth"
)

// commandTimeout is long enough for a command that asks a person for a password.
const commandTimeout = 30 * time.Second

// maxSecret is how many bytes of a file or of a command's output are read.
const maxSecret = 64 << 10

// Check returns a [*freshet.SetupError] if from is not a valid source. It does not read the secret.
func Check(from string) error {
	kind, name, _ := strings.Cut(from, ":")
	switch kind {
	case "env", "file", "command", "keyring":
		if strings.TrimSpace(name) != "" {
			return nil
		}
	}
	// from may be the secret itself, given in the wrong place, or as KIND:SECRET.
	shown := "no kind before a colon"
	if strings.Contains(from, ":") && len(kind) < 12 {
		shown = kind + ":…"
	}
	const remedy = "write env:NAME, file:PATH, command:LINE or keyring:NAME"
	return problem("invalid source of a client secret: "+shown, remedy, nil)
}

// Read reads the secret from its source. An empty secret is an error.
//
// Errors are of type [*freshet.SetupError] and do not quote the secret. Their kind is
// [oauth.Misconfigured], or [oauth.Temporary] if the keyring or the command took too long or the
// keyring is locked.
func Read(ctx context.Context, from string) (oauth.Secret, error) {
	data, err := ReadBytes(ctx, from)
	if err != nil {
		return "", err
	}
	kind, _, _ := strings.Cut(from, ":")
	secret := syntax.Decode(data)
	if kind == "command" {
		// Password stores print notes in further lines.
		secret, _, _ = strings.Cut(secret, "\n")
		secret = strings.TrimSpace(secret)
	}
	if secret == "" {
		return "", problem("the client secret is empty: "+from, remedies[kind], nil)
	}
	if err := (oauth.Client{Secret: oauth.Secret(secret)}).Check(); err != nil {
		return "", problem(err.Error()+": "+from, "save the secret again, alone and as plain text", nil)
	}
	return oauth.Secret(secret), nil
}

// ReadBytes reads all that is at the source, up to 64 KiB, such as a private key: of a command all
// that it prints. The errors are those of [Read].
func ReadBytes(ctx context.Context, from string) ([]byte, error) {
	if err := Check(from); err != nil {
		return nil, err
	}
	kind, name, _ := strings.Cut(from, ":")
	switch kind {
	case "env":
		return []byte(os.Getenv(name)), nil
	case "file":
		return readFile(name)
	case "command":
		return readCommand(ctx, name)
	default:
		return readKeyring(ctx, name)
	}
}

var remedies = map[string]oauth.Remedy{
	"env":     "set the variable in the environment of freshet, too",
	"file":    "check that the file exists and that this user may read it",
	"command": "run the command by hand to see what it prints",
	"keyring": "{store NAME}",
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, problem("the client secret cannot be read: "+err.Error(), remedies["file"], err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSecret))
}

// readCommand runs a shell command. It does not give the command standard input, which may hold
// freshet's own input; a command that asks for a password opens the terminal.
func readCommand(ctx context.Context, line string) ([]byte, error) {
	timeout := commandTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline))
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/c"
	}
	cmd := exec.CommandContext(ctx, shell, flag, line)
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = time.Second // a background process of the command may keep the pipe open
	var out prefix
	cmd.Stdout = &out
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		limit := timeout.Round(100 * time.Millisecond).String()
		p := problem("the command for the client secret did not end within "+limit, remedies["command"], ctx.Err())
		p.Kind = oauth.Temporary
		return nil, p
	case err != nil:
		return nil, problem("the command for the client secret failed: "+err.Error(), remedies["command"], err)
	}
	return out.data, nil
}

// prefix keeps the first maxSecret bytes that are written to it and drops the rest.
// Not a bytes.Buffer, whose ReadFrom would read without limit.
type prefix struct{ data []byte }

func (p *prefix) Write(b []byte) (int, error) {
	p.data = append(p.data, b[:min(len(b), maxSecret-len(p.data))]...)
	return len(b), nil
}

func problem(what string, remedy oauth.Remedy, err error) *freshet.SetupError {
	return &freshet.SetupError{Kind: oauth.Misconfigured, What: what, Remedy: remedy, Err: err}
}
