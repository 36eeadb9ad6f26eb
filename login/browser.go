package login

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"

	"github.com/cli/browser"

	"github.com/freshet-dev/freshet/internal/redact"
)

// OpenBrowser opens an http or https address with the command, or with the system's browser if
// command is empty. The command is split at white space and run without a shell; the address
// replaces "%s" or becomes the last argument. The output of the command is dropped.
//
// Some commands end at once, others when the browser is closed. OpenBrowser returns when the
// command ends, with its error, or when ctx ends, with nil. It does not end the command.
func OpenBrowser(ctx context.Context, address, command string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("cannot open the browser: the address is not http or https")
	}
	ended := make(chan error, 1)
	go func() {
		if command == "" {
			discardOutput()
			ended <- browser.OpenURL(u.String())
			return
		}
		args := commandLine(command, u.String())
		ended <- exec.CommandContext(context.WithoutCancel(ctx), args[0], args[1:]...).Run()
	}()
	select {
	case err := <-ended:
		if err != nil {
			err = redact.New(u.String()).Error(err) // the address has the state in it
			return fmt.Errorf("the browser could not be opened: %w", err)
		}
		return nil
	case <-ctx.Done():
		return nil
	}
}

// commandLine returns the arguments of the command with the address. If the whole command is the
// path of a program, it is not split.
func commandLine(command, address string) []string {
	args := strings.Fields(command)
	if _, err := exec.LookPath(command); err == nil || len(args) == 0 {
		return []string{command, address}
	}
	found := false
	for i, arg := range args {
		found = found || strings.Contains(arg, "%s")
		args[i] = strings.ReplaceAll(arg, "%s", address)
	}
	if !found {
		args = append(args, address)
	}
	return args
}

// discardOutput drops the output of browsers, which would otherwise be mixed with ours. It uses a
// file because a pipe would break when this process ends.
var discardOutput = sync.OnceFunc(func() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		browser.Stdout, browser.Stderr = null, null
	}
})

// HasDisplay reports whether the person would see a browser that is opened here. On Linux and BSD
// that needs a desktop session or WSL; on macOS and Windows, a session that is not over SSH.
func HasDisplay() bool {
	return hasDisplay(runtime.GOOS, func(name string) bool { return os.Getenv(name) != "" })
}

func hasDisplay(system string, set func(name string) bool) bool {
	switch system {
	case "darwin", "windows":
		return !set("SSH_CONNECTION")
	default:
		return set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WSL_DISTRO_NAME")
	}
}
