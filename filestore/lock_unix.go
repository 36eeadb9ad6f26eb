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
func lockFile(f *os.File) error { return flock(f, unix.LOCK_EX) }

// probeFile returns errLocked if the lock is taken. Others may probe at the same moment.
func probeFile(f *os.File) error { return flock(f, unix.LOCK_SH) }

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return errLocked
		default:
			return os.NewSyscallError("flock", err)
		}
	}
}
