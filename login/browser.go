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

// OpenBrowser opens an http or https address with the command, or with the system's browser when it is empty. The command is
// split at white space and run without a shell; the address takes the place of "%s" or comes last. What it prints is dropped.
//
// Some commands end at once, others with the browser: OpenBrowser returns when the command does, with an error if that failed,
// or with nil when ctx ends. The browser then lives on.
func OpenBrowser(ctx context.Context, address, command string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("the browser is not opened: the address is not an http or https one")
	}
	ended := make(chan error, 1)
	go func() {
		if command == "" {
			silence()
			ended <- browser.OpenURL(u.String())
			return
		}
		args := commandLine(command, u.String())
		ended <- exec.CommandContext(context.WithoutCancel(ctx), args[0], args[1:]...).Run()
	}()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("the browser could not be opened: %w", redact.New(u.String()).Error(err)) // the state is in the address
		}
		return nil
	case <-ctx.Done():
		return nil
	}
}

// commandLine puts the address into the command, which may also be the path of a program that has spaces in it.
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

// silence keeps browsers from writing over what a person reads. A file, unlike a pipe, may be left behind.
var silence = sync.OnceFunc(func() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		browser.Stdout, browser.Stderr = null, null
	}
})

// HasDisplay reports whether a browser that is opened here would be seen: on Linux and BSD, that there is a desktop session
// or Windows around (WSL); on macOS and Windows, that the session did not come through SSH.
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
