package osfile

import (
	"errors"
	"os"
	"runtime"

	"golang.org/x/sys/windows"
)

// TryLock takes the exclusive lock of a file, or returns [ErrLocked]. The lock belongs to this
// process, and is released when the file is closed.
func TryLock(f *File) error { return lockFileEx(f, windows.LOCKFILE_EXCLUSIVE_LOCK) }

// TestLock returns [ErrLocked] if another process has the exclusive lock. Processes that test at
// the same moment do not disturb each other. The file must be closed afterwards.
func TestLock(f *File) error { return lockFileEx(f, 0) }

func lockFileEx(f *File, how uint32) error {
	how |= windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, new(windows.Overlapped))
	runtime.KeepAlive(f)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrLocked
	}
	return os.NewSyscallError("LockFileEx", err)
}
