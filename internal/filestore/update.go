package filestore

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"reflect"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// update is a connection while its T is locked.
type update struct {
	store *Store
	location
	layout layout
	lock   *tokenLock
	dir    *osfile.Dir // the lock's: T is in it

	source  savedFile          // T as it was read
	initial freshet.Connection // as it was read under the lock
	current freshet.Connection // as it was last read or saved
	content []byte             // of T, as it was last read or saved
	journal *journal           // nil if this process has not opened it
	spilled string             // path of the reply if that is not in the journal
	next    savedFile          // T.next; zero if it is not open
	renamed bool               // T.next was renamed to T, so there is none

	attributes osfile.Attributes // of T, which the next version gets

	failpointPrefix string
	hasLogin        bool // the document may have a pending login
	isFirstToken    bool // a token is saved to a file that had none

	copies           []*tokenLock // of other places with the same refresh token (copies.go)
	tokenWasReplaced bool         // according to the index, a refresh had replaced the token
	index            *index       // nil if it is not open
	indexed          string       // hash of the refresh token that the index knows
}

// layout is what differs between the two kinds of T: [ownDocument] and [tokenFile].
type layout interface {
	// mustReplace reports whether T has to be written to save next.
	mustReplace(next freshet.Connection) bool
	// encode returns the content of T with next saved in it.
	encode(next freshet.Connection) ([]byte, error)
	// canParse reports whether data is a valid content of T.
	canParse(data []byte) bool
	// saveLogin writes the login that next begins to the connection's document.
	saveLogin(next freshet.Connection) error
	// saveHealth saves what next says of past refreshes, and removes a login that has ended. Errors
	// are ignored: a token can be refreshed without this.
	saveHealth(next freshet.Connection)
	// afterUnlock is called when T is no longer locked.
	afterUnlock() error
}

func newUpdate(s *Store, at location, lock *tokenLock) *update {
	u := &update{store: s, location: at, lock: lock, dir: lock.dir}
	if at.inDocument() {
		u.layout = ownDocument{u}
	} else {
		u.layout = tokenFile{u}
	}
	return u
}

// loadUpdate reads the connection that is locked, and what an interrupted refresh or login left. It
// takes over lock and document.
func (s *Store) loadUpdate(at location, lock *tokenLock, document found) (*update, error) {
	u := newUpdate(s, at, lock)
	c, source, err := s.read(at, u.dir, document)
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	u.source = source
	if !osfile.RenamesOpenFiles {
		_ = source.Close()
	}
	if c.Pending, u.spilled, err = s.pending(at, u.dir, c, source.info); err != nil {
		_, _ = source.Close(), lock.Close()
		return nil, badJournal(u.name, u.path, err)
	}
	u.hasLogin = c.Pending != nil && c.Pending.Login != nil
	u.initial, u.current, u.content = c, c, source.content
	return u, nil
}

func (u *update) run(ctx context.Context, change freshet.Change) error {
	defer u.close()
	return change(ctx, u.initial, u.save)
}

func (u *update) failpoint(name string) error { return failpoint(u.failpointPrefix + name) }

// reread reads the connection again during the update. It refuses a T that another user has put in
// place of the one that was read.
func (u *update) reread() (freshet.Connection, error) {
	if u.isUnchanged() {
		c := u.initial
		c.Pending = nil
		return c, nil
	}
	document, err := u.store.findAgain(u.location)
	if err != nil {
		return freshet.Connection{}, err
	}
	c, now, err := u.store.read(u.location, u.dir, document)
	if err != nil {
		return freshet.Connection{}, err
	}
	defer now.Close()
	if !sameOwner(now.info, u.source.info) {
		return freshet.Connection{}, &freshet.SetupError{
			Name: u.name, Kind: oauth.Temporary, What: u.path + " was replaced by a file of another user",
			Remedy: "find out who did that, then run it again", Err: errForeign,
		}
	}
	return c, nil
}

