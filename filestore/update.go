package filestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// update is one token file while it is locked.
type update struct {
	store *Store
	place

	dir     *osfile.Dir        // that the file is in
	source  savedFile          // as it was read; the next version has its owner, mode and attributes
	first   freshet.Connection // as it was read
	saved   freshet.Connection // what the disk holds, as far as we wrote or read it
	content []byte             // of the file that is replaced, likewise
	journal *journal           // nil while no refresh is pending
	spilled string             // where the reply is, if not in the journal
	next    *os.File           // T.next, created with T's attributes; nil if there is none

	writesLogin bool // what is being written is the beginning of a login
	hasLogin    bool // the document has a login that this update began or found

	isFirstToken bool // a login brings a token to a file that had none

	copies           []*heldLock // locks of other places with the same refresh token (copies.go)
	presentsReplaced bool        // a refresh had replaced the token, as the index says
	noted            string      // the token of which the index knows
}

// failpoint is a point at which tests make the update fail or kill the process.
func (u *update) failpoint(name string) error {
	if u.writesLogin {
		name = "login." + name
	}
	return failpoint(name)
}

// run makes the change while the lock is held.
func (u *update) run(ctx context.Context, change freshet.Change) error {
	c, err := u.begin()
	if err != nil {
		return err
	}
	defer u.end()
	return change(ctx, c, u.save)
}

func (u *update) begin() (freshet.Connection, error) {
	c, source, err := u.store.read(u.place, u.dir)
	if err != nil {
		return c, err
	}
	u.source = source
	if !osfile.RenamesOpenFiles {
		_ = source.Close()
	}
	if c.Pending, u.spilled, err = u.store.pending(u.place, u.dir, c, source.info); err != nil {
		return c, badJournal(u.name, u.path, err)
	}
	u.hasLogin = c.Pending != nil && c.Pending.Login != nil
	u.first, u.saved, u.content = c, c, source.content
	return c, nil
}

// reread reads the connection again, while it is locked. Another user may have put a file of their own in the token's place: what
// is in that one is not believed.
func (u *update) reread() (freshet.Connection, error) {
	c, now, err := u.store.read(u.place, u.dir)
	if err != nil {
		return freshet.Connection{}, err
	}
	defer now.Close()
	if !sameOwner(now.info, u.source.info) {
		return freshet.Connection{}, &freshet.Problem{
			Name: u.name, Kind: oauth.Temporary, What: u.path + " was replaced by a file of another user", Remedy: "find out who did that, then run it again", Err: errForeign,
		}
	}
	return c, nil
}

// pending returns what the journal or a spill tells of an interrupted refresh or login, and where the spill is.
func (s *Store) pending(p place, dir *osfile.Dir, c freshet.Connection, info fs.FileInfo) (found *freshet.Pending, spilled string, err error) {
	f, err := dir.Open(p.sibling(".pending"), os.O_RDONLY)
	if found, err = readJournal(f, err, info); err != nil {
		return nil, "", err
	}
	if found == nil || found.Reply == nil {
		if reply, at := s.findSpill(p.path, c.Token, info); reply != nil {
			found, spilled = reply, at
		}
	}
	if found != nil && found.Login != nil {
		err = completeLogin(found, p, c)
	}
	return found, spilled, err
}

// save implements [freshet.Save].
func (u *update) save(next freshet.Connection) (err error) {
	newToken := !bytes.Equal(next.Token.Bytes(), u.saved.Token.Bytes())
	if newToken && u.hasToken() {
		next.Saved = savedAt(next)
	}
	u.noteToken(next)
	switch {
	case newToken, u.hasToken() && !sameRegistration(next, u.saved):
		err = u.replace(next)
	case next.Pending == nil:
		err = u.clearJournal()
	case next.Pending.Reply != nil:
		if !reflect.DeepEqual(next.Pending, u.saved.Pending) {
			err = u.journalReply(next.Pending)
		}
	case next.Pending.Problem == "":
		err = u.announce(next)
	default:
		err = u.rewriteIntent(next.Pending)
	}
	if err != nil {
		return err
	}
	u.remember(next)
	u.saved = next
	return nil
}

// savedAt is the same moment however often a save is tried.
func savedAt(c freshet.Connection) time.Time {
	if c.Health.LastSuccess.IsZero() {
		return time.Now()
	}
	return c.Health.LastSuccess
}

func sameRegistration(a, b freshet.Connection) bool {
	a.Client.Secret, b.Client.Secret = "", ""
	return reflect.DeepEqual(a.Registration, b.Registration)
}

// contentOf is what the file is to hold. What we do not know in a document is taken from the version that c was made from.
func (u *update) contentOf(c freshet.Connection) ([]byte, error) {
	if !u.hasToken() {
		return c.Token.Bytes(), nil
	}
	previous := u.content
	if data, err := readFile(u.dir, u.sibling("")); err == nil && hash(data) == c.Version {
		previous = data
	}
	c.TokenFile = ""
	content, err := newDocument(c).encode(previous)
	if err == nil && len(content) > maxFile {
		err = errors.New("the document would become larger than it could be read")
	}
	return content, err
}

