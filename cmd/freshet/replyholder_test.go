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

// replyHolder is a proxy of a server. It holds replies until the test releases them.
type replyHolder struct {
	url   string
	acted chan struct{} // receives when the server has acted on a request

	release func() // sends the delayed replies
	settle  func() // waits for the end of all requests, and closes the proxy
	opened  chan struct{}
	pause   time.Duration

	mu     sync.Mutex
	answer []byte // the last reply
	passed bool   // it was sent completely
}

// newReplyHolder returns a front of the server.
func newReplyHolder(t *testing.T, server *oauthtest.Server) *replyHolder {
	f := &replyHolder{acted: make(chan struct{}, 16), opened: make(chan struct{})}
	f.release = sync.OnceFunc(func() { close(f.opened) })
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		f.keep(answer.Body.Bytes(), false)
		f.acted <- struct{}{}
		<-f.opened
		time.Sleep(f.pause) // a slow server
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // the client may have been killed
		_ = http.NewResponseController(w).Flush()
		f.keep(answer.Body.Bytes(), true)
	}))
	f.settle = sync.OnceFunc(func() { f.release(); listener.Close() })
	t.Cleanup(f.settle)
	f.url = listener.URL + strings.TrimPrefix(server.TokenEndpoint(), server.URL())
	return f
}

func (f *replyHolder) keep(answer []byte, passed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer, f.passed = answer, passed
}

func (f *replyHolder) last() (answer []byte, passed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.answer, f.passed
}

// through returns a command that uses the proxy.
func (s *savedToken) through(f *replyHolder, args ...string) *exec.Cmd {
	s.t.Helper()
	return s.command(append(args, "--token-url", f.url)...)
}