// isUnchanged reports whether all that Get returns is as load has read it. Nothing else than T can
// change, unless T is not all of the connection: a registration in a document is not locked with T.
func (u *update) isUnchanged() bool {
	if u.document != "" && !u.inDocument() || !sameHealth(u.initial, u.current) {
		return false
	}
	was := u.source.info
	now, err := u.dir.Lstat(u.sibling(""))
	if err != nil || !osfile.SameFile(now, was) || !sameOwner(now, was) || now.Size() != was.Size() ||
		!now.ModTime().Equal(was.ModTime()) {
		return false
	}
	// The times of a file may be as coarse as two seconds.
	content := make([]byte, len(u.source.content))
	_, err = u.source.ReadAt(content, 0)
	return err == nil && bytes.Equal(content, u.source.content)
}

// pending returns the interrupted refresh or login that the journal or a spill holds, or nil, and
// the path of the spill.
func (s *Store) pending(at location, dir *osfile.Dir, c freshet.Connection, info fs.FileInfo) (
	found *freshet.Pending, spilled string, err error,
) {
	if found, err = readJournalIn(dir, at.sibling(".pending"), info); err != nil {
		return nil, "", err
	}
	if found == nil || found.Reply == nil {
		if reply, path := s.findSpill(at.path, c.Token, info); reply != nil {
			found, spilled = reply, path
		}
	}
	if found != nil && found.Login != nil {
		err = completeLogin(found, at, c)
	}
	return found, spilled, err
}

// save implements [freshet.Save].
func (u *update) save(next freshet.Connection) (err error) {
	if !next.Token.Equal(u.current.Token) {
		// The same time at every attempt to save this token.
		if next.Saved = next.Health.LastSuccess; next.Saved.IsZero() {
			next.Saved = time.Now()
		}
	}
	u.indexToken(next)
	switch {
	case u.layout.mustReplace(next):
		if err = u.checkUnannounced(next); err == nil {
			err = u.replace(next)
		}
	case next.Pending == nil:
		err = u.clearJournal()
	case next.Pending.Reply != nil:
		if !reflect.DeepEqual(next.Pending, u.current.Pending) {
			err = u.saveReply(next.Pending)
		}
	case next.Pending.Problem == "":
		err = u.prepare(next)
	default:
		err = u.rewriteIntent(next.Pending)
	}
	if err != nil {
		return err
	}
	if u.loginEnded(next) || !sameHealth(next, u.current) {
		u.layout.saveHealth(next)
	}
	u.current = next
	return nil
}

func sameRegistration(a, b freshet.Connection) bool {
	a.Client.Secret, b.Client.Secret = "", ""
	return reflect.DeepEqual(a.Registration, b.Registration)
}

func sameHealth(a, b freshet.Connection) bool {
	return reflect.DeepEqual(a.Health, b.Health) && reflect.DeepEqual(a.History, b.History)
}

// loginEnded reports whether next ends a login that the document may still have.
func (u *update) loginEnded(next freshet.Connection) bool {
	return u.hasLogin && (next.Pending == nil || next.Pending.Login == nil)
}

// spare is how much a reply and the next version may be larger than T, in bytes.
const spare = 64 << 10

// prepare checks that the result of the refresh or login that next begins can be saved, reserves
// the space, and writes the intent. The refresh token may be sent when it returns nil.
func (u *update) prepare(next freshet.Connection) error {
	if err := u.checkReplaceable(); err != nil {
		return unwritable(u.name, u.path, err)
	}
	if next.Pending.Login != nil {
		u.hasLogin = true
		u.isFirstToken = hasNoToken(u.initial)
		if err := u.checkTarget("nothing was sent"); err != nil {
			return err
		}
		if err := u.layout.saveLogin(next); err != nil {
			return unwritable(u.name, u.path, err)
		}
	}
	err := u.reserve(next.Pending)
	if err != nil && u.current.Pending == nil {
		err = errors.Join(err, u.clearJournal())
	}
	if err != nil {
		u.removeNext()
		return unwritable(u.name, u.path, err)
	}
	return nil
}

