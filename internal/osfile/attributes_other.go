//go:build unix && !linux

package osfile

import "io/fs"

// IsMountPoint reports whether a file is on another file system than its directory.
func IsMountPoint(_ string, file, dir fs.FileInfo) bool {
	return statOf(file).Dev != statOf(dir).Dev
}

// IsImmutable returns false.
func IsImmutable(string) bool { return false }

func removeInheritedACL(_, _ *File) error { return nil }
