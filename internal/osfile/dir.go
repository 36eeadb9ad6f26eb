package osfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Join returns the path of a file in the directory. Like Path, it is for messages.
func (d *Dir) Join(name string) string { return filepath.Join(d.Path(), name) }

// Create creates a file that only this user may read and write. The error is [fs.ErrExist] if the
// name is taken.
func (d *Dir) Create(name string) (*File, error) {
	return d.Open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// CreateNew is Create after removing the file that has the name, because that may be open in
// another process or have another name.
func (d *Dir) CreateNew(name string) (*File, error) {
	f, err := d.Create(name)
	if !errors.Is(err, fs.ErrExist) {
		return f, err
	}
	if err := d.Remove(name); err != nil {
		return nil, err
	}
	return d.Create(name)
}

// CreatePrivate is CreateNew followed by [MakePrivate].
func (d *Dir) CreatePrivate(name string) (*File, error) {
	f, err := d.CreateNew(name)
	if err != nil {
		return nil, err
	}
	if err := MakePrivate(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Exists reports whether there is a file or a symbolic link of the name.
func (d *Dir) Exists(name string) bool {
	_, err := d.Lstat(name)
	return err == nil
}

// CheckName returns [ErrReplaced] unless name is a name of the file.
func (d *Dir) CheckName(name string, file fs.FileInfo) error {
	_, err := d.lstatSame(name, file)
	return err
}

// CheckOnlyName describes the file as it is now. The error is [ErrReplaced] unless name is its only
// name.
func (d *Dir) CheckOnlyName(name string, file fs.FileInfo) (fs.FileInfo, error) {
	now, err := d.lstatSame(name, file)
	if err == nil && LinkCount(now) != 1 {
		err = &fs.PathError{Op: "stat", Path: d.Join(name), Err: ErrReplaced}
	}
	return now, err
}

func (d *Dir) lstatSame(name string, file fs.FileInfo) (fs.FileInfo, error) {
	now, err := d.Lstat(name)
	if err == nil && !SameFile(now, file) {
		err = &fs.PathError{Op: "stat", Path: d.Join(name), Err: ErrReplaced}
	}
	return now, err
}
