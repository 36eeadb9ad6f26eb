package detach

import (
	"bytes"
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

// startDetached starts cmd without the caller's console. The request goes to its standard input and
// the reply comes from its standard output, because Windows passes no other descriptors, and no
// locks.
func startDetached(cmd *exec.Cmd, request []byte, _ *os.File) (io.Reader, error) {
	cmd.Stdin = bytes.NewReader(request)
	replies, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
	return replies, cmd.Start()
}

func ignoreSignals() { signal.Ignore(os.Interrupt) }

func childFiles() (requests io.Reader, replies io.Writer) { return os.Stdin, os.Stdout }

func inheritedLock() *os.File { return nil }
