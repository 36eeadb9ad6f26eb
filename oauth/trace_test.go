package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/oauth"
)

// answering is a transport whose server is a function. It reads the request's body, as sending it
// would.
type answering func(*http.Request) (*http.Response, error)

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	return a(req)
}

// answer returns a transport that answers every request with the same reply.
func result(status int, header http.Header, body string) answering {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

var elapsed = regexp.MustCompile(` after [0-9.]+m?s`)

// traced sends the request through a Trace and returns what was written, without the duration.
func traced(t *testing.T, r oauth.Request, transport http.RoundTripper, harmless ...string) string {
	t.Helper()
	var out bytes.Buffer
	_, err := r.Send(t.Context(), &http.Client{
		Transport: &oauth.Trace{Transport: transport, Out: &out, Harmless: harmless},
	})
	if failed, ok := errors.AsType[*oauth.SendError](err); err != nil && !ok {
		t.Fatal(failed, err)
	}
	return elapsed.ReplaceAllString(out.String(), "")
}

func TestTrace(t *testing.T) {
	header := http.Header{
		"Content-Type": {"application/json;charset=UTF-8"}, "Date": {"Mon, 23 Nov 2026 12:00:00 GMT"},
		"Set-Cookie": {"session=hunter2", "b=2"}, "X-Request-Id": {"hunter2"},
	}
	body := `{"access_token":"00D!a", "issued_at":"1738300000000", "expires_in":7200, "scope":"api refresh_token",
		"id":"https://login.salesforce.com/id/00D/005", "custom":{"error":"hunter2"}, "signature":"c2ln"}`
	r := oauth.Request{
		Endpoint: "https://login.salesforce.com/services/oauth2/token?tenant=t1234&client_id=3MVG9",
		Client:   oauth.Client{ID: "3MVG9", Secret: "hunter2", Auth: oauth.AuthBasic},
		Form:     oauth.CodeGrant("aPrx", "https://ann@app.example/callback?session=s#f", "v"),
		Header:   http.Header{"X-Api-Key": {"key"}},
	}
	r.Form["resource"] = []string{"https://a.example", "https://b.example"}
	want := `> POST https://login.salesforce.com/services/oauth2/token?client_id=3MVG9&tenant=[hidden]
> Accept: application/json
> Authorization: Basic [hidden]
> Content-Type: application/x-www-form-urlencoded
> User-Agent: freshet
> X-Api-Key: [hidden]
> code=[hidden]
> code_verifier=[hidden]
> grant_type=authorization_code
> redirect_uri=https://app.example/callback
> resource=https://a.example
> resource=https://b.example
< 200 OK
< Content-Type: application/json;charset=UTF-8
< Date: Mon, 23 Nov 2026 12:00:00 GMT
< Set-Cookie: [hidden]
< Set-Cookie: [hidden]
< X-Request-Id: [hidden]
< "access_token": [hidden]
< "custom": [hidden]
< "expires_in": 7200
< "id": "https://login.salesforce.com/id/00D/005"
< "issued_at": "1738300000000"
< "scope": "api refresh_token"
< "signature": [hidden]
`
	if diff := cmp.Diff(want, traced(t, r, result(200, header, body), "id", "custom")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTraceJSONRequest(t *testing.T) {
	form := oauth.RefreshGrant("hunter2")
	form["resource"] = []string{"x", "y"}
	r := oauth.Request{Endpoint: "https://op.example/", Client: oauth.Client{ID: "id"}, Form: form, JSON: true}
	got := traced(t, r, result(204, nil, ""))
	want := `> POST https://op.example/
> Accept: application/json
> Content-Type: application/json
> User-Agent: freshet
> client_id=id
> grant_type=refresh_token
> refresh_token=[hidden]
> resource=x
> resource=y
< 204 No Content
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTraceReplies(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		header http.Header
		body   string
		want   string
	}{
		{
			"an error that repeats secrets, also URL-encoded", 400, nil,
			`{"error":"invalid_grant","error_description":"token r/hunter2 (r%2Fhunter2) of id s3cret is ` +
				`gone\u001b[2J\n"}`,
			"< 400 Bad Request\n< \"error\": \"invalid_grant\"\n< \"error_description\": \"token [hidden] " +
				"([hidden]) of id [hidden] is gone[2J\"\n",
		},
		{
			"a form", 200,
			http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			"access_token=a&scope=repo%2Cgist&b64TokenWithoutAnyNameThatIsTooLongToBeOne==",
			"< 200 OK\n< Content-Type: application/x-www-form-urlencoded\n< \"access_token\": [hidden]\n< " +
				"\"[hidden]\": [hidden]\n< \"scope\": \"repo,gist\"\n",
		},
		{
			"an HTML page", 503,
			http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Retry-After": {"5"}},
			"<html>hunter2</html>",
			"< 503 Service Unavailable\n< Content-Type: text/html; charset=utf-8\n< Retry-After: 5\n< 20 bytes " +
				"of text/html\n",
		},
		{"unknown body", 200, nil, "hunter2", "< 200 OK\n< 7 bytes of an unknown type\n"},
		{
			"a redirect", 302,
			http.Header{"Location": {"https://evil.example/?code=c"}},
			"", "< 302 Found\n< Location: evil.example\n",
		},
		{
			"server metadata, with long names", 200,
			http.Header{"Pragma": {"no-cache"}},
			`{"code_challenge_methods_supported":["S256","r/hunter2"],
				"claims_supported":["a",["hunter2"]],"display_values_supported":[],
				"authorization_response_iss_parameter_supported":true,
				"introspection_endpoint_auth_methods_supported":["private_key_jwt"],
				"tls_client_certificate_bound_access_tokens":false,"keys":["a"]}`,
			`< 200 OK
< Pragma: no-cache
< "authorization_response_iss_parameter_supported": true
< "claims_supported": [hidden]
< "code_challenge_methods_supported": ["S256", "[hidden]"]
< "display_values_supported": []
< "introspection_endpoint_auth_methods_supported": ["private_key_jwt"]
< "keys": [hidden]
< "tls_client_certificate_bound_access_tokens": false
`,
		},
		{
			"challenges", 401,
			http.Header{"Www-Authenticate": {`Bearer error="invalid_token"`, "Negotiate", "c2VjcmV0 x"}},
			"",
			"< 401 Unauthorized\n< Www-Authenticate: Bearer [hidden]\n< Www-Authenticate: Negotiate\n< " +
				"Www-Authenticate: [hidden]\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := oauth.Request{
				Endpoint: "https://op.example/", Client: oauth.Client{ID: "id", Secret: "s3cret"},
				Form: oauth.RefreshGrant("r/hunter2"),
			}
			got := traced(t, r, result(test.status, test.header, test.body))
			if _, reply, _ := strings.Cut(got, "refresh_token=[hidden]\n"); reply != test.want {
				t.Errorf("(-want +got):\n%s", cmp.Diff(test.want, reply))
			}
		})
	}
}

