package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/oauth"
)

func TestSecretDoesNotPrint(t *testing.T) {
	s := oauth.Secret("hunter2")
	holder := struct{ S oauth.Secret }{s}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("a secret", "secret", s)
	for _, printed := range []string{
		fmt.Sprint(s), fmt.Sprintf("%s %v %q %x %d %#v %+v", s, s, s, s, s, s, s), fmt.Sprintf("%+v %#v", holder, holder), log.String(),
	} {
		if strings.Contains(printed, "hunter") || strings.Contains(printed, fmt.Sprintf("%x", "hunter")) {
			t.Errorf("it shows in %q", printed)
		}
	}
	if _, err := json.Marshal(holder); !errors.Is(err, oauth.ErrSecretMarshal) {
		t.Errorf("Marshal: %v", err)
	}
	if oauth.Secret("").String() != "" {
		t.Error("no secret looks like one")
	}
}

func TestReplyDoesNotPrint(t *testing.T) {
	r := oauth.Reply{Host: "op", Status: 200, Body: []byte(`{"access_token":"hunter2"}`)}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("a reply", "reply", r)
	printed := fmt.Sprintf("%v %+v %#v %s %d %x %v", r, r, r, r, r, r, &r) + log.String()
	for _, secret := range []string{"hunter", fmt.Sprintf("%x", "hunter"), "104 117 110"} {
		if strings.Contains(printed, secret) {
			t.Errorf("it shows in %q", printed)
		}
	}
}

func TestAnAnswerThatIsNotHTTPIsNotQuoted(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, "{\"access_token\":\"hunter2\"}\r\n\r\n")
	}()
	_, err = oauth.Refresh{Endpoint: "http://" + listener.Addr().String(), RefreshToken: "r"}.Send(t.Context(), nil)
	var failed *oauth.SendError
	if !errors.As(err, &failed) || !failed.Sent || strings.Contains(err.Error(), "hunter") {
		t.Errorf("got %v", err)
	}
}

