//go:build unix

package filestore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// directory is an open directory. Its files are reached through it and never by their paths: another user may be able to
// write above it and give its name to another directory, or to a symbolic link.
type directory struct {
	file *os.File
	path string // when it was opened, for messages
}

// openDirectory opens a directory of this store's own, which may be reached by symbolic links.
func openDirectory(path string) (*directory, error) {
	return newDirectory(unix.AT_FDCWD, path, path, 0)
}

func newDirectory(parent int, name, path string, flags int) (*directory, error) {
	fd, err := openAt(parent, name, openPath|unix.O_DIRECTORY|flags, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return &directory{os.NewFile(uintptr(fd), path), path}, nil
}

func openAt(parent int, name string, flags int, mode uint32) (fd int, err error) {
	err = retried(func() (err error) {
		fd, err = unix.Openat(parent, name, flags|unix.O_CLOEXEC, mode)
		return err
	})
	return fd, err
}

// retried calls a system call until no signal interrupts it.
func retried(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func (d *directory) close() { _ = d.file.Close() }

func (d *directory) fd() int { return int(d.file.Fd()) }

func (d *directory) join(name string) string { return filepath.Join(d.path, name) }

// open opens a file without following a symbolic link or waiting for the other end of a pipe.
func (d *directory) open(name string, flags int) (*os.File, error) {
	fd, err := openAt(d.fd(), name, flags|openNoFollow|openNonblock, 0o600)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: d.join(name), Err: err}
	}
	return os.NewFile(uintptr(fd), d.join(name)), nil
}

func (d *directory) rename(from, to string) error {
	err := retried(func() error { return unix.Renameat(d.fd(), from, d.fd(), to) })
	if err != nil {
		return &os.LinkError{Op: "rename", Old: d.join(from), New: d.join(to), Err: err}
	}
	return nil
}

// link gives the file a second name, unless that is taken.
func (d *directory) link(from, to string) error {
	err := retried(func() error { return unix.Linkat(d.fd(), from, d.fd(), to, 0) })
	if err != nil {
		return &os.LinkError{Op: "link", Old: d.join(from), New: d.join(to), Err: err}
	}
	return nil
}

// remove removes a file. One that is not there is no error.
func (d *directory) remove(name string) error {
	err := retried(func() error { return unix.Unlinkat(d.fd(), name, 0) })
	if errors.Is(err, unix.EISDIR) || errors.Is(err, unix.EPERM) {
		err = retried(func() error { return unix.Unlinkat(d.fd(), name, unix.AT_REMOVEDIR) })
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "remove", Path: d.join(name), Err: err}
	}
	return nil
}

// sync makes the names durable.
func (d *directory) sync() error {
	f, err := d.open(".", os.O_RDONLY)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// names lists the files, as far as they can be listed.
func (d *directory) names() []string {
	f, err := d.open(".", os.O_RDONLY)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	return names
}
