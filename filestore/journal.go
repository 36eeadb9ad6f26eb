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
	"github.com/freshet-dev/freshet/oauth"
)

// journal is T.pending, open. It begins with the intent, one line of JSON padded with zeros to whole blocks: who began the refresh,
// when, and a hash of the refresh token that it spends. Behind it, once the server has answered, comes a frame: one line
// of JSON with the reply's head and hash, then its body. Each is written with one call, so that a killed process leaves
// all of it or something whose hash is wrong.
type journal struct{ file *os.File }

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

// openJournal opens or creates T.pending with T's owner and mode.
func openJournal(path string) (*journal, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+".pending", os.O_RDWR|os.O_CREATE|openNoFollow|openNonblock, 0o600)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(requireOwnFile(f), copyAttributes(f, path, info)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &journal{f}, nil
}

// requireOwnFile refuses what somebody else may have put in place of our file: anything not regular or linked elsewhere.
func requireOwnFile(f *os.File) error {
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || linkCount(info) > 1) {
		err = &fs.PathError{Op: "open", Path: f.Name(), Err: errNotRegular}
	}
	return err
}

func (j *journal) reserve(size int64) error {
	if err := step("pending.reserve"); err != nil {
		return err
	}
	return allocate(j.file, size)
}

func (j *journal) writeIntent(p *freshet.Pending) error {
	block, err := intentBlock(p)
	if err != nil {
		return err
	}
	if err := step("intent.write"); err != nil {
		return err
	}
	if _, err := j.file.WriteAt(block, 0); err != nil {
		return err
	}
	return errors.Join(j.file.Sync(), step("intent.synced"))
}

func (j *journal) writeReply(p *freshet.Pending) error {
	if j == nil {
		return errors.New("no journal is open")
	}
	intent := *p
	intent.Reply, intent.Received = nil, time.Time{}
	block, err := intentBlock(&intent)
	if err != nil {
		return err
	}
	data, err := replyFrame(p, block)
	if err != nil {
		return err
	}
	if err := step("reply.write"); err != nil {
		return err
	}
	if _, err := j.file.WriteAt(data, int64(len(block))); err != nil {
		return err
	}
	if err := step("reply.written"); err != nil {
		return err
	}
	return errors.Join(j.file.Sync(), step("reply.synced"), j.stillThere())
}

// stillThere makes sure that what was written has a name: the directory may have been removed while we waited.
func (j *journal) stillThere() error {
	ours, err := j.file.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(j.file.Name())
	if err == nil && !os.SameFile(ours, named) {
		err = &fs.PathError{Op: "write", Path: j.file.Name(), Err: errors.New("the file was replaced")}
	}
	return err
}

func (j *journal) close() { _ = j.file.Close() } // every write was synced

func intentBlock(p *freshet.Pending) ([]byte, error) {
	line, err := json.Marshal(p)
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
// intent is synced before the request.
func readJournal(path string) (*freshet.Pending, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openNoFollow|openNonblock, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := requireOwnFile(f); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, 2*maxIntent+2*oauth.MaxReply))
	if err != nil {
		return nil, err
	}
	return parseJournal(data), nil
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
