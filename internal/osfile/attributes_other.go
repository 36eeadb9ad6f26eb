//go:build unix && !linux

package osfile

import (
	"io/fs"
	"os"
	"syscall"
)

// IsMountPoint reports whether a file is on another file system than its directory.
func IsMountPoint(_ string, file, dir fs.FileInfo) bool {
	return file.Sys().(*syscall.Stat_t).Dev != dir.Sys().(*syscall.Stat_t).Dev
}

// IsImmutable returns false.
func IsImmutable(string) bool { return false }

func removeInheritedACL(_, _ *os.File) error { return nil }
