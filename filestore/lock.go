package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

const (
	firstPoll = time.Millisecond
	lastPoll  = 40 * time.Millisecond
)

// heldLock is the lock of a token file, and the directory in which it was taken.
type heldLock struct {
	file *os.File
	dir  *osfile.Dir
}

// Close releases the lock.
func (l *heldLock) Close() error {
	l.dir.Close()
	return l.file.Close()
}

// takeLock waits for the lock of the token file at a place, as long as ctx allows. Only closing the file releases it. A
// lock that cannot be had is an error, never a permission.
func takeLock(ctx context.Context, p place) (*heldLock, error) {
	// Polling, because a process blocked in flock(2) cannot be told that its caller has left.
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		lock, err := tryLock(p)
		if err == nil {
			return lock, nil
		}
		if !errors.Is(err, osfile.ErrLocked) {
			return nil, unlockable(p.name, p.path, err)
		}
		timer := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, &freshet.Problem{
				Name:   p.name,
				Kind:   oauth.Temporary,
				What:   "another process is refreshing this token and has not finished",
				Remedy: "try again; if nothing seems to run, look who holds it: fuser -v " + p.path + ".lock",
				Err:    ctx.Err(),
			}
		}
	}
}

// inheritedLock checks that a lock that another process handed over is held, and is the one of the token file at the place: a
// link may have been changed since it was taken.
func inheritedLock(file *os.File, p place) (*heldLock, error) {
	dir, err := p.openDir()
	if err != nil {
		return nil, lostLock(p, err)
	}
	ours, err := file.Stat()
	if err == nil {
		err = osfile.TryLock(file) // which the open file description holds already
	}
	theirs, statErr := dir.Lstat(p.sibling(".lock"))
	if err = errors.Join(err, statErr); err == nil && !os.SameFile(ours, theirs) {
		err = errors.New("the lock that was handed over is another file's")
	}
	if err != nil {
		dir.Close()
		return nil, lostLock(p, err)
	}
	return &heldLock{file, dir}, nil
}

func lostLock(p place, err error) error {
	return &freshet.Problem{Name: p.name, Kind: oauth.Temporary, What: "the lock is lost: " + err.Error() + "; nothing was sent", Remedy: "run it again", Err: err}
}

func tryLock(p place) (*heldLock, error) {
	dir, err := p.openDir()
	if err != nil {
		return nil, err
	}
	f, err := lockToken(dir, p)
	if err != nil {
		dir.Close()
		return nil, err
	}
	return &heldLock{f, dir}, nil
}

func lockToken(d *osfile.Dir, p place) (*os.File, error) {
	info, err := d.Lstat(p.sibling(""))
	if err != nil {
		return nil, err
	}
	name := p.sibling(".lock")
	f, err := openLock(d, name, info)
	if err != nil {
		return nil, err
	}
	_ = closeToOthers(f) // best effort: it may be on a read-only file system
	if err := osfile.TryLock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	// Somebody may have removed the file between open and lock; then others will lock another one.
	ours, err := f.Stat()
	theirs, statErr := d.Lstat(name)
	if err != nil || statErr != nil || !os.SameFile(ours, theirs) {
		return nil, errors.Join(osfile.ErrLocked, f.Close())
	}
	return f, nil
}

func openLock(d *osfile.Dir, name string, token fs.FileInfo) (*os.File, error) {
	f, err := d.Open(name, os.O_RDWR)
	if errors.Is(err, fs.ErrPermission) {
		f, err = d.Open(name, os.O_RDONLY)
	}
	if errors.Is(err, fs.ErrNotExist) {
		f, err = d.Create(name)
		if errors.Is(err, fs.ErrExist) {
			return openLock(d, name, token) // another process was faster; both must have the same file
		}
		if err == nil {
			// Best effort: a run as root must not leave a lock that the token's owner cannot open.
			_ = osfile.CopyOwner(f, token)
		}
	}
	if errors.Is(err, syscall.EISDIR) {
		err = errNotRegular
	}
	if err != nil {
		return nil, err
	}
	if err := checkSibling(f, token); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// closeToOthers makes a lock that other users could open this user's alone: a reader could hold it and block refreshes.
func closeToOthers(lock *os.File) error {
	info, err := lock.Stat()
	if err != nil || info.Mode().Perm()&0o077 == 0 || info.Size() != 0 { // a lock is empty; this may be another file
		return err
	}
	return lock.Chmod(0o600)
}

func unlockable(name, path string, err error) error {
	p := &freshet.Problem{Name: name, Err: err}
	dir := filepath.Dir(path)
	switch {
	case errors.Is(err, errForeign):
		p.What = fmt.Sprintf("%s.lock belongs to another user; nothing was sent", path)
		p.Remedy = "find out who put it there, then remove it"
	case isPlanted(err):
		p.What = fmt.Sprintf("%s.lock is not an ordinary file, but freshet's lock must be one; nothing was sent", path)
		p.Remedy = "find out who put it there, then remove it"
	case errors.Is(err, fs.ErrPermission) && exists(path+".lock"):
		p.What = fmt.Sprintf("this user may not open %s.lock; nothing was sent", path)
		p.Remedy = "run the program as its owner, or give it the token file's owner and mode"
	case errors.Is(err, fs.ErrPermission):
		p.What = fmt.Sprintf("the directory %s refuses new files, so that the result could not be saved; nothing was sent", dir)
		p.Remedy = "make the directory writable for this user, or move the token to one that is"
	case errors.Is(err, fs.ErrNotExist):
		p.What, p.Remedy = "it is gone", "find out what removed it or its directory"
	default:
		return unwritable(name, path, err)
	}
	return p
}