// The reason of a refusal is shown, wherever it stands. Other members are hidden.
func TestTraceShowsReason(t *testing.T) {
	for body, want := range map[string]string{
		`{"errors":[{"errorType":"invalid_grant","message":"Refresh token r3fresh is old","note":"hunter2-hunter2"}]}`: "Refresh token [secret] is old",
		`{"message":"No such user"}`:                      "No such user",
		"Account locked\r\n":                              "Account locked",
		`{"error":"e","error_description":"shown above"}`: "",
		`{"note":"hunter2-hunter2"}`:                      "",
	} {
		r := oauth.Request{Endpoint: "https://op.example/", Form: oauth.RefreshGrant("r3fresh")}
		got := traced(t, r, result(400, nil, body))
		if want != "" {
			want = "< says: " + want + "\n"
		}
		if strings.Contains(got, "hunter2") || strings.Contains(got, "< says") != (want != "") || !strings.HasSuffix(got, want) {
			t.Errorf("%s:\n%s", body, got)
		}
	}
}

func TestTraceHidesEncodedSecrets(t *testing.T) {
	for _, test := range []struct{ name, client, refresh, description, want string }{
		{"added control characters", "s3cret", "hunter2", `hun\u0000ter2`, "[hidden]"},
		{"its own control characters", "s3cret", "hun\x00ter2", `hun\u0000ter2`, "[hidden]"},
		{"one is a prefix of another", "hunter", "hunter2", "hunter hunter2", "[hidden] [hidden]"},
		{
			"encoded for HTTP Basic", "s3cr/t", "r", "s3cr/t s3cr%2Ft aWQ6czNjciUyRnQ=",
			"[hidden] [hidden] [hidden]",
		},
		{"unescaped backslash", "s3cret", `hunter\"2`, `hunter\"2`, "[hidden]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := oauth.Request{
				Endpoint: "https://op.example/",
				Client:   oauth.Client{ID: "id", Secret: oauth.Secret(test.client), Auth: oauth.AuthBasic},
				Form:     oauth.RefreshGrant(oauth.Secret(test.refresh)),
			}
			header := http.Header{"Server": {strings.ReplaceAll(test.description, `\u0000`, "\x00")}}
			got := traced(t, r, result(400, header, `{"error_description":"`+test.description+`"}`))
			if !strings.HasSuffix(got, "< Server: "+test.want+"\n< \"error_description\": \""+test.want+"\"\n") {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}

func TestTraceErrors(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{context.DeadlineExceeded, "< no answer: context deadline exceeded\n"},
		{
			errors.New(`malformed HTTP response "{\"access_token\":\"hunter2\"}"`),
			"< no answer: the answer is not HTTP\n",
		},
		{&url.Error{Op: "Post", URL: "https://op.example/?key=hunter2", Err: io.EOF}, "< no answer: EOF\n"},
		{errors.New("cannot send hunter2:\nno"), "< no answer: cannot send [hidden]:no\n"},
	} {
		fails := answering(func(*http.Request) (*http.Response, error) { return nil, test.err })
		got := traced(t, oauth.Request{Endpoint: "https://op.example/", Form: oauth.RefreshGrant("hunter2")}, fails)
		if _, failure, _ := strings.Cut(got, "refresh_token=[hidden]\n"); failure != test.want {
			t.Errorf("got %q, want %q", failure, test.want)
		}
	}
}

// The same requests with and without a Trace get the same replies.
func TestTraceChangesNoReply(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/echo":
			fmt.Fprintf(w, "%d %q", r.ContentLength, body)
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"refresh_token":"r2",`)
		case "/headless":
			panic(http.ErrAbortHandler)
		case "/nothing":
			w.Header().Set("Content-Length", "100")
		case "/huge":
			_, _ = io.WriteString(w, strings.Repeat(" ", 2*oauth.MaxReply))
		}
	}))
	defer server.Close()
	for _, path := range []string{"/echo", "/cut", "/headless", "/nothing", "/huge"} {
		r := oauth.Request{Endpoint: server.URL + path, Form: oauth.RefreshGrant("r")}
		want, wantErr := r.Send(t.Context(), oauth.NewHTTPClient())
		var out bytes.Buffer
		client := oauth.NewHTTPClient()
		client.Transport = &oauth.Trace{Transport: client.Transport, Out: &out}
		got, err := r.Send(t.Context(), client)
		client.CloseIdleConnections()
		if fmt.Sprint(wantErr) != fmt.Sprint(err) || !bytes.Equal(want.Body, got.Body) ||
			want.Truncated != got.Truncated || want.Status != got.Status {
			t.Errorf("%s: %v, %v instead of %v, %v", path, got, err, want, wantErr)
		}
		if path == "/cut" &&
			!strings.Contains(out.String(), "< 22 bytes of text/plain\n< cut short after 22 bytes: unexpected EOF\n") {
			t.Errorf("the trace does not say that it was cut: %s", out.String())
		}
	}
}

// After an error, a body may claim to have ended. The reply must be truncated, as without a Trace.
func TestTraceKeepsErrorOfBody(t *testing.T) {
	breaks := answering(func(*http.Request) (*http.Response, error) {
		body := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("{}")))
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}, nil
	})
	client := &http.Client{Transport: &oauth.Trace{Transport: breaks, Out: io.Discard}}
	reply, err := oauth.Fetch(t.Context(), client, "https://op.example/", "")
	if err != nil || string(reply.Body) != "{" || !reply.Truncated {
		t.Errorf("%q, truncated %t, %v", reply.Body, reply.Truncated, err)
	}
}

// idle is a transport that counts the calls to close idle connections.
type idle struct {
	silent
	closed int
}

func (i *idle) CloseIdleConnections() { i.closed++ }

func TestTraceClosesIdleConnections(t *testing.T) {
	var transport idle
	client := &http.Client{Transport: &oauth.Trace{Transport: &transport, Out: io.Discard}}
	if client.CloseIdleConnections(); transport.closed != 1 {
		t.Errorf("closed %d times", transport.closed)
	}
}

// writes keeps what was written. It is not safe for concurrent use, so the race detector finds
// concurrent calls.
type writes struct{ all []string }

func (w *writes) Write(p []byte) (int, error) {
	w.all = append(w.all, string(p))
	return 0, errors.New("write failed")
}

func TestTraceWritesOncePerRequest(t *testing.T) {
	var out writes
	client := &http.Client{Transport: &oauth.Trace{Transport: result(200, nil, `{"scope":"a"}`), Out: &out}}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := oauth.Fetch(t.Context(), client, "https://op.example/", "a"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(out.all) != 50 || slices.ContainsFunc(out.all, func(s string) bool {
		return !strings.HasPrefix(s, "> GET") || !strings.HasSuffix(s, "< \"scope\": \"a\"\n")
	}) {
		t.Errorf("%d writes: %q", len(out.all), out.all)
	}
}

// No secret is shown, whatever the names are, however the request is made, and wherever the server
// repeats it.
func FuzzTraceHidesSecrets(f *testing.F) {
	f.Add("word", "X-Api-Key", "audience", "id", `{"error":"e","error_description":"%s",`+
		`"scope":"x%[1]s"}`, "application/json", "basic", false)
	f.Add(`a"b\`, "x-amz-security-token", "code", "3MVG9", `{"%s":"%[1]s"}`, "text/html", "body", true)
	f.Add(
		"\x1bü&=+ ", "cookie", "", "", "access_token=%s&scope=%[1]s&%[1]s",
		"application/x-www-form-urlencoded", "none", false,
	)
	f.Fuzz(func(t *testing.T, word, header, parameter, id, body, contentType, style string, asJSON bool) {
		var secrets []string
		secret := func(name string) string {
			secrets = append(secrets, "s3cr3t."+name+word)
			return secrets[len(secrets)-1]
		}
		r := oauth.Request{
			Endpoint: "https://op.example/token?" + url.Values{"key": {secret("query")}}.Encode(),
			Client:   oauth.Client{ID: visible(id), Auth: oauth.AuthStyle(style)},
			Form:     oauth.RefreshGrant(oauth.Secret(secret("refresh"))),
			Header:   http.Header{},
			JSON:     asJSON,
		}
		if r.Client.Auth != oauth.AuthNone {
			secrets = append(secrets, visible("s3cr3t.client"+word))
			r.Client.Secret = oauth.Secret(secrets[len(secrets)-1])
		}
		if !shownOrSet(parameter) {
			r.Form.Set(parameter, secret("parameter"))
		}
		if !shownOrSet(http.CanonicalHeaderKey(header)) {
			r.Header.Set(header, secret("header"))
		}
		for _, repeated := range secrets {
			echo := strings.ReplaceAll(strings.ReplaceAll(body, "%[1]s", repeated), "%s", repeated)
			replyHeader := http.Header{
				"Content-Type": {contentType}, "Location": {"https://" + repeated + "/"}, "Server": {repeated},
			}
			var out bytes.Buffer
			client := &http.Client{Transport: &oauth.Trace{Transport: result(400, replyHeader, echo), Out: &out}}
			if _, err := r.Send(t.Context(), client); err != nil {
				return // unknown authentication style
			}
			for _, secret := range secrets {
				for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
					if strings.Contains(out.String(), form) {
						t.Fatalf("%q shows in:\n%s", form, out.String())
					}
				}
			}
		}
	})
}

// visible returns the characters of s that a client id or secret can have (RFC 6749 §A.1 and §A.2).
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

// shownOrSet reports whether the value is shown on purpose, or the request sets it.
func shownOrSet(name string) bool {
	return slices.Contains([]string{
		"grant_type", "client_id", "scope", "redirect_uri", "response_type", "response_mode", "token_type_hint",
		"code_challenge_method", "resource", "refresh_token", "client_secret", "prompt", "display", "max_age",
		"ui_locales", "acr_values",
		"access_type", "approval_prompt", "include_granted_scopes", "token_access_type",
		"Accept", "Allow", "Authorization", "Cache-Control", "Content-Length", "Content-Type", "Date", "Pragma",
		"Retry-After", "Server",
		"User-Agent",
	}, name)
}
