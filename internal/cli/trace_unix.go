//go:build unix

package cli

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// openTrace opens the file of --trace, or creates it for this user only. It refuses a link, a pipe or a file that another
// user may have put there. Some names in /dev are links to files of this process.
func openTrace(path string) (*os.File, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND | syscall.O_NONBLOCK
	if path != "/dev/stdout" && path != "/dev/stderr" && !strings.HasPrefix(path, "/dev/fd/") {
		flags |= syscall.O_NOFOLLOW
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("it is a symbolic link; name the file that it leads to")}
	}
	if err != nil {
		return nil, err
	}
	if err := checkTrace(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func checkTrace(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	st := info.Sys().(*syscall.Stat_t)
	switch {
	case int(st.Uid) != os.Geteuid() && st.Uid != 0:
		return &fs.PathError{Op: "open", Path: f.Name(), Err: errors.New("it belongs to another user")}
	case info.Mode().IsRegular() && st.Nlink > 1:
		return &fs.PathError{Op: "open", Path: f.Name(), Err: errors.New("it is a hard link to a file that has other names")}
	}
	return nil
}
