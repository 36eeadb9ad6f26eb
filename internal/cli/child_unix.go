//go:build unix

package cli

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// The child's descriptors.
const (
	requestFD = 3 + iota
	answerFD
	lockFD
)

// executable is this very program, also after an upgrade has replaced the file.
func executable() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// startDetached starts cmd in a session of its own, without our standard files, and gives it the request. It returns
// where the answer will come from.
func startDetached(cmd *exec.Cmd, request []byte, lock *os.File) (io.Reader, error) {
	requestRead, requestWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer requestRead.Close()
	defer requestWrite.Close()
	answerRead, answerWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer answerWrite.Close()
	cmd.ExtraFiles = []*os.File{requestRead, answerWrite, lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	_, err = requestWrite.Write(request)
	return answerRead, err
}

// ignoreSignals is the first thing the child does. The other signals end it, as kill -9 does.
func ignoreSignals() {
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE)
}

// childFiles returns the child's files, and closes every other descriptor that it inherited: a pipe that the caller's
// caller waits on would stay open.
func childFiles() (requests io.Reader, answers io.Writer, lock *os.File) {
	for fd := range inheritedAbove(lockFD) {
		_ = unix.Close(fd)
	}
	for fd := requestFD; fd <= lockFD; fd++ {
		unix.CloseOnExec(fd)
	}
	return os.NewFile(requestFD, "request"), os.NewFile(answerFD, "answer"), os.NewFile(lockFD, "lock")
}

// inheritedAbove lists the open descriptors above fd that survived exec. The Go runtime's own do not.
func inheritedAbove(fd int) map[int]bool {
	found := map[int]bool{}
	dir := "/dev/fd"
	if runtime.GOOS == "linux" {
		dir = "/proc/self/fd"
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return found
	}
	for _, entry := range entries {
		n, err := strconv.Atoi(entry.Name())
		if err != nil || n <= fd {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			found[n] = true
		}
	}
	return found
}
