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

// journal is T.pending, open. It begins with the intent, one line of JSON padded with zeros to whole blocks: who began the refresh,
// when, and a hash of the refresh token that it spends. Behind it, once the server has answered, comes a frame: one line
// of JSON with the reply's head and hash, then its body. Each is written with one call, so that a killed process leaves
// all of it or something whose hash is wrong.
//
// What is in it came from beside a token, so it says what the provider replied and when, but not what a login changes in the
// registration: that is in the connection's own document (pendinglogin.go).
type journal struct {
	file *os.File
	dir  *osfile.Dir
	name string // where the file is now; T.next until it replaces a predecessor's journal
}

// intentUnit is what an intent's size is rounded up to, in bytes: one block for a refresh, and seldom more for a login.
const intentUnit = 4096

// frame is the head of a journalled reply.
type frame struct {
	Intent   string       `json:"intent"` // SHA-256 of the intent that it answers
	Received time.Time    `json:"received"`
	Reply    *oauth.Reply `json:"reply"`
	Length   int          `json:"length"`
	SHA256   string       `json:"sha256"`
}

// createJournal creates T.pending with T's owner and mode. If a predecessor left one, the new file is T.next until
// it holds an intent and [journal.takePlace] is called: at every moment there is a mark of an interrupted refresh.
func (u *update) createJournal() (*journal, error) {
	name := u.sibling(".pending")
	f, err := u.dir.Create(name)
	if errors.Is(err, fs.ErrExist) {
		if u.saved.Pending != nil {
			name = u.sibling(".next")
		} // else it has no whole intent, and nothing was sent
		f, err = u.dir.CreateNew(name)
	}
	if err != nil {
		return nil, err
	}
	if err := u.giveAttributes(f); err != nil {
		return nil, errors.Join(err, f.Close(), u.dir.Remove(name))
	}
	return &journal{f, u.dir, name}, nil
}

// replaces reports whether a predecessor's journal still has the place.
func (j *journal) replaces(p place) bool { return j.name != p.sibling(".pending") }

// takePlace puts the journal in the place of a predecessor's.
func (j *journal) takePlace(p place) error {
	if !j.replaces(p) {
		return nil
	}
	if err := j.stillThere(); err != nil {
		return err
	}
	if err := j.dir.Rename(j.name, p.sibling(".pending")); err != nil {
		return err
	}
	j.name = p.sibling(".pending")
	return j.stillThere()
}

func (j *journal) reserve(size int64) error {
	if err := failpoint("pending.reserve"); err != nil {
		return err
	}
	return osfile.Allocate(j.file, size)
}

func (j *journal) writeIntent(p *freshet.Pending) error {
	block, err := intentBlock(p)
	if err != nil {
		return err
	}
	if err := failpoint("intent.write"); err != nil {
		return err
	}
	if _, err := j.file.WriteAt(block, 0); err != nil {
		return err
	}
	return errors.Join(j.file.Sync(), failpoint("intent.synced"))
}

func (j *journal) writeReply(p *freshet.Pending) error {
	if j == nil {
		return errors.New("no journal is open")
	}
	block, err := intentBlock(p)
	if err != nil {
		return err
	}
	data, err := replyFrame(p, block)
	if err != nil {
		return err
	}
	if err := failpoint("reply.write"); err != nil {
		return err
	}
	if _, err := j.file.WriteAt(data, int64(len(block))); err != nil {
		return err
	}
	if err := failpoint("reply.written"); err != nil {
		return err
	}
	return errors.Join(j.file.Sync(), failpoint("reply.synced"), j.stillThere())
}

// stillThere checks that what was written has its name: the directory may have been removed during the request.
func (j *journal) stillThere() error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	return j.dir.CheckOnlyName(j.name, info)
}

func (j *journal) close() { _ = j.file.Close() } // every write was synced

// intentBlock encodes p without its reply and without what a login changes in the registration.
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

// intentSize is the size of an intent whose line has so many bytes.
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

// readJournal reads a pending refresh, or nil if there is none. A journal without a whole intent was never sent: the
// intent is synced before the request. token is the file that it is about: the journal must have a trusted owner. f and err are
// what opening it brought.
func readJournal(f *os.File, err error, token fs.FileInfo) (*freshet.Pending, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := checkSibling(f, token); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, 2*maxIntent+2*oauth.MaxReply))
	if err != nil {
		return nil, err
	}
	p := parseJournal(data)
	if p != nil && p.Login != nil {
		// An earlier version wrote more of a login here. Only the connection's document is believed.
		p.Login.Registration = freshet.Registration{}
		if before := p.Login.Before; before != nil {
			before.Login, before.Reply = nil, nil // a mark and no more; it is written again when the login fails
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
