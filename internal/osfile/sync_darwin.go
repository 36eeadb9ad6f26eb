package osfile

import (
	"errors"

	"golang.org/x/sys/unix"
)

// fsync also has the disk write its cache, as [os.File.Sync] does. Not every file system can do that.
func fsync(fd int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_FULLFSYNC, 0)
	if errors.Is(err, unix.ENOTSUP) {
		return unix.Fsync(fd)
	}
	return err
}
