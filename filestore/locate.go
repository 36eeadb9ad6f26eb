package filestore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// place is where a connection is kept.
type place struct {
	name string // as the caller wrote it: a connection's name, or the path of a token file
	// path is what is locked, journalled and replaced: the token file, or the connection's document if the token is in it.
	path     string
	document string // "" for a plain token file
}

// hasToken reports whether the connection's document holds the token.
func (p place) hasToken() bool { return p.path == p.document }

// sibling is the name of a file beside the token, in its directory; "" is the token's own.
func (p place) sibling(suffix string) string { return filepath.Base(p.path) + suffix }

// openDir opens the directory of the token. A connection's own may be reached by a symbolic link, which its user made.
func (p place) openDir() (*osfile.Dir, error) {
	if p.hasToken() {
		return osfile.OpenDir(filepath.Dir(p.path))
	}
	return osfile.OpenDirNoFollow(filepath.Dir(p.path))
}

// still makes sure that the connection's document names the place that is locked.
func (p place) still(c freshet.Connection) error {
	path := p.document
	if c.TokenFile != "" {
		var err error
		if path, err = resolve(c.TokenFile); err != nil {
			return badTokenFile(p.name, c.TokenFile, err)
		}
	}
	if path == p.path {
		return nil
	}
	return &freshet.Problem{
		Name: p.name, Kind: oauth.Temporary, What: "somebody changed where the connection keeps its token", Remedy: "run it again",
	}
}

// locate finds out where the connection is kept. The error wraps [freshet.ErrNotFound] if it is nowhere.
func (s *Store) locate(name string) (place, error) {
	if IsPath(name) {
		path, err := resolve(name)
		return place{name: name, path: path}, err
	}
	p, err := s.documentPlace(name)
	if err != nil {
		return place{}, err
	}
	c, saved, err := readDocument(p)
	_ = saved.Close()
	if err != nil {
		return place{}, err
	}
	if c.TokenFile != "" {
		if p.path, err = resolve(c.TokenFile); err != nil {
			return place{}, badTokenFile(name, c.TokenFile, err)
		}
	}
	return p, nil
}

// documentPlace is where the document of a connection is, or would be.
func (s *Store) documentPlace(name string) (place, error) {
	if err := CheckName(name); err != nil {
		return place{}, err
	}
	if s.StateDir == "" {
		return place{}, &freshet.Problem{Name: name, What: "there is no directory to keep connections in", Remedy: "set Store.StateDir"}
	}
	document := filepath.Join(s.connectionsDir(), fileName(name))
	return place{name: name, path: document, document: document}, nil
}

func (s *Store) connectionsDir() string { return filepath.Join(s.StateDir, "connections") }

// badTokenFile is the error for a connection whose token file is gone. The connection is not, so that it is no ErrNotFound.
func badTokenFile(name, path string, err error) error {
	bad := &freshet.Problem{Name: name, Remedy: "put it back, or forget the connection with Store.Delete"}
	what := err.Error()
	var p *freshet.Problem
	if errors.As(err, &p) {
		what, bad.Kind = p.What, p.Kind
		if errors.Is(p.Err, errForeign) {
			bad.Remedy = p.Remedy // it is there
		}
	}
	bad.What = "its token file " + path + " cannot be used: " + what
	return bad
}

// resolve follows symbolic links, so that the siblings are those of the file itself.
func resolve(name string) (string, error) {
	path, links, err := osfile.EvalSymlinks(name)
	if err == nil {
		return path, checkLinks(name, path, links)
	}
	_, lstatErr := os.Lstat(name)
	switch {
	case errors.Is(err, os.ErrNotExist) && lstatErr == nil:
		return "", &freshet.Problem{Name: name, What: "the symbolic link leads to nothing", Remedy: "check what it should point to", Err: err}
	case errors.Is(err, os.ErrNotExist):
		return "", &freshet.Problem{Name: name, What: "no such file", Remedy: "give the path of a saved token response", Err: freshet.ErrNotFound}
	case errors.Is(err, osfile.ErrLinkLoop):
		return "", &freshet.Problem{Name: name, What: "the symbolic link leads back to itself", Remedy: "check what it should point to", Err: err}
	}
	return "", &freshet.Problem{Name: name, What: "it cannot be read: " + cause(err), Remedy: "check the permissions of the file and of the directories above it", Err: err}
}

// checkLinks refuses a link that belongs to neither this user nor root nor the owner of the file that it leads to. Who made it
// could lead this user to another token, which would then be sent where this one belongs.
func checkLinks(name, path string, links []osfile.Link) error {
	if len(links) == 0 {
		return nil
	}
	file, err := os.Lstat(path)
	if err != nil {
		return unreadable(name, err)
	}
	for _, link := range links {
		if !isTrustedOwner(link.Info, file) {
			return &freshet.Problem{
				Name: name, Kind: oauth.Misconfigured, Err: errForeign,
				What:   fmt.Sprintf("the symbolic link %s belongs to another user than the file that it leads to, and could lead to any token", link.Path),
				Remedy: "name the file itself; or give the link to the file's owner: chown -h",
			}
		}
	}
	return nil
}
