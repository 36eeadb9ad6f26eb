//go:build unix && !linux

package osfile

import "io/fs"

// Inspect is Lstat for [IsMountPoint]: that is a file on another file system than its directory.
func (d *Dir) Inspect(name string) (fs.FileInfo, error) {
	info, err := d.Lstat(name)
	dir, dirErr := d.Stat()
	if err == nil && dirErr == nil {
		infoOf(info).mounted = infoOf(info).dev != infoOf(dir).dev
	}
	return info, err
}

func (a Attributes) removeInheritedACL(*File) error { return nil }
