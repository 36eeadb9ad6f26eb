//go:build unix

package filestore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/freshet-dev/freshet"
)

// checkReplaceable refuses, before anything is sent, a token file that a rename could not replace or must not.
func (u *update) checkReplaceable() error {
	info, err := os.Lstat(u.path)
	if err != nil {
		return err
	}
	dir, err := os.Lstat(filepath.Dir(u.path))
	if err != nil {
		return err
	}
	uid := os.Geteuid()
	owner := info.Sys().(*syscall.Stat_t).Uid
	p := &freshet.Problem{Name: u.name}
	switch {
	case isMountPoint(u.path, info, dir):
		p.What = "the file is a mount point, which no new version can replace; nothing was sent"
		p.Remedy = "mount the directory that holds it instead of the single file"
	case isFrozen(u.path) || isFrozen(filepath.Dir(u.path)):
		p.What = "the file or its directory is marked immutable or append-only, so that no new version can replace it; nothing was sent"
		p.Remedy = "take the mark away: chattr -i -a " + u.path + " " + filepath.Dir(u.path)
	case info.Mode().Perm()&0o200 == 0:
		p.What = "the file is read-only, so that no new version may replace it; nothing was sent"
		p.Remedy = "make it writable: chmod u+w " + u.path
	case linkCount(info) != 1:
		p.What = "the file has other hard links, which would keep the old token; nothing was sent"
		p.Remedy = "keep one name and make the others symbolic links to it"
	case uid != 0 && int(owner) != uid:
		p.What = "the file belongs to another user, whom the new version would not belong to; nothing was sent"
		p.Remedy = "run the program as the file's owner"
	case dir.Mode()&fs.ModeSticky != 0 && dir.Mode().Perm()&0o002 != 0:
		p.What = "the file lies in a sticky directory that everybody may write into, as /tmp is; nothing was sent"
		p.Remedy = "move it to a directory of its own (mkdir -m 700)"
	default:
		return nil
	}
	return p
}

func linkCount(info fs.FileInfo) uint64 {
	return uint64(info.Sys().(*syscall.Stat_t).Nlink) //nolint:unconvert // 16 bits wide on darwin
}

func isQuota(err error) bool { return errors.Is(err, syscall.EDQUOT) }

func rename(from, to string) error { return os.Rename(from, to) }

const renamesOpenFiles = true

// closeToOthers makes a lock that other users could open this user's alone: a reader could hold it and block refreshes.
func closeToOthers(lock *os.File) error {
	info, err := lock.Stat()
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return lock.Chmod(0o600)
}

func syncDirectory(d *os.File) error { return d.Sync() }

// ownerOnly needs to do nothing here: the file was created with mode 0600.
func ownerOnly(*os.File) error { return nil }