func TestParseEndpoint(t *testing.T) {
	for endpoint, ok := range map[string]bool{
		"https://op.example/token":        true,
		"https://op.example:8443/token":   true,
		"http://127.0.0.1:8080/token":     true,
		"http://localhost/token":          true,
		"http://[::1]:1/token":            true,
		"http://op.example/token":         false,
		"http://127.0.0.1.evil.example/":  false,
		"http://localhost.evil.example/":  false,
		"https://user:pass@op.example/":   false,
		"https://op.example/token#f":      false,
		"https:///token":                  false,
		"ftp://op.example/":               false,
		"op.example/token":                false,
		"https://op.example/\x7f":         false,
		"http://10.0.0.1/token":           false,
		"file:///etc/passwd":              false,
		"http://0.0.0.0/":                 false,
		"http://user@127.0.0.1:8080/path": false,
	} {
		if _, err := oauth.ParseEndpoint(endpoint); (err == nil) != ok {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

// received is what a server saw of one request.
type received struct {
	Form          url.Values
	Authorization string
	ContentType   string
	Accept        string
}

func TestSendMakesTheRequestOfRFC6749(t *testing.T) {
	for _, test := range []struct {
		name   string
		client oauth.Client
		form   url.Values
		basic  string
	}{
		{"a public client", oauth.Client{ID: "id"}, url.Values{"client_id": {"id"}}, ""},
		{"a secret goes into the body", oauth.Client{ID: "id", Secret: "s&+"}, url.Values{"client_id": {"id"}, "client_secret": {"s&+"}}, ""},
		{"or into the header, encoded first (§2.3.1)", oauth.Client{ID: "i:d", Secret: "s ü", Auth: oauth.AuthBasic}, url.Values{}, "i%3Ad:s+%C3%BC"},
		{"or nowhere", oauth.Client{ID: "id", Secret: "s", Auth: oauth.AuthNone}, url.Values{"client_id": {"id"}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []received
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				user, password, _ := r.BasicAuth()
				if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
					t.Errorf("%s %v", r.Method, err)
				}
				got = append(got, received{r.PostForm, strings.Trim(user+":"+password, ":"), r.Header.Get("Content-Type"), r.Header.Get("Accept")})
				fmt.Fprint(w, `{"access_token":"a"}`)
			}))
			defer server.Close()
			reply, err := oauth.Refresh{
				Endpoint: server.URL, Client: test.client, RefreshToken: "r", Params: url.Values{"resource": {"x"}},
			}.Send(t.Context(), server.Client())
			if err != nil || string(reply.Body) != `{"access_token":"a"}` || reply.Status != 200 {
				t.Fatalf("%+v, %v", reply, err)
			}
			test.form["grant_type"], test.form["refresh_token"], test.form["resource"] = []string{"refresh_token"}, []string{"r"}, []string{"x"}
			want := []received{{test.form, test.basic, "application/x-www-form-urlencoded", "application/json"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSendFollowsNoRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the refresh token went elsewhere") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	reply, err := oauth.Refresh{Endpoint: server.URL, RefreshToken: "r"}.Send(t.Context(), nil)
	if err != nil || reply.Status != http.StatusTemporaryRedirect || reply.Location != strings.TrimPrefix(elsewhere.URL, "http://") {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestSendTellsWhetherTheRequestMayHaveArrived(t *testing.T) {
	refused := httptest.NewServer(nil)
	refused.Close()
	dropping := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer dropping.Close()
	untrusted := httptest.NewTLSServer(nil)
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer untrusted.Close()
	for endpoint, sent := range map[string]bool{
		refused.URL: false, "https://no-such-host.invalid/": false, untrusted.URL: false, dropping.URL: true,
	} {
		_, err := oauth.Refresh{Endpoint: endpoint, RefreshToken: "r"}.Send(t.Context(), oauth.NewHTTPClient())
		var failed *oauth.SendError
		if !errors.As(err, &failed) || failed.Sent != sent {
			t.Errorf("%s: %v, want sent %t", endpoint, err, sent)
		}
	}
}

type silent struct{}

func (silent) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func TestATransportThatTellsNothingMayHaveSentIt(t *testing.T) {
	_, err := oauth.Refresh{Endpoint: "https://op.example/", RefreshToken: "r"}.Send(t.Context(), &http.Client{Transport: silent{}})
	var failed *oauth.SendError
	if !errors.As(err, &failed) || !failed.Sent {
		t.Errorf("got %v", err)
	}
}

func TestWhatFailsBeforeAConnectionWasNotSent(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	noProxy := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("no proxy") }}
	for _, test := range []struct {
		ctx       context.Context
		transport http.RoundTripper
	}{{ended, silent{}}, {t.Context(), noProxy}} {
		_, err := oauth.Refresh{Endpoint: "https://op.example/", RefreshToken: "r"}.Send(test.ctx, &http.Client{Transport: test.transport})
		var failed *oauth.SendError
		if !errors.As(err, &failed) || failed.Sent {
			t.Errorf("got %v", err)
		}
	}
}

func TestReplyIsReadWithinBounds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cut" {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"refresh_token":"r2",`)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat(" ", 2*oauth.MaxReply))
	}))
	defer server.Close()
	for path, length := range map[string]int{"/cut": 22, "/huge": oauth.MaxReply} {
		reply, err := oauth.Refresh{Endpoint: server.URL + path, RefreshToken: "r"}.Send(t.Context(), nil)
		if err != nil || !reply.Truncated || len(reply.Body) != length {
			t.Errorf("%s: %d bytes, cut short %t, %v", path, len(reply.Body), reply.Truncated, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"7": 7 * time.Second, "-5": 0, "soon": 0, "": 0, "999999999": 24 * time.Hour, "Mon, 23 Nov 2026 12:01:00 GMT": time.Minute,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.Header().Set("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		reply, err := oauth.Refresh{Endpoint: server.URL, RefreshToken: "r"}.Send(t.Context(), nil)
		if err != nil || reply.RetryAfter != want {
			t.Errorf("%q: %v, %v", header, reply.RetryAfter, err)
		}
		server.Close()
	}
}

func TestObject(t *testing.T) {
	for _, test := range []struct {
		name  string
		reply oauth.Reply
		want  string // the object; or the error's text, if it begins with "error: "
	}{
		{"JSON", oauth.Reply{Status: 200, Body: []byte(" {\"a\": 1}\n")}, `{"a": 1}`},
		{"JSON with a byte order mark, called HTML", oauth.Reply{Status: 200, ContentType: "text/html", Body: []byte("\xef\xbb\xbf{}")}, `{}`},
		{"a form", oauth.Reply{Status: 200, Body: []byte("access_token=a%2Bb&expires_in=5&scope=")}, `{"access_token":"a+b","expires_in":"5","scope":""}`},
		{"a form with an error", oauth.Reply{Status: 200, ContentType: "application/x-www-form-urlencoded", Body: []byte("error=bad_refresh_token&error_description=no")}, "error: op answered bad_refresh_token: no"},
		{"an error", oauth.Reply{Status: 400, Body: []byte(`{"error":"invalid_grant","error_description":"gone"}`)}, "error: op answered invalid_grant: gone"},
		{"an error with status 200", oauth.Reply{Status: 200, Body: []byte(`{"error":"invalid_grant"}`)}, "error: op answered invalid_grant"},
		{"an error text with control characters", oauth.Reply{Status: 400, Body: []byte(`{"error":"e","error_description":"a\u001b[31mb\n"}`)}, "error: op answered e: a[31mb"},
		{"an error page", oauth.Reply{Status: 503, Body: []byte("<html>")}, "error: op answered 503 Service Unavailable"},
		{"a redirect", oauth.Reply{Status: 302, Location: "evil"}, "error: op answered 302 Found (a redirect to evil, not followed)"},
		{"HTML as success", oauth.Reply{Status: 200, ContentType: "text/html; charset=x", Body: []byte("<html>")}, "error: op answered, but the reply is not a JSON object (text/html)"},
		{"nothing as success", oauth.Reply{Status: 200}, "error: op answered, but the reply is empty"},
		{"cut short", oauth.Reply{Status: 200, Truncated: true, Body: []byte(`{"access_token":"a"`)}, "error: op answered, but the reply was cut short"},
		{"an array", oauth.Reply{Status: 200, Body: []byte(`[1]`)}, "error: op answered, but the reply is not a JSON object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.reply.Host = "op"
			object, err := test.reply.Object()
			got := string(object)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestKind(t *testing.T) {
	for want, errs := range map[oauth.Kind][]oauth.Error{
		oauth.LoginRequired: {{Code: "invalid_grant", Status: 400}},
		oauth.Misconfigured: {{Code: "invalid_client", Status: 401}, {Code: "anything"}, {Status: 404}, {Status: 307}},
		oauth.Temporary:     {{Status: 429}, {Status: 503, RetryAfter: 1}, {Status: 400, Code: "temporarily_unavailable"}},
		oauth.Unknown:       {{Status: 500}, {Status: 502}, {Status: 503}, {Status: 504}, {Status: 408}, {Status: 500, Code: "server_error"}, {Status: 500, Code: "Internal Server Error"}, {Status: 503, Code: "temporarily_unavailable"}},
	} {
		for _, e := range errs {
			if got := e.Kind(); got != want {
				t.Errorf("%+v is %q, want %q", e, got, want)
			}
		}
	}
}

func FuzzObject(f *testing.F) {
	f.Add(200, "application/json", []byte(`{"access_token":"a"}`))
	f.Add(200, "application/x-www-form-urlencoded", []byte(`access_token=a&b=%00`))
	f.Add(400, "", []byte(`{"error":"x","error_description":5}`))
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		object, err := oauth.Reply{Status: status, ContentType: contentType, Body: body}.Object()
		if err == nil && !json.Valid(object) {
			t.Errorf("%q is not JSON", object)
		}
	})
}
