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

// CheckCopies implements [freshet.CopyChecker] with the index in the state directory. Another connection that has the same
// token stays locked until the update ends, so that only one of the two can send it.
func (s *Store) CheckCopies(ctx context.Context, c freshet.Connection) (freshet.Copy, error) {
	u, _ := ctx.Value(lockedUpdate{}).(*update)
	x, ok := s.openIndex()
	if u == nil || !ok {
		return freshet.Copy{}, nil
	}
	hash := c.Token.RefreshTokenHash()
	known := x.lookup(hash)
	if !known.has(u.holder()) {
		// Before the others are looked up: of two that do so at once, one finds the other.
		x.add(indexRecord{hash: indexKey(hash), kind: seenAt, at: time.Now(), holder: u.holder()})
		known = x.lookup(hash)
	}
	if by, ok := known.replacement(); ok {
		u.presentsReplaced = true
		if by.holder == u.holder() {
			return freshet.Copy{Name: c.Name, Replaced: by.at}, nil
		}
		return copyAt(by), nil
	}
	others := s.othersWith(u.place, indexKey(hash), known)
	for _, other := range others {
		if !u.lockCopy(other, hash) {
			return other.holder().asCopy(), nil
		}
	}
	if len(others) > 0 {
		if by, ok := x.lookup(hash).replacement(); ok { // one was being updated when it was looked up first
			return copyAt(by), nil
		}
	}
	return freshet.Copy{}, nil
}

// copyTimeout is how long a refresh waits for the lock of a copy that comes later in the order: whoever holds that and wants ours
// gives up at once.
const copyTimeout = time.Second

// lockCopy locks another place with the same token until the update ends. It reports false if that place is being updated, or has
// a refresh of this token to finish.
func (u *update) lockCopy(other place, hash string) bool {
	lock, err := u.waitForCopy(other)
	if err != nil {
		return !errors.Is(err, osfile.ErrLocked) // one that cannot be locked at all is refreshed by none of us
	}
	u.copies = append(u.copies, lock)
	in, err := u.store.Inspect(context.Background(), other.name)
	p := in.Pending.Refresh()
	return err == nil && (p == nil || p.Spent != hash || p.Elsewhere == "" && (p.Reply == nil || !p.Reply.OK()))
}

func (u *update) waitForCopy(other place) (lock *heldLock, err error) {
	end := time.Now()
	if u.path < other.path {
		end = end.Add(copyTimeout)
	}
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		if lock, err = tryLock(other); !errors.Is(err, osfile.ErrLocked) || !time.Now().Before(end) {
			return lock, err
		}
		time.Sleep(pause)
	}
}

// unlockCopies gives up what lockCopy took.
func (u *update) unlockCopies() {
	for _, lock := range u.copies {
		_ = lock.Close()
	}
	u.copies = nil
}

// noteToken writes into the index what a save makes of the refresh token. That comes before the save itself: what a refresh
// replaced stays replaced if the process is killed in between.
func (u *update) noteToken(next freshet.Connection) {
	was, is := u.saved.Token.RefreshTokenHash(), next.Token.RefreshTokenHash()
	if next.Pending != nil || next.Token.RefreshToken() == "" || u.noted == is {
		return
	}
	record := indexRecord{hash: indexKey(is), kind: seenAt, at: time.Now(), holder: u.holder()}
	var all []indexRecord
	p, delivered := u.saved.Pending, false
	if p != nil {
		delivered = !next.Health.LastSuccess.Before(p.Since)
	}
	switch {
	case p != nil && p.Login != nil && was != is: // which does not end the grant before
		record.kind = issuedTo
	case p != nil && p.Login == nil && p.Spent != is && (delivered || p.Reply != nil && p.Reply.OK()):
		if !p.Received.IsZero() {
			record.at = p.Received
		}
		all = append(all, indexRecord{hash: indexKey(p.Spent), kind: replaced, at: record.at, holder: u.holder()})
		record.kind, record.before = issuedTo, indexKey(p.Spent)
	case delivered && u.presentsReplaced: // it was sent all the same, and is valid
		record.kind = issuedTo
	case was == is:
		return
	}
	if x, ok := u.store.openIndex(); ok {
		x.add(append(all, record)...)
		u.noted = is
	}
}

