//go:build unix

package filestore

import (
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// inspect fills in what only this kind of system knows.
func (g *Ground) inspect(file, dir fs.FileInfo) {
	g.Owner, g.DirOwner = ownerOf(file), ownerOf(dir)
	g.HardLinks = linkCount(file)
	g.Mounted = isMountPoint(g.Path, file, dir)
	g.Frozen = isFrozen(g.Path) || isFrozen(filepath.Dir(g.Path))
	g.Refused = unix.Faccessat(unix.AT_FDCWD, filepath.Dir(g.Path), unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}
