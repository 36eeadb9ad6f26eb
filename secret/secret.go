package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// commandPatience bounds how long a command may take: it may have to ask a person.
const commandPatience = 30 * time.Second

// maxSecret bounds what is read of a file or a command, in bytes.
const maxSecret = 64 << 10

// Check returns a [*freshet.Problem] unless from is written as a source is. It reads nothing.
func Check(from string) error {
	kind, name, ok := strings.Cut(from, ":")
	switch kind {
	case "env", "file", "command", "keyring":
		if ok && strings.TrimSpace(name) != "" {
			return nil
		}
	}
	return problem("this is no place for a client secret: "+shown(from), "write env:NAME, file:PATH, command:LINE or keyring:NAME", nil)
}

// Absolute returns from with the path of a file made absolute, so that it means the same in another directory.
func Absolute(from string) (string, error) {
	path, ok := strings.CutPrefix(from, "file:")
	if !ok {
		return from, nil
	}
	abs, err := filepath.Abs(path)
	return "file:" + abs, err
}

// Read reads the secret. The error is a [*freshet.Problem] of kind [oauth.Misconfigured], or of [oauth.Temporary] where the
// keyring or the command did not end in time; it never quotes what was read.
func Read(ctx context.Context, from string) (oauth.Secret, error) {
	if err := Check(from); err != nil {
		return "", err
	}
	kind, name, _ := strings.Cut(from, ":")
	var data []byte
	var err error
	switch kind {
	case "env":
		data = []byte(os.Getenv(name))
	case "file":
		data, err = readFile(name)
	case "command":
		data, err = readCommand(ctx, name)
	case "keyring":
		data, err = readKeyring(ctx, name)
	}
	if err != nil {
		return "", err
	}
	secret := string(bytes.TrimSpace(data))
	if secret == "" {
		return "", problem("the client secret is empty: "+from, remedies[kind], nil)
	}
	return oauth.Secret(secret), nil
}

var remedies = map[string]string{
	"env":     "set that variable for freshet, too",
	"file":    "check that the file is there, and that this user may read it",
	"command": "run the command by hand, and see what it prints",
	"keyring": "store it: freshet secret NAME <FILE",
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, problem("the client secret cannot be read: "+err.Error(), remedies["file"], err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSecret))
}

// readCommand runs the command by the shell, without our standard input: it may ask only on the terminal itself.
func readCommand(ctx context.Context, line string) ([]byte, error) {
	patience := commandPatience
	if end, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(end))
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/c"
	}
	cmd := exec.CommandContext(ctx, shell, flag, line)
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = time.Second // what it started may keep the pipe open
	var out limited
	cmd.Stdout = &out
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		p := problem(fmt.Sprintf("the command for the client secret did not end within %s", patience.Round(100*time.Millisecond)), remedies["command"], ctx.Err())
		p.Kind = oauth.Temporary
		return nil, p
	case err != nil:
		return nil, problem("the command for the client secret failed: "+err.Error(), remedies["command"], err)
	}
	return out.Bytes(), nil
}

// limited keeps the beginning of what is written to it.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	l.Buffer.Write(p[:min(len(p), maxSecret-l.Len())])
	return len(p), nil
}

// shown hides what somebody who took a source for the secret itself has written.
func shown(from string) string {
	if kind, _, ok := strings.Cut(from, ":"); ok && len(kind) < 12 {
		return kind + ":…"
	}
	return "it has no kind before a colon"
}

func problem(what, remedy string, err error) *freshet.Problem {
	return &freshet.Problem{Kind: oauth.Misconfigured, What: what, Remedy: remedy, Err: err}
}

var errNoAnswer = errors.New("no answer")
