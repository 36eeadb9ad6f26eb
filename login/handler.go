package login

import (
	"bytes"
	"context"
	_ "embed" // for page.html
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet/internal/urls"
)

const (
	readTimeout = 10 * time.Second
	// writeTimeout includes the exchange, which runs before the page is sent.
	writeTimeout = 3 * time.Minute
	// shutdownTimeout bounds the wait for the last page to be delivered. A browser may hold open a
	// connection on which it sends nothing, and the wait includes that one.
	shutdownTimeout = 500 * time.Millisecond

	maxHeader = 64 << 10
	maxForm   = 256 << 10 // enough for an id_token
)

// Wait serves the redirect address until the answer to the attempt arrives, and calls finish with
// it, once. finish usually calls [Exchange]. The person then sees a page with the result of finish.
// Wait returns finish's error after the page has been delivered.
//
// Answers may come by query or by form_post. Those of other logins, and a second answer, are
// refused with a page. If ctx ends before the answer arrives, the error wraps the cause of ctx.
func (l *Listener) Wait(ctx context.Context, a Attempt, finish func(callback url.Values) error) error {
	h := &callbackHandler{Listener: l, attempt: a, answers: make(chan url.Values, 1), finished: make(chan struct{})}
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	server.SetKeepAlivesEnabled(false) // so that a closed connection means that the page was delivered
	for _, n := range l.listeners {
		go func() { _ = server.Serve(n) }()
	}
	defer shutdown(ctx, server)
	defer close(h.finished)
	select {
	case callback := <-h.answers:
		h.err = finish(callback)
		return h.err
	case <-ctx.Done():
	}
	if h.answered.CompareAndSwap(false, true) {
		h.err = fmt.Errorf("no answer of the provider came to %s: %w", l.redirectURI, context.Cause(ctx))
		return h.err
	}
	h.err = finish(<-h.answers) // the answer arrived while ctx ended
	return h.err
}

func shutdown(ctx context.Context, server *http.Server) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close()
	}
}

// callbackHandler serves the redirect address of one attempt.
type callbackHandler struct {
	*Listener
	attempt  Attempt
	answered atomic.Bool     // the answer has arrived, or Wait has returned
	answers  chan url.Values // has room for the answer
	finished chan struct{}   // closed when err is the result of the login
	err      error
	refused  sync.Once
}

func (h *callbackHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !isLoopback(r.Host): // DNS rebinding: a page whose host name leads here could read the answer
		http.Error(w, "this address is for this machine only", http.StatusMisdirectedRequest)
	case r.URL.Path != h.path:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "only GET and POST", http.StatusMethodNotAllowed)
	default:
		h.serveAnswer(w, r)
	}
}

func isLoopback(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = hostPort // without a port
	}
	return urls.IsLoopback(host)
}

func (h *callbackHandler) serveAnswer(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	r.Body = readCloser{io.TeeReader(http.MaxBytesReader(w, r.Body, maxForm), &body), r.Body}
	callback, err := parseAnswer(r)
	if err == nil {
		err = h.attempt.checkState(callback)
	}
	switch {
	case err != nil:
		if h.options.Refused != nil {
			h.refused.Do(func() { h.options.Refused(err) })
		}
		otherLogin.send(w, http.StatusBadRequest, err.Error())
		return
	case !h.answered.CompareAndSwap(false, true):
		answeredBefore.send(w, http.StatusConflict, "Only the first answer counts.")
		return
	}
	if h.options.Received != nil {
		h.options.Received(requestText(r, body.Bytes()))
	}
	h.answers <- callback
	<-h.finished
	switch {
	case h.err == nil && h.options.AllowHTML != nil:
		sendHTML(w, http.StatusOK, h.options.AllowHTML)
	case h.err == nil:
		loggedIn.send(w, http.StatusOK, "The token is saved.")
	case h.options.DenyHTML != nil:
		sendHTML(w, http.StatusOK, h.options.DenyHTML)
	default:
		notLoggedIn.send(w, http.StatusOK, h.err.Error())
	}
}

// parseAnswer returns the parameters of the query, or of the form if the method is POST.
func parseAnswer(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodGet {
		callback, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return nil, foreign("the answer cannot be read: its query is not a form")
		}
		return callback, nil
	}
	if err := r.ParseForm(); err != nil {
		why := "its body is not a form"
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			why = "it is too large"
		}
		return nil, foreign("the answer cannot be read: " + why)
	}
	return r.PostForm, nil
}

// readCloser reads from Reader and closes Closer.
type readCloser struct {
	io.Reader
	io.Closer
}

// requestText returns the request as a browser sends it, with its header in the order of the names.
func requestText(r *http.Request, body []byte) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s %s\r\nHost: %s\r\n", r.Method, r.RequestURI, r.Proto, r.Host)
	_ = r.Header.Write(&out) // a buffer accepts everything
	out.WriteString("\r\n")
	out.Write(body)
	return out.Bytes()
}

// pageTemplate is filled in by strings.Replacer. html/template would enlarge every program: it
// finds methods by name, so that the linker cannot remove any.
//
//go:embed page.html
var pageTemplate string

// page is shown to the person when the browser returns.
type page struct {
	title string
	class string // of the title: good, bad or neither
	next  string // what to do next
}

var (
	loggedIn    = page{"You are logged in", "good", "You can close this window."}
	notLoggedIn = page{"You are not logged in", "bad", "You can close this window and try again."}
	otherLogin  = page{
		"This is not the expected login", "bad",
		"Nothing has changed. Finish the login in the window where you began it, or begin it again.",
	}
	answeredBefore = page{"This login has been answered already", "", "You can close this window."}
)

// send sends the page with the reason for it.
func (p page) send(w http.ResponseWriter, status int, reason string) {
	sendHTML(w, status, []byte(strings.NewReplacer(
		"{{title}}", p.title, "{{class}}", p.class, "{{next}}", p.next,
		"{{reason}}", html.EscapeString(printable(reason, 1000)),
	).Replace(pageTemplate)))
}

// sendHTML sends a page. The address of the page has the code in it: the page may not be cached or
// framed, load anything, or send a Referer.
func sendHTML(w http.ResponseWriter, status int, html []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(html)))
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(html) // an error means that the browser has gone
}
