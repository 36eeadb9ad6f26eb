//go:build unix

package detach

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// The child's descriptors.
const (
	requestFD = 3 + iota
	replyFD
	lockFD
)

// Executable returns the path of the program that runs, on Linux even if an upgrade has replaced
// its file.
func Executable() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// startDetached starts this program with the argument, in a new session, in /, and without the
// caller's standard files. (Package os would start another process before the first one, to find out
// how it can wait.)
func startDetached(argument string, lock *os.File) (*Process, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	requestRead, requestWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer requestRead.Close()
	replyRead, replyWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, requestWrite.Close())
	}
	defer replyWrite.Close()
	lockToPass := ^uintptr(0) // closed in the child
	if lock != nil {
		lockToPass = lock.Fd()
	}
	files := []uintptr{null.Fd(), null.Fd(), null.Fd(), requestRead.Fd(), replyWrite.Fd(), lockToPass}
	pid, err := syscall.ForkExec(Executable(), []string{os.Args[0], argument}, &syscall.ProcAttr{
		Dir: "/", Env: os.Environ(), Files: files, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		err = &os.PathError{Op: "starting", Path: Executable(), Err: err}
		return nil, errors.Join(err, requestWrite.Close(), replyRead.Close())
	}
	return &Process{requestWrite, replyRead, func() { wait(pid) }}, nil
}

func wait(pid int) {
	for {
		if _, err := syscall.Wait4(pid, nil, 0, nil); !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}

// ignoreSignals ignores the signals that a terminal or a service manager sends. Others end the
// child, as kill -9 does.
func ignoreSignals() {
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE)
}

// childFiles returns the child's pipes, and closes every other descriptor that it inherited but the
// lock. Otherwise a shell that waits for the end of a pipe would wait for the child, too.
func childFiles() (requests io.Reader, replies io.Writer) {
	for _, fd := range inheritedAbove(lockFD) {
		_ = unix.Close(fd)
	}
	unix.CloseOnExec(requestFD)
	unix.CloseOnExec(replyFD)
	return os.NewFile(requestFD, "request"), os.NewFile(replyFD, "reply")
}

// inheritedLock returns the lock that the child inherited. Without one, its number may be that of a
// socket or of a descriptor of the runtime: the garbage collector, which closes unused files, would
// close that.
func inheritedLock() *os.File {
	unix.CloseOnExec(lockFD)
	return os.NewFile(lockFD, "lock")
}

// inheritedAbove returns the open descriptors above fd that survived exec. Those of the Go runtime
// do not.
func inheritedAbove(fd int) (found []int) {
	dir := "/dev/fd"
	if runtime.GOOS == "linux" {
		dir = "/proc/self/fd"
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		n, err := strconv.Atoi(entry.Name())
		if err != nil || n <= fd {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			found = append(found, n)
		}
	}
	return found
}