// announce proves that the result of a refresh can be saved, and leaves the mark that one was begun.
func (u *update) announce(next freshet.Connection) error {
	if err := u.checkReplaceable(); err != nil {
		return err
	}
	if next.Pending.Login != nil {
		u.hasLogin, u.isFirstToken = true, u.first.Token.AccessToken() == "" && u.first.Token.RefreshToken() == ""
		if err := u.checkLoginPlace(); err != nil {
			return err
		}
		if err := u.keepPendingLogin(next); err != nil {
			return unwritable(u.name, u.path, err)
		}
	}
	fresh := u.saved.Pending == nil
	err := u.reserve(next.Pending)
	if err != nil && fresh {
		err = errors.Join(err, u.clearJournal())
	}
	if err != nil {
		u.removeNext()
		return unwritable(u.name, u.path, err)
	}
	return nil
}

func (u *update) reserve(intent *freshet.Pending) (err error) {
	if u.journal == nil {
		if u.journal, err = u.createJournal(); err != nil {
			return err
		}
	}
	size := int64(len(u.content)) + spare
	block, err := intentBlock(intent)
	if err != nil {
		return err
	}
	if err := u.journal.reserve(int64(len(block)) + size); err != nil {
		return err
	}
	if u.journal.replaces(u.place) {
		if err := u.journal.writeIntent(u.saved.Pending); err != nil { // until the next version has its room, too
			return err
		}
		if err := u.journal.takePlace(u.place); err != nil {
			return err
		}
	}
	if err := u.createNext(size); err != nil {
		return err
	}
	if err := u.journal.writeIntent(intent); err != nil {
		return err
	}
	if err := u.dir.Sync(); err != nil {
		return err
	}
	return failpoint("announced")
}

// spare is what a reply and the next version may need beyond the document, in bytes.
const spare = 64 << 10

// journalReply makes the reply durable, beside the token or, if that fails, in a spill.
func (u *update) journalReply(p *freshet.Pending) error {
	err := u.journal.writeReply(p)
	if err == nil {
		return nil
	}
	place, spillErr := u.spill(p)
	if spillErr != nil {
		return errors.Join(err, spillErr)
	}
	u.spilled = place
	// The mark tells everybody who cannot see the spill not to send the old refresh token. Best effort: those who can
	// see it look for it by themselves.
	marked := *p
	marked.Reply, marked.Elsewhere = nil, place
	_ = u.rewriteIntent(&marked)
	return nil
}

// rewriteIntent changes what is known of a refresh that ended without an answer.
func (u *update) rewriteIntent(p *freshet.Pending) (err error) {
	if u.journal == nil {
		if u.journal, err = u.createJournal(); err != nil {
			return err
		}
	}
	if err := u.journal.writeIntent(p); err != nil {
		return err
	}
	return u.journal.takePlace(u.place)
}

// clearJournal removes the journal and the spill: the refresh has ended.
func (u *update) clearJournal() error {
	if u.journal != nil {
		u.journal.close()
		u.journal = nil
	}
	err := u.dir.Remove(u.sibling(".pending"))
	if u.spilled != "" {
		err = errors.Join(err, osfile.Remove(u.spilled))
		u.spilled = ""
	}
	return err
}

// end removes what is of no use after the update. A pending journal stays.
func (u *update) end() {
	u.unlockCopies()
	u.removeNext()
	if u.journal != nil {
		u.journal.close()
	}
	_ = u.source.Close() // it was only read
}

// unwritable explains why nothing can be written beside the token. Nothing was sent.
func unwritable(name, path string, err error) error {
	var p *freshet.Problem
	if errors.As(err, &p) {
		return err
	}
	p = &freshet.Problem{Name: name, Err: err}
	switch {
	case errors.Is(err, syscall.ENOSPC), osfile.IsNoSpace(err):
		p.What = "there is no room beside the file for its next version; nothing was sent"
		p.Remedy = "free some space on that file system"
	case errors.Is(err, syscall.EROFS):
		p.What = "the file is on a read-only file system, so that the result could not be saved; nothing was sent"
		p.Remedy = "mount it writable, or move the token to where it can be saved"
	case errors.Is(err, osfile.ErrReplaced):
		p.Kind = oauth.Temporary
		p.What = fmt.Sprintf("another program put another file or directory in the place of %s; nothing was sent", path)
		p.Remedy = "find out which program did that, then run it again"
	case errors.Is(err, fs.ErrPermission):
		p.What = fmt.Sprintf("this user may not write into %s; nothing was sent", filepath.Dir(path))
		p.Remedy = "make the directory writable for this user, or run the program as the file's owner"
	default:
		p.What = fmt.Sprintf("the result could not be saved: %v; nothing was sent", err)
		p.Remedy = "check the disk and the directory"
	}
	return p
}
