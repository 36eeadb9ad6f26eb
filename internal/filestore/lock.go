package filestore

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"syscall"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// tokenLock is the lock of a T. Only closing it releases it.
type tokenLock struct {
	file *osfile.File // T.lock
	dir  *osfile.Dir  // that it is in
}

func (l *tokenLock) Close() error {
	l.dir.Close()
	return l.file.Close()
}

// takeLock waits for the lock of T until ctx ends.
func takeLock(ctx context.Context, at location) (lock *tokenLock, err error) {
	err = pollLock(ctx, func() (err error) {
		lock, err = tryLock(at)
		return err
	})
	switch {
	case errors.Is(err, osfile.ErrLocked):
		return nil, &freshet.SetupError{
			Name: at.name, Kind: oauth.Temporary, What: "another process is refreshing this token and has not finished",
			Remedy: oauth.Remedyf("try again; to see which process holds the lock: fuser -v %s.lock", at.path),
			Err:    ctx.Err(),
		}
	case err != nil:
		return nil, unlockable(at.name, at.path, err)
	}
	return lock, nil
}

const (
	firstPoll = time.Millisecond
	lastPoll  = 40 * time.Millisecond
)

// pollLock calls try until it returns another error than [osfile.ErrLocked], or ctx ends. A
// blocking flock(2) could not be canceled.
func pollLock(ctx context.Context, try func() error) error {
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		err := try()
		if !errors.Is(err, osfile.ErrLocked) {
			return err
		}
		timer := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// inheritedLock checks that a lock which another process passed on is held, and belongs to the T at
// this location: a symbolic link may have changed since it was taken.
func inheritedLock(inherited *os.File, at location) (*tokenLock, error) {
	file, err := osfile.Adopt(inherited)
	if err != nil {
		return nil, lostLock(at, err)
	}
	dir, err := at.openDir()
	if err != nil {
		_ = file.Close()
		return nil, lostLock(at, err)
	}
	ours, err := file.Stat()
	if err == nil {
		err = osfile.TryLock(file) // which succeeds because this descriptor holds it
	}
	theirs, lstatErr := dir.Lstat(at.sibling(".lock"))
	if err = errors.Join(err, lstatErr); err == nil && !osfile.SameFile(ours, theirs) {
		err = errors.New("the inherited lock is another file's")
	}
	if err != nil {
		dir.Close()
		_ = file.Close()
		return nil, lostLock(at, err)
	}
	return &tokenLock{file, dir}, nil
}

func lostLock(at location, err error) error {
	return &freshet.SetupError{
		Name: at.name, Kind: oauth.Temporary, What: "the lock was lost: " + err.Error() + "; nothing was sent",
		Remedy: "run it again", Err: err,
	}
}

// errMoved is returned by tryLock if a symbolic link has the name of T.
var errMoved = errors.New("another file has to be locked")

// tryLock takes the lock of T, or returns [osfile.ErrLocked].
func tryLock(at location) (*tokenLock, error) {
	dir, err := at.openDir()
	if err != nil {
		return nil, err
	}
	f, err := tryLockIn(dir, at)
	if err != nil {
		dir.Close()
		return nil, err
	}
	return &tokenLock{f, dir}, nil
}

func tryLockIn(dir *osfile.Dir, at location) (*osfile.File, error) {
	token, err := dir.Lstat(at.sibling(""))
	if err == nil && token.Mode()&fs.ModeSymlink != 0 {
		err = errMoved
	}
	if err != nil {
		return nil, err
	}
	name := at.sibling(".lock")
	f, info, err := openLock(dir, name, token)
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 && info.Mode().Perm() != 0o600 { // of another size, it is not a lock of this package
		// If other users could open the lock, they could hold it and block refreshes. An error is
		// ignored: the file system may be read-only.
		_ = osfile.Restrict(f, 0o600)
	}
	if err := osfile.TryLock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	// If the file was removed before it was locked, other processes lock another one.
	if dir.CheckName(name, info) != nil {
		return nil, errors.Join(osfile.ErrLocked, f.Close())
	}
	return f, nil
}

// openLock opens the lock or creates it, and describes it. token describes T, whose owner the lock
// gets.
func openLock(dir *osfile.Dir, name string, token fs.FileInfo) (f *osfile.File, info fs.FileInfo, err error) {
	f, err = dir.Open(name, os.O_RDWR)
	if errors.Is(err, fs.ErrPermission) {
		f, err = dir.Open(name, os.O_RDONLY)
	}
	if errors.Is(err, fs.ErrNotExist) {
		f, err = dir.Create(name)
		if errors.Is(err, fs.ErrExist) {
			return openLock(dir, name, token) // another process has just created it
		}
		if err == nil {
			// So that a lock which root creates can be opened by the owner. An error is ignored:
			// only root may change the owner.
			_ = osfile.CopyOwner(f, token)
		}
	}
	if errors.Is(err, syscall.EISDIR) {
		err = errNotRegular
	}
	if err != nil {
		return nil, nil, err
	}
	if info, err = checkSibling(f, token); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// isLocked reports whether another process holds the lock. known is false if this user may not open
// the lock.
func isLocked(dir *osfile.Dir, name string) (locked, known bool) {
	f, err := dir.Open(name, os.O_RDONLY)
	if err != nil {
		return false, !errors.Is(err, fs.ErrPermission)
	}
	defer f.Close()
	return errors.Is(osfile.TestLock(f), osfile.ErrLocked), true
}
