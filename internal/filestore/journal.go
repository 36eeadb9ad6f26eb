package filestore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// journal is an open T.pending. It holds the intent: one line of JSON, padded with zeros to whole
// blocks, that says which process began the refresh, when, and with which refresh token (a hash).
// The server's reply follows it as a frame: one line of JSON with the reply's head and hash, then
// the body. Each of the two is written with one call, so a killed process leaves the whole, or
// something with another hash.
//
// Other users may be able to write T.pending. So it holds what the provider replied and when, and
// nothing of what a login changes in the registration (pendinglogin.go).
type journal struct {
	savedFile
	dir  *osfile.Dir
	name string // of the file now: T.next until it replaces the journal of a predecessor
}

// intentUnit is the unit to which the size of an intent is rounded up, in bytes.
const intentUnit = 4096

// frame is the head of a journaled reply.
type frame struct {
	Intent   string       `json:"intent"` // SHA-256 of the intent that it answers
	Received time.Time    `json:"received"`
	Reply    *oauth.Reply `json:"reply"`
	Length   int          `json:"length"`
	SHA256   string       `json:"sha256"`
}

// openJournal creates T.pending with the owner, mode and attributes of T, unless that is done. If a
// predecessor left one, the new file is T.next until it holds an intent and [journal.takePlace] is
// called: T.pending always says that a refresh was interrupted.
func (u *update) openJournal() error {
	if u.journal != nil {
		return nil
	}
	name := u.sibling(".pending")
	f, err := u.dir.Create(name)
	if errors.Is(err, fs.ErrExist) {
		if u.current.Pending != nil {
			name = u.sibling(".next")
		} // otherwise its intent is incomplete, and nothing was sent
		f, err = u.dir.CreateNew(name)
	}
	if err != nil {
		return err
	}
	info, err := u.applyAttributes(f)
	if err != nil {
		return errors.Join(err, f.Close(), u.dir.Remove(name))
	}
	u.journal = &journal{savedFile{File: f, info: info}, u.dir, name}
	return nil
}

// replaces reports whether T.pending still is the journal of a predecessor.
func (j *journal) replaces(at location) bool { return j.name != at.sibling(".pending") }

// takePlace renames the journal to T.pending, unless it has that name. It does not sync the directory.
func (j *journal) takePlace(at location) error {
	if !j.replaces(at) {
		return nil
	}
	if err := j.checkName(); err != nil {
		return err
	}
	if err := j.dir.Rename(j.name, at.sibling(".pending")); err != nil {
		return err
	}
	j.name = at.sibling(".pending")
	return j.checkName()
}

func (j *journal) reserve(size int64) error {
	if err := failpoint("pending.reserve"); err != nil {
		return err
	}
	return osfile.Allocate(j.File, size)
}

func (j *journal) writeIntent(p *freshet.Pending) error {
	block, err := intentBlock(p)
	if err != nil {
		return err
	}
	if err := failpoint("intent.write"); err != nil {
		return err
	}
	if _, err := j.WriteAt(block, 0); err != nil {
		return err
	}
	return errors.Join(j.Sync(), failpoint("intent.synced"))
}

// writeReply writes the reply behind the intent. It fails if the journal was removed during the
// request.
func (j *journal) writeReply(p *freshet.Pending) error {
	if j == nil {
		return errors.New("no journal is open")
	}
	intent, reply, err := encodeJournal(p)
	if err != nil {
		return err
	}
	if err := failpoint("reply.write"); err != nil {
		return err
	}
	if _, err := j.WriteAt(reply, int64(len(intent))); err != nil {
		return err
	}
	if err := failpoint("reply.written"); err != nil {
		return err
	}
	return errors.Join(j.Sync(), failpoint("reply.synced"), j.checkName())
}

func (j *journal) checkName() error {
	_, err := j.dir.CheckOnlyName(j.name, j.info)
	return err
}

func (j *journal) close() { _ = j.Close() } // every write was synced

// encodeJournal encodes a Pending with a reply.
func encodeJournal(p *freshet.Pending) (intent, reply []byte, err error) {
	if intent, err = intentBlock(p); err == nil {
		reply, err = replyFrame(p, intent)
	}
	return intent, reply, err
}

// intentBlock encodes a Pending without its reply, and without what a login changes in the
// registration.
func intentBlock(p *freshet.Pending) ([]byte, error) {
	intent := *p
	intent.Reply, intent.Received = nil, time.Time{}
	if p.Login != nil {
		intent.Login = &freshet.PendingLogin{Name: p.Login.Name, Nonce: p.Login.Nonce, Before: p.Login.Before}
	}
	line, err := json.Marshal(intent)
	if err == nil && len(line) > maxIntent {
		err = fmt.Errorf("an intent of %d bytes", len(line))
	}
	if err != nil {
		return nil, err
	}
	block := make([]byte, intentSize(len(line)))
	copy(block, append(line, '\n'))
	return block, nil
}

const maxIntent = 64 << 10

// intentSize returns the size of an intent with a line of that many bytes.
func intentSize(line int) int { return (line/intentUnit + 1) * intentUnit }

func replyFrame(p *freshet.Pending, intent []byte) ([]byte, error) {
	body := p.Reply.Body
	line, err := json.Marshal(frame{
		Intent: hash(intent), Received: p.Received, Reply: p.Reply, Length: len(body), SHA256: hash(body),
	})
	if err != nil {
		return nil, err
	}
	return append(append(line, '\n'), body...), nil
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// readJournalIn reads a journal in dir as [readJournal] does.
func readJournalIn(dir *osfile.Dir, name string, token fs.FileInfo) (*freshet.Pending, error) {
	f, err := dir.Open(name, os.O_RDONLY)
	return readJournal(f, err, token)
}

// readJournal reads the journal that was opened as f, or with the error err. It returns nil if
// there is none, or if it has no complete intent: nothing was sent, because the intent is synced
// before that. token describes T, whose owner may have written the journal.
func readJournal(f *osfile.File, err error, token fs.FileInfo) (*freshet.Pending, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := checkSibling(f, token); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, 2*maxIntent+2*oauth.MaxReply))
	if err != nil {
		return nil, err
	}
	p := parseJournal(data)
	if p != nil && p.Login != nil {
		// An earlier version of this package wrote the registration here. Only the connection's
		// document counts.
		p.Login.Registration = freshet.Registration{}
		if before := p.Login.Before; before != nil {
			before.Login, before.Reply = nil, nil // it is written again when the login fails
		}
	}
	return p, nil
}

func parseJournal(data []byte) *freshet.Pending {
	size := intentSize(max(bytes.IndexByte(data, '\n'), 0))
	if len(data) < size {
		return nil
	}
	intent, rest := data[:size], data[size:]
	p := new(freshet.Pending)
	if json.Unmarshal(bytes.TrimRight(intent, "\x00"), p) != nil || p.Since.IsZero() {
		return nil
	}
	line, body, ok := bytes.Cut(rest, []byte("\n"))
	var head frame
	if !ok || json.Unmarshal(line, &head) != nil || head.Reply == nil || head.Intent != hash(intent) {
		return p
	}
	if head.Length < 0 || head.Length > len(body) || hash(body[:head.Length]) != head.SHA256 {
		return p
	}
	p.Reply, p.Received = head.Reply, head.Received
	p.Reply.Body = body[:head.Length]
	return p
}
