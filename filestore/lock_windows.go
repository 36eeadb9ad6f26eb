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
func lockFile(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errLocked
	}
	return os.NewSyscallError("LockFileEx", err)
}
