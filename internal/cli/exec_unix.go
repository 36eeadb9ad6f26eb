//go:build unix

package cli

import "golang.org/x/sys/unix"

// runCommand replaces this process by the command, which then gets its signals, terminal and exit
// code.
func runCommand(path string, command, env []string) error { return unix.Exec(path, command, env) }
