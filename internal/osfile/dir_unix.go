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
type Dir struct{ file *File }

// OpenDir opens a directory, which may be reached by symbolic links.
func OpenDir(path string) (*Dir, error) {
	return openDir(func(flags int) (*File, error) { return openAt(unix.AT_FDCWD, path, path, flags, 0) })
}

// openDir calls open with the flags for a directory that this user may list, or else only search.
func openDir(open func(flags int) (*File, error)) (*Dir, error) {
	f, err := open(unix.O_RDONLY | unix.O_DIRECTORY)
	if errors.Is(err, fs.ErrPermission) {
		f, err = open(openPath | unix.O_DIRECTORY)
	}
	if err != nil {
		return nil, err
	}
	return &Dir{f}, nil
}

// Path returns the path by which the directory was opened. It may lead to another directory by now,
// so use it in messages only.
func (d *Dir) Path() string { return d.file.path }

// Close closes the directory.
func (d *Dir) Close() { _ = d.file.Close() }

func (d *Dir) fd() int { return d.file.fd }

// Stat describes the directory itself.
func (d *Dir) Stat() (fs.FileInfo, error) { return d.file.Stat() }

// Lstat describes a file, or the symbolic link that has the name.
func (d *Dir) Lstat(name string) (fs.FileInfo, error) {
	return statAt(d.fd(), name, d.Join(name), unix.AT_SYMLINK_NOFOLLOW)
}

// Open opens or creates a file with the restrictions of [Open]. A new file has mode 0600.
func (d *Dir) Open(name string, flags int) (*File, error) {
	return openAt(d.fd(), name, d.Join(name), flags|noFollow|nonblock, 0o600)
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
	err := d.file.Sync()
	if !errors.Is(err, unix.EBADF) {
		return err
	}
	f, err := d.Open(".", os.O_RDONLY) // d was opened with openPath
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
	list := Release(f)
	defer list.Close()
	names, _ := list.Readdirnames(-1)
	return names
}
