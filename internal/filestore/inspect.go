package filestore

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/internal/redact"
)

// Inspection describes a token file and its siblings. It is made without a lock and without writing
// anything.
type Inspection struct {
	redact.Sealed

	Path     string           // of the token file: absolute, without symbolic links
	Mode     fs.FileMode      // of the token file
	Busy     bool             // another process holds the lock
	Pending  *freshet.Pending // a refresh that is running or was interrupted
	Spill    string           // path of its reply, if that is not in the journal
	Siblings []Sibling
}

// Sibling is a file that belongs to a token file and is in the same directory.
type Sibling struct {
	Path string
	What string // what it is for, as a phrase
}

// Inspect looks at the token file of a connection and its siblings.
func (s *Store) Inspect(_ context.Context, name string) (Inspection, error) {
	at, document, err := s.find(name)
	if err != nil {
		return Inspection{}, err
	}
	dir, err := at.openDir()
	if err != nil {
		_ = document.Close()
		return Inspection{}, unreadable(name, err)
	}
	defer dir.Close()
	c, saved, err := s.read(at, dir, document)
	if err != nil {
		return Inspection{}, err
	}
	defer saved.Close()
	in := Inspection{Path: at.path, Mode: saved.info.Mode()}
	if in.Pending, in.Spill, err = s.pending(at, dir, c, saved.info); err != nil {
		return in, badJournal(name, at.path, err)
	}
	locked, known := isLocked(dir, at.sibling(".lock"))
	// If only the owner may open the lock, a pending refresh is probably running.
	in.Busy = locked || !known && in.Pending != nil
	in.Siblings = in.siblings(at, dir)
	return in, nil
}

// Abandoned reports whether a refresh is pending and no process is working on it.
func (in Inspection) Abandoned() bool { return in.Pending != nil && !in.Busy }

func (in Inspection) siblings(at location, dir *osfile.Dir) []Sibling {
	var found []Sibling
	add := func(suffix, what string) {
		if dir.Exists(at.sibling(suffix)) {
			found = append(found, Sibling{in.Path + suffix, what})
		}
	}
	lock := "the lock; free"
	if in.Busy {
		lock = "the lock; held: a refresh is running"
	}
	add(".lock", lock)
	add(".pending", in.describeJournal())
	add(".next", "the next version of the token: being written, or left by an interrupted refresh")
	for _, name := range lostReplies(dir, at) {
		found = append(found, Sibling{
			filepath.Join(filepath.Dir(in.Path), name),
			"a provider's reply that was set aside; it may hold secrets; delete it when you no longer need it",
		})
	}
	return found
}

// lostReplies lists the names of the replies that were set aside.
func lostReplies(dir *osfile.Dir, at location) []string {
	var found []string
	for _, name := range dir.Names() {
		if strings.HasPrefix(name, at.sibling(".lost-")) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

func (in Inspection) describeJournal() string {
	p := in.Pending
	if p == nil {
		return "the journal; empty: nothing was sent"
	}
	process := fmt.Sprintf("process %d on %s, begun %s", p.PID, p.Host, p.Since.Local().Format(time.DateTime))
	switch {
	case in.Busy:
		return "the journal of a running refresh: " + process
	case p.Reply != nil:
		return "the journal of an interrupted refresh, with the provider's reply; the next run saves it: " + process
	default:
		return "the journal of an interrupted refresh, without a reply: " + process
	}
}
