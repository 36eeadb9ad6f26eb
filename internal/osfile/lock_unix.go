//go:build unix

package osfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// TryLock takes the exclusive lock of a file, or returns [ErrLocked]. The lock is released when the
// last copy of the descriptor is closed: a child process that inherits it holds the lock, too. A
// second call on the same descriptor succeeds.
func TryLock(f *File) error { return flock(f, unix.LOCK_EX) }

// TestLock returns [ErrLocked] if another process has the exclusive lock. Processes that test at
// the same moment do not disturb each other. The file must be closed afterwards.
func TestLock(f *File) error { return flock(f, unix.LOCK_SH) }

func flock(f *File, how int) error {
	err := retryInterrupted(func() error { return unix.Flock(f.fd, how|unix.LOCK_NB) })
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrLocked
	}
	return os.NewSyscallError("flock", err)
}
