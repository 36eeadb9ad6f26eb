//go:build unix

package osfile

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Dir is an open directory. Its files are reached through its descriptor: another user may be able
// to write to a parent directory, and give the path to another directory or to a symbolic link.
type Dir struct {
	file *os.File
	path string
}

// OpenDir opens a directory, which may be reached by symbolic links.
func OpenDir(path string) (*Dir, error) {
	return openDirAt(unix.AT_FDCWD, path, path, 0)
}

func openDirAt(parent int, name, path string, flags int) (*Dir, error) {
	fd, err := openAt(parent, name, openPath|unix.O_DIRECTORY|flags, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return &Dir{os.NewFile(uintptr(fd), path), path}, nil
}

func openAt(parent int, name string, flags int, mode uint32) (fd int, err error) {
	err = retryInterrupted(func() (err error) {
		fd, err = unix.Openat(parent, name, flags|unix.O_CLOEXEC, mode)
		return err
	})
	return fd, err
}

// retryInterrupted repeats a system call until it is not interrupted by a signal.
func retryInterrupted(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Close closes the directory.
func (d *Dir) Close() { _ = d.file.Close() }

func (d *Dir) fd() int { return int(d.file.Fd()) }

// Stat describes the directory itself.
func (d *Dir) Stat() (fs.FileInfo, error) { return d.file.Stat() }

// Open opens or creates a file with the restrictions of [Open]. A new file has mode 0600.
func (d *Dir) Open(name string, flags int) (*os.File, error) {
	fd, err := openAt(d.fd(), name, flags|noFollow|nonblock, 0o600)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: d.Join(name), Err: err}
	}
	return os.NewFile(uintptr(fd), d.Join(name)), nil
}

// Rename renames a file. It replaces a file that has the new name.
func (d *Dir) Rename(from, to string) error {
	err := retryInterrupted(func() error { return unix.Renameat(d.fd(), from, d.fd(), to) })
	if err != nil {
		return &os.LinkError{Op: "rename", Old: d.Join(from), New: d.Join(to), Err: err}
	}
	return nil
}

// Link gives the file a second name. The error is [fs.ErrExist] if that is taken.
func (d *Dir) Link(from, to string) error {
	err := retryInterrupted(func() error { return unix.Linkat(d.fd(), from, d.fd(), to, 0) })
	if err != nil {
		return &os.LinkError{Op: "link", Old: d.Join(from), New: d.Join(to), Err: err}
	}
	return nil
}

// Remove removes a file or an empty directory. It is no error if there is none.
func (d *Dir) Remove(name string) error {
	err := retryInterrupted(func() error { return unix.Unlinkat(d.fd(), name, 0) })
	if errors.Is(err, unix.EISDIR) || errors.Is(err, unix.EPERM) {
		err = retryInterrupted(func() error { return unix.Unlinkat(d.fd(), name, unix.AT_REMOVEDIR) })
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "remove", Path: d.Join(name), Err: err}
	}
	return nil
}

// Sync makes created, renamed and removed names durable.
func (d *Dir) Sync() error {
	f, err := d.Open(".", os.O_RDONLY)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Names lists the files, or none if this user may not list them.
func (d *Dir) Names() []string {
	f, err := d.Open(".", os.O_RDONLY)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	return names
}
