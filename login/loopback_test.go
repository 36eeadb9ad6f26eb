package login_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

func listen(t *testing.T, l login.Loopback) *login.Listener {
	t.Helper()
	listener, err := l.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// waiting is a listener that waits for an answer.
type waiting struct {
	*login.Listener
	attempt login.Attempt
	ended   chan error
	refused chan error
}

// wait starts a listener. If finish is nil, every answer succeeds.
func wait(ctx context.Context, t *testing.T, l login.Loopback, finish func(url.Values) error) waiting {
	t.Helper()
	w := waiting{ended: make(chan error, 1), refused: make(chan error, 10)}
	l.Refused = func(err error) { w.refused <- err }
	w.Listener = listen(t, l)
	w.attempt = begin(t, example(), login.Options{RedirectURI: w.RedirectURI()})
	if finish == nil {
		finish = func(url.Values) error { return nil }
	}
	go func() { w.ended <- w.Wait(ctx, w.attempt, finish) }()
	return w
}

// address returns the listener's address with a query.
func (w waiting) address(query string) string {
	return "http://127.0.0.1:" + strconv.Itoa(w.Port()) + "/callback?" + query
}

// page is the page that a person sees.
type page struct {
	status int
	header http.Header
	text   string
}

func get(t *testing.T, address string) page {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return visit(t, request)
}

func visit(t *testing.T, request *http.Request) page {
	t.Helper()
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{response.StatusCode, response.Header, string(text)}
}

func (p page) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if p.status != status || !strings.Contains(p.text, text) {
			t.Errorf("got %d %s\nwant %d … %s …", p.status, p.text, status, text)
		}
	}
}

