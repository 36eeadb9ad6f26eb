package freshet

import (
	"io"
	"net/http"
	"sync"
)

// sentBody is the body of a request that can be sent a second time: it has no GetBody, but its
// beginning is recorded.
type sentBody struct {
	tape *tape

	mu      sync.Mutex
	current *sending // reads it now
	last    bool     // closing current closes the body
}

// sending reads the body from its beginning, for one request.
type sending struct {
	body   *sentBody
	at     int
	late   bool // for the second request
	closed bool // guarded by body.mu
}

// recordBody returns nil if the body need not or must not be recorded.
func recordBody(req *http.Request, limit int) *sentBody {
	if req.Body == nil || req.Body == http.NoBody || req.GetBody != nil || limit <= 0 {
		return nil
	}
	b := &sentBody{tape: newTape(req.Body, limit)}
	b.current = &sending{body: b}
	return b
}

// rewind ends the first reading and returns a second, or errNotRecorded if too much was read.
func (b *sentBody) rewind() (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.current.closed = true
	if !b.tape.seal() {
		return nil, errNotRecorded
	}
	b.current = &sending{body: b, late: true}
	return b.current, nil
}

// release makes the transport that sends the body close it. A nil body does nothing.
func (b *sentBody) release() {
	if b == nil {
		return
	}
	b.mu.Lock()
	b.last = true
	closed := b.current.closed
	b.mu.Unlock()
	if closed {
		_ = b.tape.close()
	}
}

func (s *sending) isClosed() bool {
	s.body.mu.Lock()
	defer s.body.mu.Unlock()
	return s.closed
}

func (s *sending) Read(p []byte) (int, error) {
	if s.isClosed() {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := s.body.tape.readAt(p, s.at, s.late)
	s.at += n
	return n, err
}

func (s *sending) Close() error {
	s.body.mu.Lock()
	s.closed = true
	last := s.body.last && s.body.current == s
	s.body.mu.Unlock()
	if last {
		return s.body.tape.close()
	}
	return nil
}

// receivedBody is the body of a response of which the beginning was read before the caller reads
// it.
type receivedBody struct {
	tape *tape
	at   int
}

// prefetch begins to read the response's body, and lets the caller read it from its beginning. It
// reads until found returns true for what was read, the limit or the end of the body, which it then
// closes. The channel gets whether it was found. found may be nil.
func prefetch(res *http.Response, limit int, found func([]byte) bool) <-chan bool {
	b, ok := res.Body.(*receivedBody)
	if !ok {
		b = &receivedBody{tape: newTape(res.Body, limit)}
		res.Body = b
	}
	result := make(chan bool, 1)
	go func() { result <- b.tape.prefetch(found) }()
	return result
}

func (b *receivedBody) Read(p []byte) (int, error) {
	n, err := b.tape.readAt(p, b.at, false)
	b.at += n
	return n, err
}

func (b *receivedBody) Close() error { return b.tape.close() }
