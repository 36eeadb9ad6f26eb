package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

var (
	errNotRegular  = errors.New("not a regular file")
	errIsDirectory = errors.New("a directory")
	errForeign     = errors.New("it belongs to another user")
)

// unreadable explains why a token file or document cannot be read.
func unreadable(name string, err error) error {
	p := &freshet.SetupError{Name: name, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.What, p.Remedy, p.Err = "no such file", "give the path of a saved token response", freshet.ErrNotFound
	case errors.Is(err, errNotRegular):
		p.What, p.Remedy = "it is a pipe or a device, not a regular file", "save the token in a file"
	case errors.Is(err, errIsDirectory):
		p.What, p.Remedy = "it is a directory", "give the path of the token file in it"
	case errors.Is(err, fs.ErrPermission):
		p.What, p.Remedy = "this user may not read it", "run the program as the file's owner"
	default:
		p.What, p.Remedy = "it cannot be read: "+text.Cause(err), "check the disk and the path"
	}
	return p
}

// unresolvable explains why the symbolic links in a path cannot be followed.
func unresolvable(name string, err error) error {
	p := &freshet.SetupError{Name: name, Err: err, Remedy: "check what the link should point to"}
	switch {
	case errors.Is(err, os.ErrNotExist) && exists(name):
		p.What = "dangling symbolic link"
	case errors.Is(err, os.ErrNotExist):
		return unreadable(name, err)
	case errors.Is(err, osfile.ErrLinkLoop):
		p.What = "symbolic link loop"
	default:
		p.What = "it cannot be read: " + text.Cause(err)
		p.Remedy = "check the permissions of the file and of its parent directories"
	}
	return p
}

// badTokenFile explains why the token file of a connection cannot be used. The error does not wrap
// [freshet.ErrNotFound], because the connection exists.
func badTokenFile(name, path string, err error) error {
	bad := &freshet.SetupError{Name: name, Remedy: "restore it, or remove the connection: {delete}"}
	what := err.Error()
	var p *freshet.SetupError
	if errors.As(err, &p) {
		what, bad.Kind = p.What, p.Kind
		if errors.Is(p.Err, errForeign) {
			bad.Remedy = p.Remedy
		}
	}
	bad.What = "its token file " + path + " cannot be used: " + what
	return bad
}

// badJournal explains why the journal at path.pending cannot be used.
func badJournal(name, path string, err error) error {
	p := &freshet.SetupError{
		Name:   name,
		What:   fmt.Sprintf("the journal %s.pending cannot be read: %s; nothing was sent", path, text.Cause(err)),
		Remedy: "it may hold the only copy of a new refresh token: make it readable for this user", Err: err,
	}
	if isPlanted(err) {
		p.What = fmt.Sprintf("the journal %s.pending is not used: %s; nothing was sent", path, text.Cause(err))
		p.Remedy = "find out who put it there, then remove it"
	}
	return p
}

// isPlanted reports whether err is about a file that this package cannot have created.
func isPlanted(err error) bool {
	return errors.Is(err, errNotRegular) || errors.Is(err, errIsDirectory) || errors.Is(err, errForeign) ||
		errors.Is(err, osfile.ErrSymlink)
}

// unlockable explains why path.lock cannot be locked.
func unlockable(name, path string, err error) error {
	p := &freshet.SetupError{Name: name, Err: err}
	switch {
	case errors.Is(err, errForeign):
		p.What = fmt.Sprintf("%s.lock belongs to another user; nothing was sent", path)
		p.Remedy = "find out who put it there, then remove it"
	case isPlanted(err):
		p.What = fmt.Sprintf("%s.lock is not a regular file, as freshet's lock must be; nothing was sent", path)
		p.Remedy = "find out who put it there, then remove it"
	case errors.Is(err, fs.ErrPermission) && exists(path+".lock"):
		p.What = fmt.Sprintf("this user may not open %s.lock; nothing was sent", path)
		p.Remedy = "run the program as its owner, or give it the token file's owner and mode"
	case errors.Is(err, fs.ErrPermission):
		p.What = fmt.Sprintf("this user may not create files in %s, so the result could not be saved; nothing was sent",
			filepath.Dir(path))
		p.Remedy = "make the directory writable for this user, or move the token to one that is"
	case errors.Is(err, fs.ErrNotExist):
		p.What, p.Remedy = "it was removed", "find out what removed it or its directory"
	default:
		return unwritable(name, path, err)
	}
	return p
}

// unwritable explains why the result of a refresh could not be saved to path. It must not be called
// when a request was sent.
func unwritable(name, path string, err error) error {
	var p *freshet.SetupError
	if errors.As(err, &p) {
		return err
	}
	p = &freshet.SetupError{Name: name, Err: err}
	switch {
	case osfile.IsNoSpace(err):
		p.What = "not enough disk space for the next version of the file; nothing was sent"
		p.Remedy = "free some space on that file system"
	case errors.Is(err, syscall.EROFS):
		p.What = "the file is on a read-only file system, so the result could not be saved; nothing was sent"
		p.Remedy = "mount it writable, or move the token to where it can be saved"
	case errors.Is(err, osfile.ErrReplaced):
		p.Kind = oauth.Temporary
		p.What = fmt.Sprintf("another program replaced %s, its lock or its directory; nothing was sent", path)
		p.Remedy = "find out which program did that, then run it again"
	case errors.Is(err, fs.ErrPermission):
		p.What = fmt.Sprintf("this user may not write to %s; nothing was sent", filepath.Dir(path))
		p.Remedy = "make the directory writable for this user, or run the program as the file's owner"
	default:
		p.What = fmt.Sprintf("the result could not be saved: %v; nothing was sent", err)
		p.Remedy = "check the disk and the directory"
	}
	return p
}
