package filestore

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// holder is who has a token: the name of a connection with the token in its document, or the path
// of a token file.
type holder string

func (l location) holder() holder {
	if l.inDocument() {
		return holder(l.name)
	}
	return holder(l.path)
}

func (h holder) asCopy(replaced time.Time) freshet.Copy {
	if IsPath(string(h)) {
		return freshet.Copy{TokenFile: string(h), Replaced: replaced}
	}
	return freshet.Copy{Name: string(h), Replaced: replaced}
}

// CheckCopies implements [freshet.CopyChecker] with the index in the state directory. It locks the
// other connections that have the same token until the update ends, so that only one of them can
// send it.
func (s *Store) CheckCopies(ctx context.Context, c freshet.Connection) (freshet.Copy, error) {
	u := updateFromContext(ctx)
	if u == nil || !u.openIndex() {
		return freshet.Copy{}, nil
	}
	x := *u.index
	hash := c.Token.RefreshTokenHash()
	known := x.lookup(hash)
	if !known.has(u.holder()) {
		// Added before the others are looked up: if two processes do this at the same time, at
		// least one finds the other.
		x.add(indexRecord{hash: indexKey(hash), kind: seenAt, at: time.Now(), holder: u.holder()})
		known = x.lookup(hash)
	}
	if by, ok := known.replacement(); ok {
		u.tokenWasReplaced = true
		if by.holder == u.holder() {
			return freshet.Copy{Name: c.Name, Replaced: by.at}, nil
		}
		return by.holder.asCopy(by.at), nil
	}
	others := s.othersWith(u.location, indexKey(hash), known)
	for _, other := range others {
		if !u.lockCopy(other, hash) {
			return other.holder().asCopy(time.Time{}), nil
		}
	}
	if len(others) > 0 {
		// Looked up again, because one of them may have replaced the token before it was locked.
		if by, ok := x.lookup(hash).replacement(); ok {
			return by.holder.asCopy(by.at), nil
		}
	}
	return freshet.Copy{}, nil
}

// copyTimeout is how long a refresh waits for the lock of a copy with a greater path. If the
// process that holds it wants this lock, too, it gives up at once.
const copyTimeout = time.Second

