//go:build unix

package provider

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// checkWriters refuses a file or directory that another user could have written: a provider's file says where secrets go. A group
// may write it if it is this user's own, as most systems give each user one.
func checkWriters(info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	switch mode := info.Mode().Perm(); {
	case !ok: // not of the operating system
	case int(st.Uid) != os.Geteuid() && st.Uid != 0:
		return errors.New("it belongs to another user, who could send secrets elsewhere")
	case mode&0o002 != 0, mode&0o020 != 0 && int(st.Gid) != os.Getegid():
		return errors.New("other users can write it, and could send secrets elsewhere: chmod go-w")
	}
	return nil
}
