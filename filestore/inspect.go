package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// Inspection is what can be seen of a token file without a lock, and without changing anything.
type Inspection struct {
	Path     string           // resolved and absolute
	Mode     fs.FileMode      // of the token file
	Busy     bool             // somebody holds the lock
	Pending  *freshet.Pending // a refresh that is running, or was interrupted
	Spill    string           // where its reply is, if not beside the token
	Siblings []Sibling
}

// Sibling is a file beside the token file.
type Sibling struct {
	Path string
	What string // what it is for, as a phrase
}

// Inspect looks at the token file and its siblings.
func (s *Store) Inspect(_ context.Context, name string) (Inspection, error) {
	p, err := s.locate(name)
	if err != nil {
		return Inspection{}, err
	}
	dir, err := p.openDir()
	if err != nil {
		return Inspection{}, unreadable(name, err)
	}
	defer dir.Close()
	c, saved, err := s.read(p, dir)
	if err != nil {
		return Inspection{}, err
	}
	defer saved.Close()
	in := Inspection{Path: p.path, Mode: saved.info.Mode()}
	if in.Pending, in.Spill, err = s.pending(p, dir, c, saved.info); err != nil {
		return in, badJournal(name, p.path, err)
	}
	locked, known := isLocked(dir, p.sibling(".lock"))
	in.Busy = locked || !known && in.Pending != nil // only the owner can look; what is pending is theirs
	in.Siblings = in.siblings(p, dir)
	return in, nil
}

// Abandoned reports whether the pending refresh has nobody who is still at it.
func (in Inspection) Abandoned() bool { return in.Pending != nil && !in.Busy }

// isLocked reports whether another process holds the lock. That is not known to those who may not open it.
func isLocked(d *osfile.Dir, name string) (locked, known bool) {
	f, err := d.Open(name, os.O_RDONLY)
	if err != nil {
		return false, !errors.Is(err, fs.ErrPermission)
	}
	defer f.Close()
	return errors.Is(osfile.TestLock(f), osfile.ErrLocked), true
}

func (in Inspection) siblings(p place, dir *osfile.Dir) []Sibling {
	var found []Sibling
	add := func(suffix, what string) {
		if dir.Exists(p.sibling(suffix)) {
			found = append(found, Sibling{in.Path + suffix, what})
		}
	}
	add(".lock", in.lockPhrase())
	add(".pending", in.pendingPhrase())
	add(".next", "the next version of the token, being written, or left by an interrupted refresh")
	for _, name := range lostBeside(dir, p) {
		found = append(found, Sibling{filepath.Join(filepath.Dir(in.Path), name), "a provider's reply that was set aside; it may hold secrets; delete it when you need it no more"})
	}
	return found
}

// lostBeside lists the replies that were set aside beside a token file, as far as they can be listed.
func lostBeside(d *osfile.Dir, p place) []string {
	var found []string
	for _, name := range d.Names() {
		if strings.HasPrefix(name, p.sibling(".lost-")) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

func (in Inspection) lockPhrase() string {
	if in.Busy {
		return "the lock; held: a refresh is running"
	}
	return "the lock; free; it stays"
}

func (in Inspection) pendingPhrase() string {
	p := in.Pending
	if p == nil {
		return "the journal; empty: nothing was sent"
	}
	who := fmt.Sprintf("process %d on %s, begun %s", p.PID, p.Host, p.Since.Local().Format(time.DateTime))
	switch {
	case in.Busy:
		return "the journal of a running refresh: " + who
	case p.Reply != nil:
		return "the journal of an interrupted refresh, with the provider's reply; the next run saves it: " + who
	default:
		return "the mark of an interrupted refresh, without a reply: " + who
	}
}
