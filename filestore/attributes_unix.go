//go:build unix

package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/freshet-dev/freshet"
)

// copyAttributes gives f the owner, group, mode, access control list and extended attributes of source. One
// that cannot be kept is an error: the next version must not be readable by others than the last, nor by fewer.
// f was created by this process: no other file is given away.
func copyAttributes(f, source *os.File) error {
	info, err := source.Stat()
	if err != nil {
		return err
	}
	err = copyOwner(f, info)
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	if err != nil {
		group := info.Sys().(*syscall.Stat_t).Gid
		return &freshet.Problem{
			What:   fmt.Sprintf("its owner or its group (%d) cannot be given to the next version, because this user is not a member", group),
			Remedy: "give the file to a group of this user's: chgrp \"$(id -gn)\" " + source.Name(),
			Err:    err,
		}
	}
	if err := dropInheritedACL(f, source); err != nil {
		return err
	}
	// After the owner, because changing that may clear mode bits; before the access control list, which is part of the mode.
	if err := f.Chmod(info.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)); err != nil {
		return err
	}
	return copyXattrs(f, source)
}

func copyOwner(f *os.File, info fs.FileInfo) error {
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	has, want := ours.Sys().(*syscall.Stat_t), info.Sys().(*syscall.Stat_t)
	if has.Uid == want.Uid && has.Gid == want.Gid {
		return nil
	}
	err = f.Chown(int(want.Uid), int(want.Gid))
	if has.Uid == want.Uid && errors.Is(err, fs.ErrPermission) && info.Mode().Perm()&0o070 == 0 {
		return nil // a group that the file gives nothing to is no loss
	}
	return err
}

func copyXattrs(f, source *os.File) error {
	names, err := listXattrs(source)
	if err != nil {
		return err
	}
	for _, name := range names {
		value, err := readXattr(source, name)
		if err == nil {
			err = unix.Fsetxattr(int(f.Fd()), name, value, 0)
		}
		// Labels that only the system may set are set by the system on the new file, too.
		if err != nil && !strings.HasPrefix(name, "security.") && !strings.HasPrefix(name, "trusted.") && !strings.HasPrefix(name, "com.apple.") {
			return fmt.Errorf("its extended attribute %s cannot be kept: %w", name, err)
		}
	}
	return nil
}

func listXattrs(f *os.File) ([]string, error) {
	list, err := growing(func(buf []byte) (int, error) { return unix.Flistxattr(int(f.Fd()), buf) })
	if errors.Is(err, unix.ENOTSUP) || len(list) == 0 {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00"), err
}

func readXattr(f *os.File, name string) ([]byte, error) {
	return growing(func(buf []byte) (int, error) { return unix.Fgetxattr(int(f.Fd()), name, buf) })
}

// growing calls read with a buffer as large as it asks for.
func growing(read func([]byte) (int, error)) ([]byte, error) {
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
