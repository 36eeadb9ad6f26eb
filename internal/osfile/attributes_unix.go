//go:build unix

package osfile

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// CopyAttributes gives f the owner, group, mode, access control list and extended attributes of
// source. If one of them cannot be copied, that is an error: neither more nor fewer users may be
// able to read f than source. It is a [*GroupError] if the group cannot be. This process must have
// created f, so that no other file is given away.
func CopyAttributes(f, source *File) error {
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if err := CopyOwner(f, info); errors.Is(err, fs.ErrPermission) {
		return &GroupError{int(statOf(info).Gid), err}
	} else if err != nil {
		return err
	}
	if err := removeInheritedACL(f, source); err != nil {
		return err
	}
	// After the owner, because changing that may clear mode bits; before the access control list,
	// which is part of the mode.
	if err := f.chmod(uint32(statOf(info).Mode)); err != nil {
		return err
	}
	return copyXattrs(f, source)
}

func copyXattrs(f, source *File) error {
	names, err := listXattrs(source)
	if err != nil {
		return err
	}
	for _, name := range names {
		value, err := readWithSize(func(buf []byte) (int, error) { return unix.Fgetxattr(source.fd, name, buf) })
		if err == nil {
			err = unix.Fsetxattr(f.fd, name, value, 0)
		}
		if err != nil && !isSetBySystem(name) {
			return fmt.Errorf("copying the extended attribute %s: %w", name, err)
		}
	}
	return nil
}

// isSetBySystem reports whether only the system may set an extended attribute. It does so for new
// files, too.
func isSetBySystem(name string) bool {
	return strings.HasPrefix(name, "security.") || strings.HasPrefix(name, "trusted.") ||
		strings.HasPrefix(name, "com.apple.")
}

func listXattrs(f *File) ([]string, error) {
	list, err := readWithSize(func(buf []byte) (int, error) { return unix.Flistxattr(f.fd, buf) })
	if errors.Is(err, unix.ENOTSUP) || len(list) == 0 {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00"), err
}

// readWithSize calls read without a buffer to get the size, and then with one, until that is large
// enough.
func readWithSize(read func([]byte) (int, error)) ([]byte, error) {
	for {
		n, err := read(nil)
		if err != nil || n == 0 {
			return nil, err
		}
		buf := make([]byte, n)
		n, err = read(buf)
		if !errors.Is(err, unix.ERANGE) {
			return buf[:max(n, 0)], err
		}
	}
}