// A browser follows the provider's redirect, and the page appears when the token is saved.
func TestLoginWithBrowser(t *testing.T) {
	for name, l := range map[string]login.Loopback{
		"any port of 127.0.0.1": {},
		"any port of localhost": {RedirectURI: "http://localhost/back"},
		"of IPv6":               {RedirectURI: "http://[::1]/callback"},
		"without a path":        {RedirectURI: "http://127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
			reg, r := registered(server), &freshet.Refresher{Store: new(freshet.MemoryStore)}
			listener := listen(t, l)
			a := begin(t, reg, login.Options{RedirectURI: listener.RedirectURI()})
			ended := make(chan error, 1)
			go func() {
				ended <- listener.Wait(t.Context(), a, func(callback url.Values) error {
					_, err := login.Exchange(t.Context(), r, acme, reg, a, callback)
					return err
				})
			}()
			response, err := http.Get(a.URL)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(response.Body)
			if err != nil || !strings.Contains(string(text), "You are logged in") {
				t.Errorf("%s, %v", text, err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if c, err := r.Store.Get(t.Context(), acme); err != nil || !server.ValidAccess(c.Token.AccessToken()) {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

func TestFormPost(t *testing.T) {
	var got url.Values
	w := wait(t.Context(), t, login.Loopback{}, func(callback url.Values) error { got = callback; return nil })
	response, err := http.PostForm(w.address("state=ignored"), url.Values{"state": {w.attempt.State}, "code": {"c"}})
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	if err := <-w.ended; err != nil || got.Get("code") != "c" {
		t.Error(got, err)
	}
}

// The page shows the result of the login.
func TestPageOfFailedLogin(t *testing.T) {
	failure := errors.New("acme: consent was denied <b>")
	w := wait(t.Context(), t, login.Loopback{}, func(url.Values) error { return failure })
	p := get(t, w.address("error=access_denied&state="+w.attempt.State))
	p.want(t, http.StatusOK, "You are not logged in", "acme: consent was denied &lt;b&gt;")
	if err := <-w.ended; !errors.Is(err, failure) {
		t.Error(err)
	}
}

func TestCustomPages(t *testing.T) {
	own := login.Loopback{AllowHTML: []byte("<p>come in</p>"), DenyHTML: []byte("<p>stay out</p>")}
	for want, failure := range map[string]error{"<p>come in</p>": nil, "<p>stay out</p>": errors.New("denied")} {
		w := wait(t.Context(), t, own, func(url.Values) error { return failure })
		get(t, w.address("code=c&state="+w.attempt.State)).want(t, http.StatusOK, want)
		<-w.ended
	}
}

// Answers of other logins are refused and do not end the login. Refused is called once.
func TestAnswersOfOtherLogins(t *testing.T) {
	finished := 0
	w := wait(t.Context(), t, login.Loopback{}, func(url.Values) error { finished++; return nil })
	p := get(t, w.address("code=evil&state=wrong"))
	p.want(t, http.StatusBadRequest, "not the expected login", "belongs to another login")
	get(t, w.address("code=evil")).want(t, http.StatusBadRequest, "has no state")
	get(t, w.address("state=%zz")).want(t, http.StatusBadRequest, "its query is not a form")
	large := bytes.Repeat([]byte("x"), 1<<20)
	response, err := http.Post(w.address(""), "application/x-www-form-urlencoded", bytes.NewReader(large))
	if err == nil && response.StatusCode != http.StatusBadRequest { // or the connection was cut before all was sent
		t.Error(response.Status)
	}
	get(t, w.address("code=c&state="+w.attempt.State)).want(t, http.StatusOK, "You are logged in")
	if err := <-w.ended; err != nil || finished != 1 {
		t.Error(finished, err)
	}
	if err := <-w.refused; !errors.Is(err, login.ErrForeign) ||
		!strings.Contains(err.Error(), "belongs to another login") {
		t.Error(err)
	}
	if len(w.refused) != 0 {
		t.Error("Refused was called twice:", <-w.refused)
	}
}

func TestSecondAnswerIsRefused(t *testing.T) {
	var w waiting
	ready := make(chan struct{})
	w = wait(t.Context(), t, login.Loopback{}, func(callback url.Values) error {
		<-ready
		get(t, w.address("code=second&state="+w.attempt.State)).want(t, http.StatusConflict, "answered already")
		if callback.Get("code") != "first" {
			t.Error(callback)
		}
		return nil
	})
	close(ready)
	get(t, w.address("code=first&state="+w.attempt.State)).want(t, http.StatusOK, "You are logged in")
	if err := <-w.ended; err != nil {
		t.Error(err)
	}
}

func TestWaitEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	w := wait(ctx, t, login.Loopback{}, func(url.Values) error { t.Error("finished"); return nil })
	get(t, w.address("code=evil&state=wrong")) // it is listening
	stop := errors.New("interrupted")
	cancel(stop)
	if err := <-w.ended; !errors.Is(err, stop) || !strings.Contains(err.Error(), w.RedirectURI()) {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(w.Port())); err == nil {
		conn.Close()
		t.Error("the port is still taken")
	}
}

// The address of the page has the code in it: the headers keep the page from sending it anywhere.
func TestPageHeaders(t *testing.T) {
	w := wait(t.Context(), t, login.Loopback{}, nil)
	for _, query := range []string{"code=evil", "code=c&state=" + w.attempt.State} {
		p := get(t, w.address(query))
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
		} {
			if got := p.header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q", name, got)
			}
		}
		if strings.Contains(p.text, "<script") || strings.Contains(p.text, "http") {
			t.Error(p.text)
		}
	}
	<-w.ended
}

func TestOnlyCallbackIsServed(t *testing.T) {
	w := wait(t.Context(), t, login.Loopback{}, func(url.Values) error { t.Error("finished"); return nil })
	good := w.address("code=c&state=" + w.attempt.State)
	for _, test := range []struct {
		method, address, host string
		want                  int
	}{
		{http.MethodGet, strings.Replace(good, "/callback", "/", 1), "", http.StatusNotFound},
		{http.MethodGet, strings.Replace(good, "/callback", "/favicon.ico", 1), "", http.StatusNotFound},
		{http.MethodGet, strings.Replace(good, "/callback", "/callback/", 1), "", http.StatusNotFound},
		{http.MethodHead, good, "", http.StatusMethodNotAllowed},
		{http.MethodPut, good, "", http.StatusMethodNotAllowed},
		{http.MethodGet, good, "evil.example", http.StatusMisdirectedRequest},
		{http.MethodGet, good, "127.0.0.1.evil.example:80", http.StatusMisdirectedRequest},
	} {
		request, err := http.NewRequest(test.method, test.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = test.host
		if p := visit(t, request); p.status != test.want {
			t.Errorf("%+v: %d %s", test, p.status, p.text)
		}
	}
}

func TestPortInUse(t *testing.T) {
	taken := listen(t, login.Loopback{})
	uri := "http://127.0.0.1:" + strconv.Itoa(taken.Port()) + "/callback"
	_, err := login.Loopback{RedirectURI: uri}.Listen(t.Context())
	wantProblem(t, err, oauth.Misconfigured, "port "+strconv.Itoa(taken.Port())+" is in use by another program")
	if p := problem(t, err); !strings.Contains(p.Remedy.String(), "RedirectURI") {
		t.Error(p.Remedy)
	}
}

// A browser may resolve localhost to ::1, so another program with that port would get the code.
func TestIPv6PortInUse(t *testing.T) {
	taken := listen(t, login.Loopback{RedirectURI: "http://[::1]/"})
	_, err := login.Loopback{RedirectURI: "http://localhost:" + strconv.Itoa(taken.Port()) + "/"}.Listen(t.Context())
	wantProblem(t, err, oauth.Misconfigured, "in use by another program")
}

func TestPortRange(t *testing.T) {
	first, second := adjacentPorts(t)
	l := login.Loopback{RedirectURI: "http://127.0.0.1:" + strconv.Itoa(first) + "/callback", LastPort: second}
	got := listen(t, l)
	if got.Port() != second || got.RedirectURI() != "http://127.0.0.1:"+strconv.Itoa(second)+"/callback" {
		t.Error(got.Port(), got.RedirectURI())
	}
	_, err := l.Listen(t.Context())
	wantProblem(t, err, oauth.Misconfigured, "are all in use by other programs")
}

// adjacentPorts returns a port that is now in use, and the next one, which is free.
func adjacentPorts(t *testing.T) (taken, free int) {
	t.Helper()
	for range 100 {
		first := listen(t, login.Loopback{})
		next, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(first.Port()+1))
		if err != nil {
			continue
		}
		next.Close()
		return first.Port(), first.Port() + 1
	}
	t.Fatal("no two adjacent free ports")
	return 0, 0
}

// The provider redirects to the application's web page, and the page redirects the browser here.
func TestCallbackURL(t *testing.T) {
	const bounce = "https://www.example.com/oauth"
	w := wait(t.Context(), t, login.Loopback{CallbackURL: bounce}, nil)
	if w.RedirectURI() != bounce || w.attempt.RedirectURI != bounce {
		t.Error(w.RedirectURI())
	}
	get(t, w.address("code=c&state="+w.attempt.State)).want(t, http.StatusOK, "You are logged in")
	<-w.ended
}

func TestListenRefuses(t *testing.T) {
	for want, l := range map[string]login.Loopback{
		"not on this machine: http://example.com":    {RedirectURI: "http://example.com/callback"},
		"not on this machine: https://127.0.0.1":     {RedirectURI: "https://127.0.0.1/callback"},
		"is not like http://127.0.0.1:8484/callback": {RedirectURI: "http://127.0.0.1/callback#x"},
		"no port 70000":                             {RedirectURI: "http://127.0.0.1:70000/"},
		"the ports 8484 to 8000 are not a range":    {RedirectURI: "http://127.0.0.1:8484/", LastPort: 8000},
		"the ports 0 to 8000 are not a range":       {LastPort: 8000},
		"the callback page is not an https address": {CallbackURL: "http://www.example.com/callback"},
	} {
		_, err := l.Listen(t.Context())
		wantProblem(t, err, oauth.Misconfigured, want)
	}
}
