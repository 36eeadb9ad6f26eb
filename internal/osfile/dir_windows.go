package osfile

import (
	"io/fs"
	"os"
	"time"
)

// Dir is a directory. Its files are reached by its path: access control lists keep other users from
// replacing it.
type Dir struct{ path string }

// OpenDir checks that the directory exists.
func OpenDir(path string) (*Dir, error) {
	_, err := os.Stat(path)
	return &Dir{path}, err
}

// OpenDirNoFollow is OpenDir: only administrators make symbolic links.
func OpenDirNoFollow(path string) (*Dir, error) { return OpenDir(path) }

// Path returns the path of the directory.
func (d *Dir) Path() string { return d.path }

// Close does nothing.
func (d *Dir) Close() {}

// Stat describes the directory itself.
func (d *Dir) Stat() (fs.FileInfo, error) { return os.Stat(d.path) }

// Open opens or creates a file.
func (d *Dir) Open(name string, flags int) (*File, error) {
	return os.OpenFile(d.Join(name), flags, 0o600)
}

// Lstat describes a file.
func (d *Dir) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(d.Join(name)) }

// Rename renames a file. It replaces a file that has the new name. Windows refuses that while a
// virus scanner or an editor has the file open, so it is tried for about a second.
func (d *Dir) Rename(from, to string) error {
	var err error
	for pause := 5 * time.Millisecond; pause < time.Second; pause *= 2 {
		if err = os.Rename(d.Join(from), d.Join(to)); err == nil {
			return nil
		}
		time.Sleep(pause)
	}
	return err
}

// Link gives the file a second name. The error is [fs.ErrExist] if that is taken.
func (d *Dir) Link(from, to string) error { return os.Link(d.Join(from), d.Join(to)) }

// Remove removes a file or an empty directory. It is no error if there is none.
func (d *Dir) Remove(name string) error { return Remove(d.Join(name)) }

// Sync does nothing: NTFS journals its names, and Windows cannot sync a directory.
func (d *Dir) Sync() error { return nil }

// Names lists the files, or none if this user may not list them.
func (d *Dir) Names() []string {
	var names []string
	entries, _ := os.ReadDir(d.path)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
