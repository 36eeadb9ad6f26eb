package detach

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

// Executable returns the path of the program that runs.
func Executable() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// startDetached starts this program with the argument, without the caller's console. Requests go to
// its standard input and replies come from its standard output, because Windows passes no other
// descriptors, and no locks.
func startDetached(argument string, _ *os.File) (*Process, error) {
	cmd := exec.Command(Executable(), argument)
	cmd.Args[0] = os.Args[0]
	cmd.Dir = string(filepath.Separator)
	requests, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	replies, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
	return &Process{requests, replies, func() { _ = cmd.Wait() }}, cmd.Start()
}

func ignoreSignals() { signal.Ignore(os.Interrupt) }

func childFiles() (requests io.Reader, replies io.Writer) { return os.Stdin, os.Stdout }

func inheritedLock() *os.File { return nil }
