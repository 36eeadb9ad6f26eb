package filestore

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const (
	openNoFollow = 0
	openNonblock = 0
)

var errIsLink = errors.New("a reparse point")

// lockFile takes the lock or returns errLocked. It belongs to this process and ends with it.
func lockFile(f *os.File) error { return lockFileEx(f, windows.LOCKFILE_EXCLUSIVE_LOCK) }

// probeFile returns errLocked if the lock is taken. Others may probe at the same moment.
func probeFile(f *os.File) error { return lockFileEx(f, 0) }

func lockFileEx(f *os.File, how uint32) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), how|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errLocked
	}
	return os.NewSyscallError("LockFileEx", err)
}
