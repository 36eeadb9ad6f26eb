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

// openIndex returns the index of the state directory. It builds the index if there is none. ok is
// false if that fails.
func (s *Store) openIndex() (x index, ok bool) {
	x = s.index()
	return x, s.StateDir != "" && (x.isBuilt() || s.build(x) == nil)
}

func (s *Store) index() index { return index{filepath.Join(s.StateDir, "index")} }

func (x index) isBuilt() bool { return x.isPrivate() && exists(filepath.Join(x.dir, "built")) }

// isPrivate reports whether the directory exists, and no other user could have written to it.
func (x index) isPrivate() bool {
	dir, err := osfile.Lstat(x.dir)
	return err == nil && dir.IsDir() && whyUntrusted(dir) == ""
}

// tryLock takes the lock for building and rotating the index. Appending needs none.
func (x index) tryLock() (*osfile.File, error) {
	f, err := openAppend(filepath.Join(x.dir, "lock"))
	if err != nil {
		return nil, err
	}
	if err := osfile.TryLock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// buildTimeout is how long a refresh waits for another process to build the index. A thousand
// connections take a tenth of a second.
const buildTimeout = 10 * time.Second

// build fills the index from the connections and the health files. If the process is killed, the
// next one starts again: a record may be there twice.
func (s *Store) build(x index) error {
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		return err
	}
	if !x.isPrivate() {
		return errForeign
	}
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	var lock *osfile.File
	err := pollLock(ctx, func() (err error) {
		if lock, err = x.tryLock(); x.isBuilt() {
			return nil
		}
		return err
	})
	defer lock.Close()
	if err != nil || x.isBuilt() {
		return err
	}
	x.add(s.knownRecords()...)
	_, err = appendTo(filepath.Join(x.dir, "built"), "")
	return err
}

// heldToken is a refresh token, its holder, and what happened to the holder's tokens before.
type heldToken struct {
	holder  holder
	token   freshet.Token
	saved   time.Time
	history freshet.History
}

// key returns the index key of the refresh token, or "" if there is none.
func (h heldToken) key() string {
	if h.token.RefreshToken() == "" {
		return ""
	}
	return indexKey(h.token.RefreshTokenHash())
}

// maxCompared is up to how many holders every history is compared with every token. The work grows
// with the square.
const maxCompared = 300

// knownRecords returns records of the present refresh tokens, and of the replacements in the
// histories.
func (s *Store) knownRecords() []indexRecord {
	all := s.heldTokens()
	var found []indexRecord
	for _, h := range all {
		found = append(found, indexRecord{hash: h.key(), kind: seenAt, at: h.saved, holder: h.holder})
	}
	if len(all) > maxCompared {
		return found
	}
	for _, h := range all {
		for _, other := range all {
			if other.holder != h.holder {
				found = append(found, h.replacementOf(other)...)
			}
		}
	}
	return found
}

// heldTokens reads all connections, and the token files that have a health file.
func (s *Store) heldTokens() []heldToken {
	byHolder := map[holder]heldToken{}
	names, _ := s.Names()
	for _, name := range names {
		if h, ok := s.heldBy(name); ok {
			byHolder[h.holder] = h
		}
	}
	healthFiles, _ := filepath.Glob(filepath.Join(s.StateDir, "health", "*.json"))
	for _, file := range healthFiles {
		health, ok := readHealth(file)
		if !ok || !filepath.IsAbs(health.Path) {
			continue
		}
		if h, ok := s.heldBy(health.Path); ok {
			if h.history = health.History; len(h.history.Entries) == 0 {
				h.history = byHolder[h.holder].history
			}
			byHolder[h.holder] = h
		}
	}
	return slices.Collect(maps.Values(byHolder))
}

// heldBy reads the token of a connection or token file. There may be thousands, so a document is
// read once, and only these members of it are parsed.
func (s *Store) heldBy(name string) (h heldToken, ok bool) {
	if at, err := s.documentLocation(name); err == nil {
		var d struct {
			TokenFile string          `json:"token_file"`
			Saved     time.Time       `json:"saved"`
			History   freshet.History `json:"history"`
			Token     json.RawMessage `json:"token"`
		}
		saved, err := readFile(at.document)
		if err != nil {
			return h, false
		}
		defer saved.Close()
		if err := json.Unmarshal(saved.content, &d); err != nil {
			return h, false
		}
		if d.TokenFile == "" {
			token, err := freshet.ParseToken(d.Token)
			h = heldToken{at.holder(), token, cmp.Or(d.Saved, saved.info.ModTime()), d.History}
			return h, err == nil
		}
	}
	at, err := s.locate(name)
	if err != nil {
		return h, false
	}
	c, err := s.Get(context.Background(), name)
	return heldToken{at.holder(), c.Token, c.Saved, c.History}, err == nil
}

// replacementOf returns the records of the refresh by which h replaced the token of other, if its
// history has one.
func (h heldToken) replacementOf(other heldToken) []indexRecord {
	fingerprint, had := h.history.Fingerprint(other.token), false
	for _, e := range h.history.Entries {
		switch {
		case e.Fingerprint == fingerprint:
			had = true
		case e.Fingerprint == "" || !had:
		case e.Outcome == freshet.Refreshed || e.Outcome == freshet.Recovered:
			return []indexRecord{
				{hash: other.key(), kind: replaced, at: e.Time, holder: h.holder},
				{hash: h.key(), kind: seenAt, at: h.saved, before: other.key(), holder: h.holder},
			}
		default: // a login, which does not invalidate the old token
			return nil
		}
	}
	return nil
}
