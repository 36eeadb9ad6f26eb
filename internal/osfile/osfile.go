// Package osfile has the operations on files that differ between operating systems: directories
// that are used through their descriptor, locks, reserved space, owners and modes, access control
// lists, extended attributes, mounts. It knows nothing of tokens.
package osfile

import (
	"errors"
	"io/fs"
	"os"
)

var (
	// ErrLocked is returned when another process holds a lock.
	ErrLocked = errors.New("locked by another process")

	// ErrReplaced is returned when a name belongs to another file than before.
	ErrReplaced = errors.New("another file was put under this name")

	// ErrLinkLoop is returned for a path that leads through too many symbolic links.
	ErrLinkLoop = errors.New("too many symbolic links")
)

// Open opens a file for reading. It follows no symbolic link in the last element of path, and does
// not wait for the writer of a pipe.
func Open(path string) (*File, error) { return OpenFile(path, os.O_RDONLY, 0) }

// Remove removes a file. It is no error if there is none.
func Remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// writeZeros extends f to size. Its content stays.
func writeZeros(f *File, size int64) error {
	info, err := f.Stat()
	if err != nil || info.Size() >= size {
		return err
	}
	_, err = f.WriteAt(make([]byte, size-info.Size()), info.Size())
	return err
}

// A GroupError is returned by [CopyAttributes] if this user is not a member of the group that the
// file should have.
type GroupError struct {
	Group int
	Err   error
}

func (e *GroupError) Error() string { return e.Err.Error() }

func (e *GroupError) Unwrap() error { return e.Err }

// Link is a symbolic link on the way to a file.
type Link struct {
	Path string
	Info fs.FileInfo
}