// lockCopy locks another T with the same token until the update ends. It returns false if that is
// being updated, or has a refresh of this token to finish.
func (u *update) lockCopy(other location, hash string) bool {
	var timeout time.Duration
	if u.path < other.path {
		timeout = copyTimeout
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var lock *tokenLock
	err := pollLock(ctx, func() (err error) {
		lock, err = tryLock(other)
		return err
	})
	if err != nil {
		return !errors.Is(err, osfile.ErrLocked) // if it cannot be locked, no process can refresh it
	}
	u.copies = append(u.copies, lock)
	in, err := u.store.Inspect(context.Background(), other.name)
	p := in.Pending.Refresh()
	return err == nil && (p == nil || p.Spent != hash || p.SpilledTo == "" && (p.Reply == nil || !p.Reply.OK()))
}

// indexToken writes to the index what saving next does to the refresh token. It is called before
// the save: if the process is killed between the two, the index knows that the old token was
// replaced.
func (u *update) indexToken(next freshet.Connection) {
	old, new := u.current.Token.RefreshTokenHash(), next.Token.RefreshTokenHash()
	if next.Pending != nil || next.Token.RefreshToken() == "" || u.indexed == new {
		return
	}
	record := indexRecord{hash: indexKey(new), kind: seenAt, at: time.Now(), holder: u.holder()}
	var all []indexRecord
	p, succeeded := u.current.Pending, false
	if p != nil {
		succeeded = !next.Health.LastSuccess.Before(p.Since)
	}
	switch {
	case p != nil && p.Login != nil && old != new: // a login, which does not invalidate the old token
		record.kind = issuedTo
	case p != nil && p.Login == nil && p.Spent != new && (succeeded || p.Reply != nil && p.Reply.OK()):
		if !p.Received.IsZero() {
			record.at = p.Received
		}
		all = append(all, indexRecord{hash: indexKey(p.Spent), kind: replaced, at: record.at, holder: u.holder()})
		record.kind, record.before = issuedTo, indexKey(p.Spent)
	case succeeded && u.tokenWasReplaced: // the index was wrong: the server accepted the token
		record.kind = issuedTo
	case old == new:
		return
	}
	if u.openIndex() {
		u.index.add(append(all, record)...)
		u.indexed = new
	}
}

// openIndex sets u.index. It reports whether that succeeds.
func (u *update) openIndex() bool {
	if u.index == nil {
		if x, ok := u.store.openIndex(); ok {
			u.index = &x
		}
	}
	return u.index != nil
}

// indexHolder writes to the index that a connection has a token, which this store did not refresh.
func (s *Store) indexHolder(c freshet.Connection) {
	at, err := s.locationOf(c)
	if err != nil || c.Token.RefreshToken() == "" {
		return
	}
	if x, ok := s.openIndex(); ok {
		hash := indexKey(c.Token.RefreshTokenHash())
		x.add(indexRecord{hash: hash, kind: seenAt, at: time.Now(), holder: at.holder()})
	}
}

// othersWith returns where the token is now, other than in self, in the order in which they are
// locked.
func (s *Store) othersWith(self location, key string, known records) []location {
	var others []location
	for _, r := range known {
		if r.kind == replaced || r.holder == self.holder() {
			continue
		}
		at, err := s.locate(string(r.holder))
		isKnown := func(o location) bool { return isSameFile(o.path, at.path) }
		if err != nil || isKnown(self) || slices.ContainsFunc(others, isKnown) {
			continue
		}
		if c, err := s.Get(context.Background(), at.name); err == nil && indexKey(c.Token.RefreshTokenHash()) == key {
			others = append(others, at)
		}
	}
	slices.SortFunc(others, func(a, b location) int { return strings.Compare(a.path, b.path) })
	return others
}

// isSameFile reports whether two paths lead to one file. They can be different because of a bind
// mount.
func isSameFile(a, b string) bool {
	if a == b {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// Copies says which other connections and token files have, or had, the refresh token of a
// connection.
type Copies struct {
	Replaced freshet.Copy   // whose refresh replaced the token; zero if it was not replaced
	Others   []freshet.Copy // that have the token now
	Earlier  []freshet.Copy // that still have a predecessor of the token, and when that was replaced
}

// maxEarlier is how many predecessors of a token Copies looks up.
const maxEarlier = 20

// Copies looks up the refresh token of a connection, which need not be in the store. It reads the
// index of the state directory and the connections that the index names. It takes no lock and
// writes nothing. The first refresh, import or [Store.IndexTokens] makes the index; before that,
// Copies finds none.
func (s *Store) Copies(_ context.Context, c freshet.Connection) (found Copies) {
	self, err := s.locationOf(c)
	x := s.index()
	if err != nil || s.StateDir == "" || !x.isBuilt() || c.Token.RefreshToken() == "" {
		return found
	}
	key := indexKey(c.Token.RefreshTokenHash())
	known := x.lookup(key)
	if by, ok := known.replacement(); ok {
		found.Replaced = by.holder.asCopy(by.at)
	}
	for _, other := range s.othersWith(self, key, known) {
		found.Others = append(found.Others, other.holder().asCopy(time.Time{}))
	}
	for range maxEarlier {
		if key = known.before(); key == "" {
			break
		}
		known = x.lookup(key)
		by, ok := known.replacement()
		if !ok {
			break
		}
		for _, other := range s.othersWith(self, key, known) {
			found.Earlier = append(found.Earlier, other.holder().asCopy(by.at))
		}
	}
	return found
}

// locationOf returns where a connection is kept, or would be if it were created.
func (s *Store) locationOf(c freshet.Connection) (location, error) {
	at := location{name: c.Name}
	var err error
	if !IsPath(c.Name) {
		at, err = s.documentLocation(c.Name)
	}
	if file := cmp.Or(c.TokenFile, at.path, c.Name); err == nil && file != at.document {
		at.path, err = resolve(file)
	}
	return at, err
}

// IndexTokens makes the index that [Store.Copies] reads, unless there is one.
func (s *Store) IndexTokens() {
	_, _ = s.openIndex()
}
