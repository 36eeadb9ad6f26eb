package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/oauth"
)

// received is a request that a server received.
type received struct {
	Form          url.Values
	Authorization string
	ContentType   string
	Accept        string
}

func TestSend(t *testing.T) {
	for _, test := range []struct {
		name   string
		client oauth.Client
		form   url.Values
		basic  string
	}{
		{"public client", oauth.Client{ID: "id"}, url.Values{"client_id": {"id"}}, ""},
		{
			"secret in the body",
			oauth.Client{ID: "id", Secret: "s&+"},
			url.Values{"client_id": {"id"}, "client_secret": {"s&+"}},
			"",
		},
		{
			"secret in the header (§2.3.1)",
			oauth.Client{ID: "i:d", Secret: "s /%", Auth: oauth.AuthBasic},
			url.Values{},
			"i%3Ad:s+%2F%25",
		},
		{
			"secret that is not sent",
			oauth.Client{ID: "id", Secret: "s", Auth: oauth.AuthNone},
			url.Values{"client_id": {"id"}},
			"",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []received
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				user, password, _ := r.BasicAuth()
				if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
					t.Errorf("%s %v", r.Method, err)
				}
				got = append(got, received{
					r.PostForm, strings.Trim(user+":"+password, ":"), r.Header.Get("Content-Type"),
					r.Header.Get("Accept"),
				})
				fmt.Fprint(w, `{"access_token":"a"}`)
			}))
			defer server.Close()
			form := oauth.RefreshGrant("r")
			form.Set("resource", "x")
			request := oauth.Request{Endpoint: server.URL, Client: test.client, Form: form}
			reply, err := request.Send(t.Context(), server.Client())
			if err != nil || string(reply.Body) != `{"access_token":"a"}` || reply.Status != 200 {
				t.Fatalf("%+v, %v", reply, err)
			}
			test.form["grant_type"], test.form["refresh_token"], test.form["resource"] = []string{
				"refresh_token",
			}, []string{"r"}, []string{"x"}
			want := []received{{test.form, test.basic, "application/x-www-form-urlencoded", "application/json"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSendJSON(t *testing.T) {
	var body, contentType string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		read, _ := io.ReadAll(r.Body)
		body, contentType = string(read), r.Header.Get("Content-Type")
	}))
	defer server.Close()
	form := oauth.RefreshGrant(`r"1`)
	form["resource"] = []string{"x", "y"}
	r := oauth.Request{Endpoint: server.URL, Client: oauth.Client{ID: "id", Secret: "s"}, Form: form, JSON: true}
	if _, err := r.Send(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want := `{"client_id":"id","client_secret":"s","grant_type":"refresh_token","refresh_token":"r\"1",` +
		`"resource":["x","y"]}`
	if body != want || contentType != "application/json" {
		t.Errorf("%s: %s", contentType, body)
	}
}

// Without GetBody, no transport can repeat the request.
func TestRequestHasNoGetBody(t *testing.T) {
	inspected := answering(func(req *http.Request) (*http.Response, error) {
		if req.GetBody != nil {
			t.Error("the request has a GetBody")
		}
		return result(200, nil, "{}")(req)
	})
	for _, transport := range []http.RoundTripper{inspected, &oauth.Trace{Transport: inspected, Out: io.Discard}} {
		r := oauth.Request{Endpoint: "https://op.example/", Form: oauth.RefreshGrant("r")}
		if _, err := r.Send(t.Context(), &http.Client{Transport: transport}); err != nil {
			t.Error(err)
		}
	}
}

func TestSendAddsHeaders(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	defer server.Close()
	r := oauth.Request{
		Endpoint: server.URL,
		Client:   oauth.Client{ID: "id", Secret: "s"},
		Form:     oauth.RefreshGrant("r"),
		Header:   http.Header{"user-agent": {"mine"}, "Content-Type": {"text/plain"}, "X-Version": {"2"}},
	}
	if _, err := r.Send(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"User-Agent": "mine", "X-Version": "2", "Content-Type": "application/x-www-form-urlencoded",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: %q", name, got[name])
		}
	}
	if diff := cmp.Diff(oauth.RefreshGrant("r"), r.Form); diff != "" {
		t.Errorf("the form changed (-want +got):\n%s", diff)
	}
}

