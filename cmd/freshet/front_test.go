//go:build unix

package main_test

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// front stands before a server. It knows what the server answered and whether that was sent on, and can hold an answer
// back for as long as a test wants.
type front struct {
	url   string
	acted chan struct{} // gets a value when the server has acted on a request and its answer is held back

	release func() // lets the answers through
	settle  func() // waits until every request that came is dealt with; afterwards none is taken
	opened  chan struct{}
	pause   time.Duration

	mu     sync.Mutex
	answer []byte // the last one
	passed bool   // it was sent on to its last byte
}

// newFront puts a front before the server, which holds every answer back until it is opened.
func newFront(t *testing.T, server *oauthtest.Server) *front {
	f := &front{acted: make(chan struct{}, 16), opened: make(chan struct{})}
	f.release = sync.OnceFunc(func() { close(f.opened) })
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		f.keep(answer.Body.Bytes(), false)
		f.acted <- struct{}{}
		<-f.opened
		time.Sleep(f.pause) // a slow server; nothing waits for it
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // a client that was killed does not want it
		_ = http.NewResponseController(w).Flush()
		f.keep(answer.Body.Bytes(), true)
	}))
	f.settle = sync.OnceFunc(func() { f.release(); listener.Close() })
	t.Cleanup(f.settle)
	f.url = listener.URL + strings.TrimPrefix(server.TokenEndpoint(), server.URL())
	return f
}

func (f *front) keep(answer []byte, passed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer, f.passed = answer, passed
}

func (f *front) last() (answer []byte, passed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.answer, f.passed
}

// through is the command, asking the front and not the server.
func (s *saved) through(f *front, args ...string) *exec.Cmd {
	s.t.Helper()
	return s.command(append(args, "--token-url", f.url)...)
}