// noteHolder writes into the index that a connection has a token which no refresh of ours brought.
func (s *Store) noteHolder(c freshet.Connection) {
	p, err := s.placeOf(c)
	if err != nil || c.Token.RefreshToken() == "" {
		return
	}
	if x, ok := s.openIndex(); ok {
		x.add(indexRecord{hash: indexKey(c.Token.RefreshTokenHash()), kind: seenAt, at: time.Now(), holder: p.holder()})
	}
}

// holder is the name of a connection whose document has the token, or the path of a token file.
type holder string

func (p place) holder() holder {
	if p.hasToken() {
		return holder(p.name)
	}
	return holder(p.path)
}

func (h holder) asCopy() freshet.Copy {
	if IsPath(string(h)) {
		return freshet.Copy{TokenFile: string(h)}
	}
	return freshet.Copy{Name: string(h)}
}

func copyAt(r indexRecord) freshet.Copy {
	c := r.holder.asCopy()
	c.Replaced = r.at
	return c
}

// othersWith are the places that have the token now, but for self by whatever name, in the order in which they are locked.
func (s *Store) othersWith(self place, key string, known records) []place {
	var others []place
	for _, r := range known {
		if r.kind == replaced || r.holder == self.holder() {
			continue
		}
		p, err := s.locate(string(r.holder))
		if err != nil || isSameFile(p.path, self.path) || slices.ContainsFunc(others, func(o place) bool { return isSameFile(o.path, p.path) }) {
			continue
		}
		if c, err := s.Get(context.Background(), p.name); err == nil && indexKey(c.Token.RefreshTokenHash()) == key {
			others = append(others, p)
		}
	}
	slices.SortFunc(others, func(a, b place) int { return strings.Compare(a.path, b.path) })
	return others
}

// isSameFile reports whether two paths lead to one file, such as through a bind mount.
func isSameFile(a, b string) bool {
	if a == b {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// Copies are the other connections and token files that have, or had, the refresh token of one.
type Copies struct {
	Replaced freshet.Copy   // the one whose refresh replaced the token; zero if none did
	Others   []freshet.Copy // those that have it now
	Earlier  []freshet.Copy // those that still have one that came before it, with the time at which that was replaced
}

// maxEarlier is how far back Copies looks, in refreshes.
const maxEarlier = 20

// Copies looks up the refresh token of a connection, which need not be in the store yet. It reads the index of the state directory
// and the connections that this names, takes no lock and writes nothing. Without an index, which the first refresh, import or
// [Store.IndexTokens] makes, it knows of none.
func (s *Store) Copies(_ context.Context, c freshet.Connection) (found Copies) {
	self, err := s.placeOf(c)
	x := s.index()
	if err != nil || s.StateDir == "" || !x.isBuilt() || c.Token.RefreshToken() == "" {
		return found
	}
	hash := indexKey(c.Token.RefreshTokenHash())
	known := x.lookup(hash)
	if by, ok := known.replacement(); ok {
		found.Replaced = copyAt(by)
	}
	for _, other := range s.othersWith(self, hash, known) {
		found.Others = append(found.Others, other.holder().asCopy())
	}
	for range maxEarlier {
		if hash = known.before(); hash == "" {
			break
		}
		known = x.lookup(hash)
		by, ok := known.replacement()
		if !ok {
			break
		}
		for _, other := range s.othersWith(self, hash, known) {
			earlier := other.holder().asCopy()
			earlier.Replaced = by.at
			found.Earlier = append(found.Earlier, earlier)
		}
	}
	return found
}

// placeOf is where a connection is kept, or will be.
func (s *Store) placeOf(c freshet.Connection) (place, error) {
	p := place{name: c.Name}
	var err error
	if !IsPath(c.Name) {
		p, err = s.documentPlace(c.Name)
	}
	if file := cmp.Or(c.TokenFile, p.path, c.Name); err == nil && file != p.document {
		p.path, err = resolve(file)
	}
	return p, err
}

// IndexTokens makes the index that [Store.Copies] reads, unless there is one.
func (s *Store) IndexTokens() {
	_, _ = s.openIndex()
}