// A client without a secret may be named in a header field instead of the parameter client_id.
func TestSendIDInHeader(t *testing.T) {
	for name, test := range map[string]struct {
		client       oauth.Client
		header, form string
	}{
		"no secret": {oauth.Client{ID: "c"}, "c", "grant_type=refresh_token&refresh_token=r"},
		"a secret": {
			oauth.Client{ID: "c", Secret: "s"},
			"",
			"client_id=c&client_secret=s&grant_type=refresh_token&refresh_token=r",
		},
	} {
		var header, form string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			header, form = r.Header.Get("X-Goog-Api-Key"), string(body)
			_, _ = io.WriteString(w, `{}`)
		}))
		r := oauth.Request{
			Endpoint: server.URL, Client: test.client, Form: oauth.RefreshGrant("r"), IDHeader: "x-goog-api-key",
		}
		if _, err := r.Send(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		server.Close()
		if header != test.header || form != test.form {
			t.Errorf("%s: %q, %s", name, header, form)
		}
	}
}

func TestSendRefusesRequest(t *testing.T) {
	for want, r := range map[string]oauth.Request{
		`the endpoint http://op.example is not https`: {Endpoint: "http://op.example/revoke"},
		`unknown client authentication "jwt"`: {
			Endpoint: "https://op.example/", Client: oauth.Client{Auth: "jwt"},
		},
	} {
		if _, err := r.Send(t.Context(), &http.Client{Transport: silent{}}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestFetch(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %q %s", r.Method, r.Header.Get("Authorization"), r.Header.Get("Accept"))
	}))
	defer server.Close()
	for token, want := range map[oauth.Secret]string{
		"a": `GET "Bearer a" application/json`, "": `GET "" application/json`,
	} {
		reply, err := oauth.Fetch(t.Context(), nil, server.URL+"/userinfo", token)
		if err != nil || string(reply.Body) != want {
			t.Errorf("%s, %v", reply.Body, err)
		}
	}
}

func TestFetchFollowsNoRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the access token went elsewhere")
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer server.Close()
	if reply, err := oauth.Fetch(t.Context(), nil, server.URL, "a"); err != nil || reply.Status != http.StatusFound {
		t.Errorf("%+v, %v", reply, err)
	}
	const want = "the address http://op.example is not https"
	_, err := oauth.Fetch(t.Context(), &http.Client{Transport: silent{}}, "http://op.example/userinfo", "a")
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestSendFollowsNoRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the refresh token went elsewhere")
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	reply, err := oauth.Request{Endpoint: server.URL, Form: oauth.RefreshGrant("r")}.Send(t.Context(), nil)
	if err != nil || reply.Status != http.StatusTemporaryRedirect ||
		reply.Location != strings.TrimPrefix(elsewhere.URL, "http://") {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestSendErrorSent(t *testing.T) {
	refused := httptest.NewServer(nil)
	refused.Close()
	dropping := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}))
	defer dropping.Close()
	untrusted := httptest.NewTLSServer(nil)
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer untrusted.Close()
	for endpoint, sent := range map[string]bool{
		refused.URL: false, "https://no-such-host.invalid/": false, untrusted.URL: false, dropping.URL: true,
	} {
		request := oauth.Request{Endpoint: endpoint, Form: oauth.RefreshGrant("r")}
		_, err := request.Send(t.Context(), oauth.NewHTTPClient())
		var failed *oauth.SendError
		if !errors.As(err, &failed) || failed.Sent != sent {
			t.Errorf("%s: %v, want sent %t", endpoint, err, sent)
		}
	}
}

// The error of a proxy that is down names the proxy, not the server.
func TestSendErrorNamesProxy(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	down := listener.Addr().String()
	for _, scheme := range []string{"http", "https", "socks5"} {
		for _, traced := range []bool{false, true} {
			client, err := oauth.HTTPConfig{Proxy: scheme + "://user:hunter2@" + down}.Client()
			if err != nil {
				t.Fatal(err)
			}
			if traced {
				client.Transport = &oauth.Trace{Transport: client.Transport, Out: io.Discard}
			}
			request := oauth.Request{Endpoint: "https://op.example/", Form: oauth.RefreshGrant("r")}
			_, err = request.Send(t.Context(), client)
			failed, ok := errors.AsType[*oauth.SendError](err)
			if !ok || failed.Sent || failed.Host != "op.example" || failed.Proxy != down {
				t.Errorf("%s: %+v", scheme, failed)
			}
			want := "could not reach the proxy " + down + ": dial tcp " + down + ": connect"
			if !strings.HasPrefix(fmt.Sprint(err), want) {
				t.Errorf("%s: %v, want %s", scheme, err, want)
			}
		}
	}
}

