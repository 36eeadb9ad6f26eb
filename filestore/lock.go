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
	"github.com/freshet-dev/freshet/oauth"
)

const (
	firstPoll = time.Millisecond
	lastPoll  = 40 * time.Millisecond
)

// takeLock waits for the lock of the token file at path, as long as ctx allows. Only closing the file releases it. A
// lock that cannot be had is an error, never a permission.
func takeLock(ctx context.Context, name, path string) (*os.File, error) {
	// Polling, because a process blocked in flock(2) cannot be told that its caller has left.
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		lock, err := tryLock(path)
		if err == nil {
			return lock, nil
		}
		if !errors.Is(err, errLocked) {
			return nil, unlockable(name, path, err)
		}
		timer := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, &freshet.Problem{
				Name:   name,
				Kind:   oauth.Temporary,
				What:   "another process is refreshing this token and has not finished",
				Remedy: "try again; if nothing seems to run, look who holds it: fuser -v " + path + ".lock",
				Err:    ctx.Err(),
			}
		}
	}
}

// checkLock makes sure that an inherited lock is held, and is the one of the file at path: a link may have been changed
// since it was taken.
func checkLock(lock *os.File, name, path string) error {
	ours, err := lock.Stat()
	if err == nil {
		err = lockFile(lock) // which the open file description holds already
	}
	theirs, statErr := os.Lstat(path + ".lock")
	if err = errors.Join(err, statErr); err == nil && !os.SameFile(ours, theirs) {
		err = errors.New("the lock that was handed over is another file's")
	}
	if err != nil {
		return &freshet.Problem{Name: name, Kind: oauth.Temporary, What: "the lock is lost: " + err.Error() + "; nothing was sent", Remedy: "run it again", Err: err}
	}
	return nil
}

var errLocked = errors.New("locked by another process")

func tryLock(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	f, err := openLockFile(path+".lock", info)
	if err != nil {
		return nil, err
	}
	_ = closeToOthers(f) // best effort: it may be on a read-only file system
	if err := lockFile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	// Somebody may have removed the file between open and lock; then others will lock another one.
	ours, err := f.Stat()
	theirs, statErr := os.Lstat(path + ".lock")
	if err != nil || statErr != nil || !os.SameFile(ours, theirs) {
		return nil, errors.Join(errLocked, f.Close())
	}
	return f, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func openLockFile(path string, token fs.FileInfo) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|openNoFollow|openNonblock, 0)
	if errors.Is(err, fs.ErrPermission) {
		f, err = os.OpenFile(path, os.O_RDONLY|openNoFollow|openNonblock, 0)
	}
	if errors.Is(err, fs.ErrNotExist) {
		f, err = createExclusive(path)
		if errors.Is(err, fs.ErrExist) {
			return openLockFile(path, token) // another process was faster; both must have the same file
		}
		if err == nil {
			// Best effort: a run as root must not leave a lock that the token's owner cannot open.
			_ = copyOwner(f, token)
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
