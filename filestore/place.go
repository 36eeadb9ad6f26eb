package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/freshet-dev/freshet"
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
func (p place) openDir() (*directory, error) {
	if p.hasToken() {
		return openDirectory(filepath.Dir(p.path))
	}
	return openResolved(filepath.Dir(p.path))
}

// IsPath reports whether a name is the path of a token file, and not the name of a connection: it ends in .json or has a
// separator in it.
func IsPath(name string) bool {
	return strings.HasSuffix(name, ".json") || strings.ContainsRune(name, '/') || strings.ContainsRune(name, os.PathSeparator)
}

// validName reports whether a name is [A-Za-z0-9][A-Za-z0-9._@+-]{0,127}. (Compiling that would cost each start more than
// reading a token.)
func validName(name string) bool {
	for i, r := range name {
		letterOrDigit := r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
		if !letterOrDigit && (i == 0 || !strings.ContainsRune("._@+-", r)) {
			return false
		}
	}
	return name != "" && len(name) <= 128
}

// CheckName returns a [*freshet.Problem] unless a connection may have the name.
func CheckName(name string) error {
	switch {
	case IsPath(name):
		return &freshet.Problem{Name: name, What: "this is a path, and not a name for a connection", Remedy: "choose a name without / that does not end in .json"}
	case !validName(name):
		return &freshet.Problem{
			Name: name, What: "this cannot be the name of a connection",
			Remedy: "use letters, digits and . _ @ + -, beginning with a letter or a digit, 128 characters at most",
		}
	}
	return nil
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

// fileName is the name of a connection's document. Names that differ only in case stay apart on file systems that do not tell
// case, too: which letters are capitals is told by a number.
func fileName(name string) string {
	capitals := new(big.Int)
	for i, r := range name {
		if unicode.IsUpper(r) {
			capitals.SetBit(capitals, i, 1)
		}
	}
	file := strings.ToLower(name)
	if base, _, _ := strings.Cut(file, "."); isDevice(base) {
		file = "!" + file
	}
	if capitals.Sign() != 0 {
		file += "!" + capitals.Text(36)
	}
	return file + ".json"
}

// isDevice reports whether Windows takes a file of that name, whatever comes behind a dot, for a device.
func isDevice(name string) bool {
	switch name {
	case "con", "prn", "aux", "nul":
		return true
	}
	number, ok := strings.CutPrefix(name, "com")
	if !ok {
		number, ok = strings.CutPrefix(name, "lpt")
	}
	return ok && len(number) == 1 && number >= "1" && number <= "9"
}

// connectionName undoes fileName. Names that fileName does not make are of other files.
func connectionName(file string) (string, bool) {
	lower, ok := strings.CutSuffix(file, ".json")
	lower, number, mixed := strings.Cut(strings.TrimPrefix(lower, "!"), "!")
	name := []byte(lower)
	if mixed {
		capitals, valid := new(big.Int).SetString(number, 36)
		if !valid {
			return "", false
		}
		for i := range name {
			if capitals.Bit(i) == 1 {
				name[i] = byte(unicode.ToUpper(rune(name[i])))
			}
		}
	}
	return string(name), ok && CheckName(string(name)) == nil && fileName(string(name)) == file
}

// readDocument reads the document of a connection. The file stays open unless there is an error.
func readDocument(p place) (freshet.Connection, savedFile, error) {
	f, err := openToRead(p.document)
	saved, err := readSaved(f, err)
	if errors.Is(err, fs.ErrNotExist) {
		return freshet.Connection{}, savedFile{}, &freshet.Problem{
			Name: p.name, What: "there is no connection of this name",
			Remedy: "Store.List lists them; to make it: Keeper.Create; if it is a file, write ./" + p.name,
			Err:    freshet.ErrNotFound,
		}
	}
	if err != nil {
		return freshet.Connection{}, savedFile{}, unreadable(p.name, err)
	}
	var c freshet.Connection
	if err = checkPrivate(p, saved.info); err == nil {
		c, err = parseDocument(p.name, saved.content)
	}
	if err != nil {
		return freshet.Connection{}, savedFile{}, errors.Join(err, saved.Close())
	}
	if c.Saved.IsZero() {
		c.Saved = saved.info.ModTime() // a person wrote it
	}
	if c.TokenFile != "" && !filepath.IsAbs(c.TokenFile) {
		c.TokenFile = filepath.Join(filepath.Dir(p.document), c.TokenFile)
	}
	return c, saved, nil
}

// checkPrivate refuses a document that another user could have written. It says which commands are run as this user and
// where secrets go. (git refuses a repository of another user for the same reason: safe.directory.)
func checkPrivate(p place, document fs.FileInfo) error {
	path, info := p.document, document
	for range 3 { // the document, the directory of the connections, the state directory
		if who := writer(info); who != "" {
			return &freshet.Problem{
				Name: p.name, Kind: oauth.Misconfigured,
				What:   fmt.Sprintf("%s %s, and could make this user run a command or send a secret elsewhere", path, who),
				Remedy: "run the program as its owner; or make it this user's own: chown and chmod go-w",
			}
		}
		path = filepath.Dir(path)
		var err error
		if info, err = os.Stat(path); err != nil {
			return unreadable(p.name, err)
		}
	}
	return nil
}

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