type silent struct{}

func (silent) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// A transport that does not report connections may have sent the request.
func TestUnknownTransportMayHaveSent(t *testing.T) {
	_, err := oauth.Request{
		Endpoint: "https://op.example/", Form: oauth.RefreshGrant("r"),
	}.Send(t.Context(),
		&http.Client{Transport: silent{}})
	var failed *oauth.SendError
	if !errors.As(err, &failed) || !failed.Sent {
		t.Errorf("got %v", err)
	}
}

func TestSendErrorBeforeConnection(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	noProxy := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("no proxy") }}
	for _, test := range []struct {
		ctx       context.Context
		transport http.RoundTripper
	}{{ended, silent{}}, {t.Context(), noProxy}, {t.Context(), &oauth.Trace{Transport: noProxy, Out: io.Discard}}} {
		_, err := oauth.Request{
			Endpoint: "https://op.example/", Form: oauth.RefreshGrant("r"),
		}.Send(test.ctx,
			&http.Client{Transport: test.transport})
		var failed *oauth.SendError
		if !errors.As(err, &failed) || failed.Sent {
			t.Errorf("got %v", err)
		}
	}
}

func TestGrants(t *testing.T) {
	for _, test := range []struct {
		name      string
		got, want url.Values
	}{
		{"a refresh token", oauth.RefreshGrant("r"), url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {"r"},
		}},
		{"a code with PKCE", oauth.CodeGrant("c", "http://127.0.0.1/callback", "v"), url.Values{
			"grant_type": {"authorization_code"}, "code": {"c"},
			"redirect_uri": {"http://127.0.0.1/callback"}, "code_verifier": {"v"},
		}},
		{"a code alone", oauth.CodeGrant("c", "", ""), url.Values{
			"grant_type": {"authorization_code"}, "code": {"c"},
		}},
		{"a device code", oauth.DeviceGrant("d"), url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {"d"},
		}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// The query of an endpoint is kept when parameters are added (RFC 6749 §3.2).
func TestSendKeepsQuery(t *testing.T) {
	var got url.Values
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Query() }))
	defer server.Close()
	r := oauth.Request{
		Endpoint: server.URL + "/token?tenant=acme", Query: true,
		Client: oauth.Client{ID: "c"}, Form: oauth.RefreshGrant("r"),
	}
	if _, err := r.Send(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got.Get("tenant") != "acme" || got.Get("refresh_token") != "r" {
		t.Errorf("got %d parameters", len(got))
	}
}

// net/http repeats a GET if a kept-alive connection breaks. A GET with a token is sent once.
func TestQueryIsSentOnce(t *testing.T) {
	var presented atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if presented.Add(1) == 1 {
			_, _ = io.WriteString(w, "{}")
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}))
	defer server.Close()
	client := oauth.NewHTTPClient()
	defer client.CloseIdleConnections()
	r := oauth.Request{
		Endpoint: server.URL, Query: true, Client: oauth.Client{ID: "c"}, Form: oauth.RefreshGrant("r-1-secret"),
	}
	if _, err := r.Send(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	_, err := r.Send(t.Context(), client)
	if err == nil || presented.Load() != 2 {
		t.Errorf("sent %d times: %v", presented.Load(), err)
	}
	if err != nil && strings.Contains(err.Error(), "r-1-secret") {
		t.Errorf("the error has the token in it: %v", err)
	}
}

// A client id or secret with an invisible character is refused before anything is sent.
func TestClientIsChecked(t *testing.T) {
	for want, client := range map[string]oauth.Client{
		"the client id contains a line break":                    {ID: "c-42\r"},
		"the client secret contains a byte order mark (U+FEFF)":  {ID: "c", Secret: "\ufeffs3cret"},
		"the client secret contains a zero-width space (U+200B)": {ID: "c", Secret: "s3\u200bcret", Auth: oauth.AuthBasic},
		"the client secret contains a zero byte":                 {ID: "c", Secret: "s\x003", Auth: oauth.AuthSecretAsUser},
		"the client id contains a character that is not ASCII":   {ID: "ä", Auth: oauth.AuthNone},
	} {
		fails := answering(func(*http.Request) (*http.Response, error) {
			t.Error("a request was sent")
			return nil, errors.New("no")
		})
		request := oauth.Request{Endpoint: "https://op.example/", Client: client}
		if _, err := request.Send(t.Context(), &http.Client{Transport: fails}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
