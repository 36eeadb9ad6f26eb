package filestore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
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
	if err := osfile.TryLock(f); err != nil {
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
		if !errors.Is(err, osfile.ErrLocked) || time.Now().After(end) {
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
	names, _ := s.Names()
	for _, name := range names {
		if h, ok := s.heldBy(name); ok {
			byHolder[h.holder] = h
		}
	}
	remembered, _ := filepath.Glob(filepath.Join(s.StateDir, "health", "*.json"))
	for _, file := range remembered {
		saved, ok := readHealth(file)
		if !ok || !filepath.IsAbs(saved.Path) {
			continue
		}
		if h, ok := s.heldBy(saved.Path); ok {
			if h.history = saved.History; len(h.history.Entries) == 0 {
				h.history = byHolder[h.holder].history
			}
			byHolder[h.holder] = h
		}
	}
	return slices.Collect(maps.Values(byHolder))
}

// heldBy reads the token of a connection or token file. There may be very many of them: of a document that has its token, only
// what is needed is read, and once.
func (s *Store) heldBy(name string) (h heldToken, ok bool) {
	if p, err := s.documentPlace(name); err == nil {
		var d struct {
			TokenFile string          `json:"token_file"`
			Saved     time.Time       `json:"saved"`
			History   freshet.History `json:"history"`
			Token     json.RawMessage `json:"token"`
		}
		f, err := osfile.Open(p.document)
		saved, err := readSaved(f, err)
		if err != nil {
			return h, false
		}
		defer saved.Close()
		if err := json.Unmarshal(saved.content, &d); err != nil {
			return h, false
		}
		if d.TokenFile == "" {
			token, err := freshet.ParseToken(d.Token)
			return heldToken{p.holder(), token, cmp.Or(d.Saved, saved.info.ModTime()), d.History}, err == nil
		}
	}
	p, err := s.locate(name)
	if err != nil {
		return h, false
	}
	c, err := s.Get(context.Background(), name)
	return heldToken{p.holder(), c.Token, c.Saved, c.History}, err == nil
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
