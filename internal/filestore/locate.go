package filestore

import (
	"fmt"
	"path/filepath"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// location says in which files a connection is kept. The paths are absolute.
type location struct {
	name     string // as the caller wrote it: a connection's name, or the path of a token file
	path     string // of T, without symbolic links: the token file, or the document if the token is in it
	document string // path of the connection's document; "" for a plain token file
}

// inDocument reports whether the token is in the connection's document.
func (l location) inDocument() bool { return l.path == l.document }

// sibling returns the name of T.suffix in the directory of T. sibling("") is T.
func (l location) sibling(suffix string) string { return filepath.Base(l.path) + suffix }

// openDir opens the directory of T. The user may have made the store's own directory a symbolic
// link.
func (l location) openDir() (*osfile.Dir, error) {
	if l.inDocument() {
		return osfile.OpenDir(filepath.Dir(l.path))
	}
	return osfile.OpenDirNoFollow(filepath.Dir(l.path))
}

// checkUnmoved checks that the connection, as read from its document, still keeps its token in T.
func (l location) checkUnmoved(c freshet.Connection) error {
	path := l.document
	if c.TokenFile != "" {
		var err error
		if path, err = resolve(c.TokenFile); err != nil {
			return badTokenFile(l.name, c.TokenFile, err)
		}
	}
	if path == l.path {
		return nil
	}
	return &freshet.SetupError{
		Name: l.name, Kind: oauth.Temporary,
		What: "the connection's token was moved to another file", Remedy: "run it again",
	}
}

// found is what the document of a connection says. The document is open. A plain token file has none.
type found struct {
	connection freshet.Connection
	savedFile
}

// locate finds the files of a connection. The error wraps [freshet.ErrNotFound] if there is none.
func (s *Store) locate(name string) (location, error) {
	at, document, err := s.find(name)
	_ = document.Close()
	return at, err
}

// find is locate, and returns the document that it read. That is open unless there is an error.
func (s *Store) find(name string) (location, found, error) {
	if IsPath(name) {
		path, err := resolve(name)
		at := location{name: name, path: path}
		return at, s.plain(at), err
	}
	at, err := s.documentLocation(name)
	if err != nil {
		return location{}, found{}, err
	}
	c, saved, err := readDocument(at)
	if err == nil && c.TokenFile != "" {
		if at.path, err = resolve(c.TokenFile); err != nil {
			err = badTokenFile(name, c.TokenFile, err)
		}
	}
	if err != nil {
		_ = saved.Close()
		return location{}, found{}, err
	}
	return at, found{c, saved}, nil
}

// findAgain reads the document of a connection that find has found there.
func (s *Store) findAgain(at location) (found, error) {
	if at.document == "" {
		return s.plain(at), nil
	}
	c, saved, err := readDocument(at)
	if err == nil {
		err = at.checkUnmoved(c)
	}
	if err != nil {
		_ = saved.Close()
		return found{}, err
	}
	return found{c, saved}, nil
}

// isFixed reports whether the name leads to T as long as T has its path.
func (l location) isFixed() bool {
	return l.document == "" && filepath.IsAbs(l.name) && filepath.Clean(l.name) == l.path
}

func (s *Store) plain(at location) found {
	return found{connection: freshet.Connection{Name: at.name, Registration: s.Defaults, TokenFile: at.path}}
}

// documentLocation returns the location of a connection that has its token in its document. The
// document need not exist.
func (s *Store) documentLocation(name string) (location, error) {
	if err := CheckName(name); err != nil {
		return location{}, err
	}
	if s.StateDir == "" {
		return location{}, &freshet.SetupError{
			Name: name, What: "no directory for connections is set", Remedy: "{set state_dir}",
		}
	}
	document := filepath.Join(s.connectionsDir(), fileName(name))
	return location{name: name, path: document, document: document}, nil
}

func (s *Store) connectionsDir() string { return filepath.Join(s.StateDir, "connections") }

// resolve returns the absolute path of a file without symbolic links, so that all names of a T have
// the same siblings. It refuses a link that belongs to neither this user, nor root, nor the owner
// of T: its owner could point it to another token, which would then be sent to the wrong server.
func resolve(name string) (string, error) {
	path, links, err := osfile.EvalSymlinks(name)
	if err != nil {
		return "", unresolvable(name, err)
	}
	if len(links) == 0 {
		return path, nil
	}
	file, err := osfile.Lstat(path)
	if err != nil {
		return "", unreadable(name, err)
	}
	for _, link := range links {
		if !isTrustedOwner(link.Info, file) {
			return "", &freshet.SetupError{
				Name: name, Kind: oauth.Misconfigured, Err: errForeign,
				What: fmt.Sprintf("the symbolic link %s belongs to another user than the file that it points to, "+
					"and could point to any token", link.Path),
				Remedy: "use the path of the file itself, or give the link to the file's owner: chown -h",
			}
		}
	}
	return path, nil
}
