//go:build unix && !linux

package filestore

import (
	"io/fs"
	"os"
	"syscall"
)

func dropInheritedACL(_, _ *os.File) error { return nil }

func isFrozen(string) bool { return false }

func isMountPoint(_ string, file, dir fs.FileInfo) bool {
	return file.Sys().(*syscall.Stat_t).Dev != dir.Sys().(*syscall.Stat_t).Dev
}
