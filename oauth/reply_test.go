package oauth_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

func TestReplyTruncated(t *testing.T) {
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
		reply, err := oauth.Request{Endpoint: server.URL + path, Form: oauth.RefreshGrant("r")}.Send(t.Context(), nil)
		if err != nil || !reply.Truncated || len(reply.Body) != length {
			t.Errorf("%s: %d bytes, truncated %t, %v", path, len(reply.Body), reply.Truncated, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"7": 7 * time.Second, "-5": 0, "soon": 0, "": 0, "999999999": 24 * time.Hour,
		"Mon, 23 Nov 2026 12:01:00 GMT": time.Minute,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.Header().Set("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		reply, err := oauth.Request{Endpoint: server.URL, Form: oauth.RefreshGrant("r")}.Send(t.Context(), nil)
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
		want  string // the object, or "error: " and the error
	}{
		{"JSON", oauth.Reply{Status: 200, Body: []byte(" {\"a\": 1}\n")}, `{"a": 1}`},
		{
			"JSON with a byte order mark, as HTML",
			oauth.Reply{Status: 200, ContentType: "text/html", Body: []byte("\xef\xbb\xbf{}")},
			`{}`,
		},
		{
			"a form",
			oauth.Reply{Status: 200, Body: []byte("access_token=a%2Bb&expires_in=5&scope=")},
			`{"access_token":"a+b","expires_in":"5","scope":""}`,
		},
		{
			"a form with a refresh token that is not UTF-8",
			oauth.Reply{Status: 200, Body: []byte("access_token=a&refresh_token=r%ff")},
			"error: op answered, but its refresh_token is not UTF-8",
		},
		{
			"a form with a name in Latin-1",
			oauth.Reply{Status: 200, Body: []byte("access_token=a&name=%e4")},
			"{\"access_token\":\"a\",\"name\":\"\xe4\"}",
		},
		{
			"a form with the name of a member in Latin-1",
			oauth.Reply{Status: 200, Body: []byte("access_token=a&n%e4me=a")},
			`{"access_token":"a"}`,
		},
		{
			"a form with an error",
			oauth.Reply{
				Status: 200, ContentType: "application/x-www-form-urlencoded",
				Body: []byte("error=bad_refresh_token&error_description=no"),
			},
			"error: op answered bad_refresh_token: no",
		},
		{
			"an error",
			oauth.Reply{Status: 400, Body: []byte(`{"error":"invalid_grant","error_description":"gone"}`)},
			"error: op answered invalid_grant: gone",
		},
		{
			"an error with status 200",
			oauth.Reply{Status: 200, Body: []byte(`{"error":"invalid_grant"}`)},
			"error: op answered invalid_grant",
		},
		{
			"an error text with control characters",
			oauth.Reply{Status: 400, Body: []byte(`{"error":"e","error_description":"a\u001b[31mb\n"}`)},
			"error: op answered e: a[31mb",
		},
		{
			"an error page",
			oauth.Reply{Status: 503, Body: []byte("<html>")},
			"error: op answered 503 Service Unavailable",
		},
		{
			"a redirect",
			oauth.Reply{Status: 302, Location: "evil"},
			"error: op answered 302 Found (a redirect to evil, not followed)",
		},
		{
			"HTML with status 200",
			oauth.Reply{Status: 200, ContentType: "text/html; charset=x", Body: []byte("<html>")},
			"error: op answered, but the reply is not a JSON object (text/html)",
		},
		{"empty body with status 200", oauth.Reply{Status: 200}, "error: op answered, but the reply is empty"},
		{
			"truncated",
			oauth.Reply{Status: 200, Truncated: true, Body: []byte(`{"access_token":"a"`)},
			"error: op answered, but the reply was cut short",
		},
		{
			"an array",
			oauth.Reply{Status: 200, Body: []byte(`[1]`)},
			"error: op answered, but the reply is not a JSON object",
		},
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
		oauth.LoginRequired: {
			{Code: "invalid_grant", Status: 400},
			{Code: "access_denied", Status: 400},
			{Code: "expired_token", Status: 400},
		},
		oauth.Misconfigured: {{Code: "invalid_client", Status: 401}, {Code: "anything"}, {Status: 404}, {Status: 307}},
		oauth.Temporary: {
			{Status: 429},
			{Status: 503, RetryAfter: 1},
			{Status: 400, Code: "temporarily_unavailable"},
			{Status: 400, Code: "authorization_pending"},
			{Status: 400, Code: "slow_down"},
		},
		oauth.Unknown: {
			{Status: 500},
			{Status: 502},
			{Status: 503},
			{Status: 504},
			{Status: 408},
			{Status: 500, Code: "server_error"},
			{Status: 500, Code: "Internal Server Error"},
			{Status: 503, Code: "temporarily_unavailable"},
		},
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

func BenchmarkObject(b *testing.B) {
	reply := oauth.Reply{Status: 200, ContentType: "application/json;charset=UTF-8", Body: []byte(
		`{"access_token":"00D41000000F8A0!xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_x` +
			`Y7_xY7_xY7_xY7_xY7_xY7_xY7_",` +
			`"signature":"Q1NTTTVEdmNLcGFNb1JUenVRVEpMYjF0Y013OExFTzA=","scope":"refresh_token id api",` +
			`"instance_url":"https://d41000000f8a0eak-dev-ed.my.salesforce.com",` +
			`"id":"https://login.salesforce.com/id/00D41000000F8A0EAK/005410000000000AAA",` +
			`"token_type":"Bearer","issued_at":"1738348399999"}`)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reply.Object(); err != nil {
			b.Fatal(err)
		}
	}
}
