package filestore

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-dev/freshet"
)

// openIndex returns the index of the state directory, and makes it if there is none. ok is false if there can be none.
func (s *Store) openIndex() (x index, ok bool) {
	x = s.index()
	return x, s.StateDir != "" && (x.isBuilt() || s.build(x) == nil)
}

func (s *Store) index() index { return index{filepath.Join(s.StateDir, "index")} }

func (x index) isBuilt() bool { return x.isOurs() && exists(filepath.Join(x.dir, "built")) }

// isOurs reports whether the directory is there, and no other user can write it. Otherwise nothing in it is believed.
func (x index) isOurs() bool {
	dir, err := os.Lstat(x.dir)
	return err == nil && dir.IsDir() && writer(dir) == ""
}

// tryLock takes the lock that building and rotating need. It is not needed to append.
func (x index) tryLock() (*os.File, error) {
	f, err := openAppend(filepath.Join(x.dir, "lock"))
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// buildTimeout is how long a refresh waits for another process to build the index. A thousand connections take a tenth of a second.
const buildTimeout = 10 * time.Second

// build fills the index from the connections and what is remembered of token files. A build that is cut short is made again: a
// record that is there twice does no harm.
func (s *Store) build(x index) error {
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		return err
	}
	if !x.isOurs() {
		return errForeign
	}
	var lock *os.File
	for pause, end := firstPoll, time.Now().Add(buildTimeout); ; pause = min(2*pause, lastPoll) {
		var err error
		if lock, err = x.tryLock(); err == nil {
			break
		}
		if x.isBuilt() {
			return nil
		}
		if !errors.Is(err, errLocked) || time.Now().After(end) {
			return err
		}
		time.Sleep(pause)
	}
	defer lock.Close()
	if x.isBuilt() {
		return nil
	}
	x.add(s.knownTokens()...)
	_, err := appendTo(filepath.Join(x.dir, "built"), "")
	return err
}

// heldToken is a refresh token in its place, and what became of the holder's tokens before.
type heldToken struct {
	holder  holder
	token   freshet.Token
	saved   time.Time
	history freshet.History
}

// maxMatched is how many holders' histories are compared with all tokens: the work grows with the square.
const maxMatched = 300

// knownTokens are records of the tokens that are there, and of replacements that histories tell of.
func (s *Store) knownTokens() []indexRecord {
	all := s.allHeld()
	var found []indexRecord
	for _, h := range all {
		if h.token.RefreshToken() != "" {
			found = append(found, indexRecord{hash: indexKey(h.token.RefreshTokenHash()), kind: seenAt, at: h.saved, holder: h.holder})
		}
	}
	if len(all) > maxMatched {
		return found
	}
	for _, h := range all {
		for _, other := range all {
			if other.holder != h.holder && other.token.RefreshToken() != "" {
				found = append(found, h.replacementOf(other.token)...)
			}
		}
	}
	return found
}

// allHeld reads all connections, and the token files that a refresh is remembered of.
func (s *Store) allHeld() []heldToken {
	byHolder := map[holder]heldToken{}
	add := func(p place, history freshet.History) {
		c, err := s.Get(context.Background(), p.name)
		if err != nil {
			return
		}
		h := heldToken{p.holder(), c.Token, cmp.Or(c.Saved, time.Now()), c.History}
		if was, ok := byHolder[h.holder]; ok && len(was.history.Entries) > len(h.history.Entries) {
			h.history = was.history
		}
		if len(h.history.Entries) == 0 {
			h.history = history
		}
		byHolder[h.holder] = h
	}
	names, _ := s.Names()
	for _, name := range names {
		if p, err := s.locate(name); err == nil {
			add(p, freshet.History{})
		}
	}
	remembered, _ := filepath.Glob(filepath.Join(s.StateDir, "health", "*.json"))
	for _, file := range remembered {
		if h, ok := readHealth(file); ok && filepath.IsAbs(h.Path) {
			add(place{name: h.Path, path: h.Path}, h.History)
		}
	}
	all := make([]heldToken, 0, len(byHolder))
	for _, h := range byHolder {
		all = append(all, h)
	}
	return all
}

// replacementOf returns the records of a refresh by which the holder replaced the token, if its history tells of one.
func (h heldToken) replacementOf(token freshet.Token) []indexRecord {
	own, had := h.history.Fingerprint(token), false
	for _, e := range h.history.Entries {
		switch {
		case e.Fingerprint == own:
			had = true
		case e.Fingerprint == "" || !had:
		case e.Outcome == freshet.Refreshed || e.Outcome == freshet.Recovered:
			hash := indexKey(token.RefreshTokenHash())
			found := []indexRecord{{hash: hash, kind: replaced, at: e.Time, holder: h.holder}}
			if h.token.RefreshToken() != "" {
				found = append(found, indexRecord{
					hash: indexKey(h.token.RefreshTokenHash()), kind: seenAt, at: h.saved, before: hash, holder: h.holder,
				})
			}
			return found
		default: // a login, which does not end the grant before
			return nil
		}
	}
	return nil
}
