//go:build unix

package provider

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// checkWriters returns an error if another user could have written the file or directory: a
// provider's file decides where secrets are sent. The user's own group may have write permission,
// because most systems give each user a group.
func checkWriters(info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	switch mode := info.Mode().Perm(); {
	case !ok: // not a file of the operating system
	case int(st.Uid) != os.Geteuid() && st.Uid != 0:
		return errors.New("it belongs to another user, who could send secrets elsewhere")
	case mode&0o002 != 0, mode&0o020 != 0 && int(st.Gid) != os.Getegid():
		return errors.New("other users can write it, and could send secrets elsewhere: chmod go-w")
	}
	return nil
}
