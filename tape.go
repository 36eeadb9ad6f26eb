package freshet

import (
	"errors"
	"io"
	"sync"
)

// tape is a body of which the beginning is recorded while it is read, so that it can be read again
// from there. Safe for several readers at once.
type tape struct {
	body  io.ReadCloser
	limit int // how much is recorded; a read that begins within it is recorded as a whole

	mu      sync.Mutex
	reading bool      // body is being read, without the lock
	hasRead sync.Cond // was read; its lock is mu
	record  []byte    // of what was read; nil if that is more than limit
	read    int
	ended   error // by which body ended
	sealed  bool  // what is being read is recorded even if that exceeds limit
	closed  bool
}

var errNotRecorded = errors.New("the beginning of the body is no longer in memory")

func newTape(body io.ReadCloser, limit int) *tape {
	t := &tape{body: body, limit: max(limit, 0)}
	t.hasRead.L = &t.mu
	return t
}

// readAt reads from the record, or else the body's next bytes. late is a read for a sealed tape.
func (t *tape) readAt(p []byte, at int, late bool) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for at == t.read && t.reading {
		t.hasRead.Wait()
	}
	switch {
	case at < len(t.record):
		return copy(p, t.record[at:]), nil
	case at < t.read:
		return 0, errNotRecorded
	case t.ended != nil:
		return 0, t.ended
	}
	t.reading = true
	t.mu.Unlock()
	n, err := t.body.Read(p)
	t.mu.Lock()
	t.reading = false
	switch {
	case len(t.record) < t.read: // lost
	case len(t.record) <= t.limit || t.sealed && !late:
		t.record = append(t.record, p[:n]...)
	case n > 0:
		t.record = nil
	}
	t.read += n
	t.ended = err
	t.hasRead.Broadcast()
	return n, err
}

// recorded returns what was read, or nil if that is more than is recorded.
func (t *tape) recorded() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.record
}

// seal reports whether the tape has everything that was read, and makes sure that this stays so
// during a read that has begun.
func (t *tape) seal() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sealed = len(t.record) == t.read
	return t.sealed
}

// close closes the body, once. It may be called during a read.
func (t *tape) close() error {
	t.mu.Lock()
	closed := t.closed
	t.closed = true
	t.mu.Unlock()
	if closed {
		return nil
	}
	return t.body.Close()
}

// prefetch reads until found returns true for what was read, the limit or the end of the body,
// which it then closes. It returns whether it was found. found may be nil.
func (t *tape) prefetch(found func([]byte) bool) bool {
	buffer := make([]byte, 4<<10)
	for at := 0; at <= t.limit; {
		n, err := t.readAt(buffer, at, false)
		at += n
		if n > 0 && found != nil && found(t.recorded()) {
			return true
		}
		if errors.Is(err, io.EOF) {
			_ = t.close()
		}
		if err != nil {
			return false
		}
	}
	return false
}
