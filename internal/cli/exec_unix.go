//go:build unix

package cli

import "golang.org/x/sys/unix"

// runCommand becomes the command: signals, terminal and exit code are its own from here.
func runCommand(path string, command, env []string) error { return unix.Exec(path, command, env) }
