package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/freshet-dev/freshet"
)

// Other users may be able to write into the directory of a token file, and put any file under the name of one of its
// siblings. So siblings are created exclusively and used through the descriptor that created them; one that is already
// there is used only if its owner is trusted; and a name is renamed only while it names the file that we created.

var (
	errNotRegular  = errors.New("not a regular file")
	errIsDirectory = errors.New("a directory")
	errForeign     = errors.New("it belongs to another user")
	errReplaced    = errors.New("another file was put under this name")
)

// createExclusive creates a file that does not exist yet, readable for this user only.
func createExclusive(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|openNoFollow, 0o600)
}

// createNew creates the file after removing one that is there, which may be open or linked elsewhere.
func createNew(path string) (*os.File, error) {
	f, err := createExclusive(path)
	if !errors.Is(err, fs.ErrExist) {
		return f, err
	}
	if err := removeIfThere(path); err != nil {
		return nil, err
	}
	return createExclusive(path)
}

// checkSibling refuses a file that cannot be one of ours: not regular, with a second name, or of an untrusted owner.
// token is the token file that it lies beside.
func checkSibling(f *os.File, token fs.FileInfo) error {
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular() || linkCount(info) > 1:
		err = errNotRegular
	case !isTrustedOwner(info, token):
		err = errForeign
	}
	if err != nil {
		return &fs.PathError{Op: "open", Path: f.Name(), Err: err}
	}
	return nil
}

// checkName checks that path still names f, and that f has no other name.
func checkName(f *os.File, path string) error {
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	return checkIsFile(ours, path)
}

func checkIsFile(ours fs.FileInfo, path string) error {
	named, err := os.Lstat(path)
	if err == nil && (!os.SameFile(ours, named) || linkCount(named) != 1) {
		err = &fs.PathError{Op: "write", Path: path, Err: errReplaced}
	}
	return err
}

// openSource opens the token file that the next version takes its attributes from. Another user may have put a file of
// their own in its place since it was read: what that one has is not copied.
func (u *update) openSource() (*os.File, error) {
	f, err := os.OpenFile(u.path, os.O_RDONLY|openNoFollow|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = &fs.PathError{Op: "open", Path: u.path, Err: errNotRegular}
	case !sameOwner(info, u.info):
		err = &fs.PathError{Op: "open", Path: u.path, Err: errForeign}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// badJournal is the error for a journal that cannot be read or used.
func badJournal(name, path string, err error) error {
	p := &freshet.Problem{
		Name: name, What: fmt.Sprintf("the journal %s.pending cannot be read: %s; nothing was sent", path, cause(err)),
		Remedy: "it may hold the only copy of a new refresh token: make it readable for this user", Err: err,
	}
	if isPlanted(err) {
		p.What = fmt.Sprintf("the journal %s.pending is not used: %s; nothing was sent", path, cause(err))
		p.Remedy = "find out who put it there, then remove it"
	}
	return p
}

// isPlanted reports whether err is about a file that this package cannot have created.
func isPlanted(err error) bool {
	return errors.Is(err, errNotRegular) || errors.Is(err, errIsDirectory) || errors.Is(err, errForeign) || errors.Is(err, errIsLink)
}
