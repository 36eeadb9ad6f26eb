package login

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

const (
	readTimeout = 10 * time.Second
	// writeTimeout begins with the request, and so bounds the exchange, too, that a page waits for.
	writeTimeout = 3 * time.Minute
	// leaveTimeout bounds how long pages that are on their way are waited for. On this machine that takes no time; but a
	// browser may have opened a connection in advance, which would be waited for in vain.
	leaveTimeout = 500 * time.Millisecond

	maxHeader = 64 << 10
	maxForm   = 256 << 10 // an id_token may come along
)

// Wait serves the redirect address until the attempt is answered, and calls finish with the answer, once: usually to call
// [Exchange]. The person sees a page that says how finish ended, so that a page that says "logged in" is true. Wait returns
// finish's error when that page has been delivered.
//
// Answers of other logins are refused with a page, and so is a second answer; the waiting goes on. When ctx ends before the
// answer comes, the error wraps its cause. Answers by query and by form_post are understood.
func (l *Listener) Wait(ctx context.Context, a Attempt, finish func(callback url.Values) error) error {
	d := &desk{Listener: l, attempt: a, answers: make(chan url.Values, 1), done: make(chan struct{})}
	server := &http.Server{
		Handler:           d,
		ReadHeaderTimeout: readTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	server.SetKeepAlivesEnabled(false) // a connection that has ended is a page that has arrived
	for _, n := range l.listeners {
		go func() { _ = server.Serve(n) }() // ends with the server
	}
	defer leave(ctx, server)
	defer close(d.done)
	select {
	case callback := <-d.answers:
		d.err = finish(callback)
		return d.err
	case <-ctx.Done():
	}
	if d.claimed.CompareAndSwap(false, true) {
		d.err = fmt.Errorf("nobody came back from the provider to %s: %w", l.redirectURI, context.Cause(ctx))
		return d.err
	}
	d.err = finish(<-d.answers) // it came at the last moment
	return d.err
}

func leave(ctx context.Context, server *http.Server) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close()
	}
}

// desk answers the browser while somebody waits.
type desk struct {
	*Listener
	attempt Attempt
	claimed atomic.Bool     // the answer has come, or nobody waits for it any more
	answers chan url.Values // gets that one answer
	done    chan struct{}   // closed once err is how the login ended
	err     error
	refused sync.Once
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !here(r.Host): // a page elsewhere whose name leads here could read the answer (DNS rebinding)
		http.Error(w, "this address is for this machine only", http.StatusMisdirectedRequest)
	case r.URL.Path != d.path:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "only GET and POST", http.StatusMethodNotAllowed)
	default:
		d.answer(w, r)
	}
}

func here(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = hostPort // port 80
	}
	return oauth.IsLoopback(host)
}

func (d *desk) answer(w http.ResponseWriter, r *http.Request) {
	callback, err := read(w, r)
	if err == nil {
		err = d.attempt.recognize(callback)
	}
	switch {
	case err != nil:
		if d.options.Refused != nil {
			d.refused.Do(func() { d.options.Refused(err) })
		}
		stranger.show(w, http.StatusBadRequest, err.Error())
	case !d.claimed.CompareAndSwap(false, true):
		answered.show(w, http.StatusConflict, "Only the first answer counts.")
	default:
		d.answers <- callback
		<-d.done
		d.conclude(w)
	}
}

// read returns the parameters of the answer, from where its method has them.
func read(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.Method == http.MethodGet {
		callback, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return nil, foreign("the answer cannot be read: its query is not a form")
		}
		return callback, nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		why := "its body is not a form"
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			why = "it is too large"
		}
		return nil, foreign("the answer cannot be read: " + why)
	}
	return r.PostForm, nil
}

// conclude shows how the login ended.
func (d *desk) conclude(w http.ResponseWriter) {
	switch {
	case d.err == nil && d.options.AllowHTML != nil:
		send(w, http.StatusOK, d.options.AllowHTML)
	case d.err == nil:
		allowed.show(w, http.StatusOK, "The token is saved.")
	case d.options.DenyHTML != nil:
		send(w, http.StatusOK, d.options.DenyHTML)
	default:
		denied.show(w, http.StatusOK, d.err.Error())
	}
}
