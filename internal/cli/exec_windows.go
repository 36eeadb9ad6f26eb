package cli

import (
	"errors"
	"os"
	"os/exec"
)

// runCommand runs the command and returns its exit code as an exitError. Both get Ctrl-C, because
// they share a console.
func runCommand(path string, command, env []string) error {
	cmd := exec.Command(path, command[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exited, ok := errors.AsType[*exec.ExitError](err); ok {
		return &exitError{exited.ExitCode()}
	}
	return err
}
