//go:build unix

package cli

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// openTrace opens the file of --trace, or creates it for this user only. It refuses a link, a pipe
// or a file that another user may have put there. Some names in /dev are links to files of this
// process.
func openTrace(path string) (*os.File, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND | syscall.O_NONBLOCK
	if path != "/dev/stdout" && path != "/dev/stderr" && !strings.HasPrefix(path, "/dev/fd/") {
		flags |= syscall.O_NOFOLLOW
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		const why = "it is a symbolic link; name the file that it leads to"
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New(why)}
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		st := info.Sys().(*syscall.Stat_t)
		switch {
		case int(st.Uid) != os.Geteuid() && st.Uid != 0:
			err = errors.New("it belongs to another user")
		case info.Mode().IsRegular() && st.Nlink > 1:
			err = errors.New("it is a hard link to a file that has other names")
		}
	}
	if err != nil {
		return nil, errors.Join(&fs.PathError{Op: "open", Path: path, Err: err}, f.Close())
	}
	return f, nil
}