// CheckSavable returns the error that would prevent saving a new token of the connection: a missing
// permission, a full disk, a file that a rename cannot replace. It waits for the lock, sends nothing, and
// leaves the connection as it is.
func (s *Store) CheckSavable(ctx context.Context, name string) error {
	u, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer u.lock.Close()
	defer u.close()
	u.failpointPrefix = "check."
	if err := u.checkReplaceable(); err != nil {
		return err
	}
	if err := u.createNext(int64(len(u.content)) + spare); err != nil {
		return unwritable(name, u.path, err)
	}
	return nil
}

// checkUnannounced checks the target of a token that no journal announced, such as one of client
// credentials. Like that of a login, it does not depend on the content of the file.
func (u *update) checkUnannounced(next freshet.Connection) error {
	announced := u.current.Pending != nil && (u.journal != nil || !IsMark(u.current.Pending))
	if announced || next.Token.Equal(u.current.Token) {
		return nil
	}
	u.isFirstToken = u.isFirstToken || hasNoToken(u.initial)
	return u.checkTarget("nothing was saved")
}

// IsMark reports whether p only says that a refresh was interrupted: there is no reply to save.
func IsMark(p *freshet.Pending) bool {
	return p != nil && p.Reply == nil && p.Login == nil && p.SpilledTo == ""
}

// EndPending returns how to end the interrupted refresh or login p.
func EndPending(p *freshet.Pending) oauth.Remedy {
	if IsMark(p) {
		return "{force}" // without it, nothing is sent while the access token is valid
	}
	return "{refresh}"
}

func hasNoToken(c freshet.Connection) bool {
	return c.Token.AccessToken() == "" && c.Token.RefreshToken() == ""
}

func (u *update) reserve(intent *freshet.Pending) error {
	if err := u.openJournal(); err != nil {
		return err
	}
	size := int64(len(u.content)) + spare
	block, err := intentBlock(intent)
	if err != nil {
		return err
	}
	if err := u.journal.reserve(int64(len(block)) + size); err != nil {
		return err
	}
	if u.journal.replaces(u.location) {
		// The predecessor's intent stays until there is space for the next version, too.
		if err := u.journal.writeIntent(u.current.Pending); err != nil {
			return err
		}
		if err := u.journal.takePlace(u.location); err != nil {
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

// saveReply writes the reply to the journal, or to a spill if that fails.
func (u *update) saveReply(p *freshet.Pending) error {
	err := u.journal.writeReply(p)
	if err == nil {
		return nil
	}
	path, spillErr := u.spill(p)
	if spillErr != nil {
		return errors.Join(err, spillErr)
	}
	u.spilled = path
	// The intent tells processes that cannot see the spill not to send the old refresh token. The
	// others look for the spill anyway, so an error is ignored.
	intent := *p
	intent.Reply, intent.SpilledTo = nil, path
	_ = u.rewriteIntent(&intent)
	return nil
}

// rewriteIntent records how a refresh ended that has no reply.
func (u *update) rewriteIntent(p *freshet.Pending) error {
	if err := u.readAttributes(nil); err != nil {
		return err
	}
	if err := u.openJournal(); err != nil {
		return err
	}
	if err := u.journal.writeIntent(p); err != nil {
		return err
	}
	return u.journal.takePlace(u.location)
}

// clearJournal removes the journal and the spill of a refresh that has ended.
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

// close releases everything but the lock of T. The journal of a refresh that has not ended stays.
func (u *update) close() {
	for _, lock := range u.copies {
		_ = lock.Close()
	}
	u.removeNext()
	if u.journal != nil {
		u.journal.close()
	}
	_ = u.source.Close()
}
