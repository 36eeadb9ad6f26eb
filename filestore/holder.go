package filestore

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
)

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
