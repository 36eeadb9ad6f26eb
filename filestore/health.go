package filestore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// healthFile is what the state directory remembers of a token file. It is keyed by the real path, and counts only as
// long as the refresh token is the one it is about.
type healthFile struct {
	Path string `json:"path"`
	freshet.Health
	History freshet.History `json:"history,omitzero"`
}

func (s *Store) healthPath(path string) string {
	return filepath.Join(s.StateDir, "health", fileID(path)+".json")
}

// recall fills in what is remembered of a token file.
func (s *Store) recall(p place, c *freshet.Connection) {
	if c.Health.RefreshTokenHash != c.Token.RefreshTokenHash() {
		c.Health = freshet.Health{}
	}
	if s.StateDir == "" {
		return
	}
	h, ok := readHealth(s.healthPath(p.path))
	if !ok {
		return
	}
	if h.RefreshTokenHash == c.Token.RefreshTokenHash() {
		c.Health = h.Health
	}
	if len(c.History.Entries) == 0 {
		c.History = h.History
	}
}

// readHealth reads what is remembered, unless another user could have written it.
func readHealth(path string) (h healthFile, ok bool) {
	f, err := osfile.Open(path)
	saved, err := readSaved(f, err)
	if err != nil {
		return h, false
	}
	defer saved.Close()
	return h, writer(saved.info) == "" && json.Unmarshal(saved.content, &h) == nil
}

// remember keeps what is known of past refreshes, best effort: without it a token is refreshed all the same.
func (u *update) remember(next freshet.Connection) {
	loginEnded := u.loginEnded(next)
	if !loginEnded && reflect.DeepEqual(u.saved.Health, next.Health) && reflect.DeepEqual(u.saved.History, next.History) {
		return
	}
	if u.hasToken() {
		if content, err := u.contentOf(next); err == nil && !bytes.Equal(content, u.content) && u.write(content, next.Version) == nil {
			u.content = content
		}
		return
	}
	u.store.writeHealth(u.path, healthFile{u.path, next.Health, next.History})
}

// writeHealth is not synced.
func (s *Store) writeHealth(path string, h healthFile) {
	if s.StateDir == "" {
		return
	}
	target := s.healthPath(path)
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil || os.MkdirAll(filepath.Dir(target), 0o700) != nil {
		return
	}
	dir, err := osfile.OpenDir(filepath.Dir(target))
	if err != nil {
		return
	}
	defer dir.Close()
	// No other process writes it: the token is locked.
	name := filepath.Base(target)
	f, err := dir.CreatePrivate(name + ".next")
	if err != nil {
		return
	}
	_, err = f.Write(append(data, '\n'))
	if f.Close() == nil && err == nil {
		_ = dir.Rename(name+".next", name)
	}
}

// note writes what a connection's update brought into its document, when the token is in a file of its own. Only a new
// registration must be written; the rest is best effort. A login that has ended is removed from the document.
func (u *update) note() error {
	next := u.saved
	if u.document == "" || u.hasToken() || next.Name == "" {
		return nil
	}
	moved := !sameRegistration(u.first, next)
	loginEnded := u.loginEnded(next)
	if !moved && !loginEnded && reflect.DeepEqual(u.first.Health, next.Health) && reflect.DeepEqual(u.first.History, next.History) {
		return nil
	}
	err := u.rewriteDocument(func(c *freshet.Connection) error {
		if loginEnded {
			c.Pending = nil
		}
		c.Health, c.History = next.Health, next.History
		if !moved {
			return nil
		}
		if !sameRegistration(*c, u.first) {
			return errDocumentChanged
		}
		c.Registration = next.Registration
		return nil
	})
	if err == nil || !moved {
		return nil
	}
	return &freshet.Problem{
		Name: u.name, What: "the token was saved in its file, but what is new about the connection was not: " + cause(err),
		Remedy: "say it again with Store.Update", Err: err,
	}
}

var errDocumentChanged = errors.New("the connection was changed meanwhile")

// documentTimeout is long: a document whose token is elsewhere is locked for milliseconds.
const documentTimeout = 10 * time.Second

// rewriteDocument changes the document of the connection that is updated. Its token is in a file of its own.
func (u *update) rewriteDocument(change func(*freshet.Connection) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), documentTimeout)
	defer cancel()
	return u.store.rewrite(ctx, u.place, change)
}

// rewrite changes the document of a connection whose token is at p.path.
func (s *Store) rewrite(ctx context.Context, p place, change func(*freshet.Connection) error) error {
	document := place{name: p.name, path: p.document, document: p.document}
	lock, err := takeLock(ctx, document)
	if err != nil {
		return err
	}
	defer lock.Close()
	c, saved, err := readDocument(p)
	if err != nil {
		return err
	}
	u := &update{store: s, place: document, dir: lock.dir, source: saved}
	defer u.end()
	c.Pending = pendingLogin(saved.content) // of a login that another process may be about to end
	if err := errors.Join(p.still(c), change(&c)); err != nil {
		return err
	}
	content, err := newDocument(c).encode(saved.content)
	if err != nil {
		return err
	}
	return u.write(content, hash(saved.content))
}
