//go:build unix

package filestore

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

const (
	openNoFollow = unix.O_NOFOLLOW
	openNonblock = unix.O_NONBLOCK
)

var errIsLink error = unix.ELOOP // what O_NOFOLLOW reports

// lockFile takes the lock or returns errLocked. The kernel frees it when the last holder of the descriptor is gone.
func lockFile(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return errLocked
		default:
			return os.NewSyscallError("flock", err)
		}
	}
}
