//go:build unix

package osfile

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Attributes are the owner, group, mode, access control list and extended attributes of a file.
type Attributes struct {
	info   fs.FileInfo
	xattrs []xattr
}

type xattr struct{ name, value string }

// ReadAttributes reads the attributes of a file, which info describes.
func ReadAttributes(f *File, info fs.FileInfo) (Attributes, error) {
	a := Attributes{info: info}
	names, err := listXattrs(f)
	for _, name := range names {
		value, err := readWithSize(func(buf []byte) (int, error) { return unix.Fgetxattr(f.fd, name, buf) })
		switch {
		case err == nil:
			a.xattrs = append(a.xattrs, xattr{name, string(value)})
		case !isSetBySystem(name):
			return a, fmt.Errorf("reading the extended attribute %s: %w", name, err)
		}
	}
	return a, err
}

// Equal reports whether files with the attributes a and b can be used by the same users in the same
// way.
func (a Attributes) Equal(b Attributes) bool {
	s, t := infoOf(a.info), infoOf(b.info)
	return s.uid == t.uid && s.gid == t.gid && s.mode == t.mode && slices.Equal(a.xattrs, b.xattrs)
}

// Apply gives f the attributes. now describes f. If one of them cannot be given, that is an error:
// neither more nor fewer users may be able to read f. It is a [*GroupError] if the group cannot be.
// This process must have created f, so that no other file is given away.
func (a Attributes) Apply(f *File, now fs.FileInfo) error {
	has, want := infoOf(now), infoOf(a.info)
	if err := copyOwner(f, has, want); errors.Is(err, fs.ErrPermission) {
		return &GroupError{int(want.gid), err}
	} else if err != nil {
		return err
	}
	if err := a.removeInheritedACL(f); err != nil {
		return err
	}
	// After the owner, because changing that may clear mode bits; before the access control list,
	// which is part of the mode.
	if has.uid != want.uid || has.gid != want.gid || has.mode != want.mode {
		if err := f.chmod(want.mode); err != nil {
			return err
		}
	}
	for _, x := range a.xattrs {
		if err := unix.Fsetxattr(f.fd, x.name, []byte(x.value), 0); err != nil && !isSetBySystem(x.name) {
			return fmt.Errorf("copying the extended attribute %s: %w", x.name, err)
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

// readWithSize calls read with a larger and larger buffer, until that is large enough.
func readWithSize(read func([]byte) (int, error)) ([]byte, error) {
	for size := 256; ; size *= 4 {
		buf := make([]byte, size)
		n, err := read(buf)
		if !errors.Is(err, unix.ERANGE) {
			return buf[:max(n, 0)], err
		}
	}
}
