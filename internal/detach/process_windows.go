package detach

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
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

// startDetached starts cmd without the caller's console. Requests go to its standard input and
// replies come from its standard output, because Windows passes no other descriptors, and no
// locks.
func startDetached(cmd *exec.Cmd, _ *os.File) (requests io.WriteCloser, replies io.Reader, err error) {
	if requests, err = cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	if replies, err = cmd.StdoutPipe(); err != nil {
		return nil, nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
	return requests, replies, cmd.Start()
}

func ignoreSignals() { signal.Ignore(os.Interrupt) }

func childFiles() (requests io.Reader, replies io.Writer) { return os.Stdin, os.Stdout }

func inheritedLock() *os.File { return nil }
