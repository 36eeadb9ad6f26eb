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

// create creates a file that does not exist yet, readable for this user only.
func (d *directory) create(name string) (*os.File, error) {
	return d.open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// createNew creates the file after removing one that is there, which may be open or linked elsewhere.
func (d *directory) createNew(name string) (*os.File, error) {
	f, err := d.create(name)
	if !errors.Is(err, fs.ErrExist) {
		return f, err
	}
	if err := d.remove(name); err != nil {
		return nil, err
	}
	return d.create(name)
}

// createPrivate is createNew for a file that only this user may ever read.
func (d *directory) createPrivate(name string) (*os.File, error) {
	f, err := d.createNew(name)
	if err != nil {
		return nil, err
	}
	if err := ownerOnly(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (d *directory) exists(name string) bool {
	_, err := d.lstat(name)
	return err == nil
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

// checkName checks that the name is still that of f, and that f has no other.
func (d *directory) checkName(f *os.File, name string) error {
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	return d.checkIsFile(ours, name)
}

func (d *directory) checkIsFile(ours fs.FileInfo, name string) error {
	named, err := d.lstat(name)
	if err == nil && (!os.SameFile(ours, named) || linkCount(named) != 1) {
		err = &fs.PathError{Op: "write", Path: d.join(name), Err: errReplaced}
	}
	return err
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
