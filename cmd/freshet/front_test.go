//go:build unix

package main_test

import (
	"net/http"
	"net/http/httptest"
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

	release func()
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
		time.Sleep(f.pause)
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		// The mark comes first: once the bytes are out, nobody can tell how far they have come.
		f.keep(answer.Body.Bytes(), true)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(listener.Close)
	t.Cleanup(f.release)
	f.url = listener.URL + "/services/oauth2/token"
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

// behind makes freshet ask the front for the saved token.
func (f *front) before(s *saved) { s.flags = append(s.flags, "--token-url", f.url) }
