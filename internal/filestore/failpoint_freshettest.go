//go:build freshettest

package filestore

import (
	"os"
	"strings"
	"syscall"
)

// failpoint kills the process if FRESHET_TEST_KILL_AT is name, and returns an error if
// FRESHET_TEST_FAIL_AT lists name.
func failpoint(name string) error {
	if os.Getenv("FRESHET_TEST_KILL_AT") == name {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	}
	for failing := range strings.SplitSeq(os.Getenv("FRESHET_TEST_FAIL_AT"), ",") {
		if failing == name {
			return &os.PathError{Op: name, Path: "injected", Err: syscall.EIO}
		}
	}
	return nil
}
