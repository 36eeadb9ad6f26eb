package osfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Allocate reserves space for the first size bytes of f, so that writing them cannot fail for want
// of space.
func Allocate(f *File, size int64) error {
	err := retryInterrupted(func() error { return unix.Fallocate(f.fd, 0, 0, size) })
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return writeZeros(f, size)
	}
	return os.NewSyscallError("fallocate", err)
}
