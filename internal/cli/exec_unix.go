//go:build unix

package cli

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// runCommand becomes the command: signals, terminal and exit code are its own from here.
func runCommand(path string, command, env []string) error {
	reap()
	return unix.Exec(path, command, env)
}

// reap waits for the process that refreshed, which has answered and is about to end: the command should not find a child
// that it never had.
func reap() {
	for range 100 {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		if errors.Is(err, unix.ECHILD) || pid > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
