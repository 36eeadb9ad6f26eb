package freshet_test

import (
	"bufio"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// newSlack starts an API that rejects a token by status 200 and a text in the body.
func newSlack(t *testing.T, handle func(http.ResponseWriter, *http.Request) bool) *api {
	t.Helper()
	a := newAPI(t, oauthtest.Config{Rotate: true}, handle)
	c, err := a.store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	c.Provider = "slack"
	a.store.Put(c)
	return a
}

const slackRejection = `{"ok":false,"error":"token_expired","warning":"xxxxxxxxxxxxxxxxxxxx"}`

func spaces(kilobytes int) string { return strings.Repeat(" ", kilobytes<<10) }

// A rejection in the body is found wherever it is in the part that is searched.
func TestTransportFindsARejectionInTheBody(t *testing.T) {
	whole := func(w io.Writer, body string) { _, _ = io.WriteString(w, body) }
	inPieces := func(size int) func(io.Writer, string) {
		return func(w io.Writer, body string) {
			for len(body) > size {
				_, _ = io.WriteString(w, body[:size])
				if f, ok := w.(http.Flusher); ok {
					f.Flush()
				}
				body = body[size:]
			}
			_, _ = io.WriteString(w, body)
		}
	}
	zipped := func(w io.Writer, body string) {
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, body)
		_ = z.Close()
	}
	for name, test := range map[string]struct {
		accept, contentType, body string
		write                     func(io.Writer, string)
		found                     bool
	}{
		"at once":                     {"", "application/json", slackRejection, whole, true},
		"in two pieces":               {"", "application/json", slackRejection, inPieces(30), true},
		"byte by byte":                {"", "text/plain; charset=utf-8", slackRejection, inPieces(1), true},
		"of no type":                  {"", "", slackRejection, whole, true},
		"after much else":             {"", "text/html", spaces(60) + slackRejection, inPieces(1000), true},
		"after more than is searched": {"", "text/html", spaces(80) + slackRejection, whole, false},
		"compressed by the transport": {"-", "application/json", slackRejection, zipped, true},
		"compressed":                  {"gzip", "application/json", slackRejection, zipped, true},
		"compressed, among others":    {"br, gzip;q=0.5", "application/json", slackRejection, zipped, true},
		"compressed, much else":       {"gzip", "application/json", spaces(60) + slackRejection, zipped, true},
		"in an unknown encoding":      {"br", "application/json", slackRejection, whole, true},
		"another error":               {"", "application/json", `{"error":"channel_not_found"}`, whole, false},
		"nothing":                     {"", "application/json", "", whole, false},
		"in a picture":                {"", "image/png", slackRejection, whole, false},
	} {
		t.Run(name, func(t *testing.T) {
			var a *api
			accepted := make(chan string, 2)
			a = newSlack(t, func(w http.ResponseWriter, r *http.Request) bool {
				if token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); a.auth.ValidAccess(token) {
					return false
				}
				accepted <- r.Header.Get("Accept-Encoding")
				w.Header()["Content-Type"] = []string{test.contentType}
				if test.contentType == "" {
					w.Header()["Content-Type"] = nil
				}
				if strings.HasPrefix(name, "compressed") {
					w.Header().Set("Content-Encoding", "gzip")
				}
				test.write(w, test.body)
				return true
			})
			a.auth.Revoke(a.accessToken(t))
			req := request(t, http.MethodGet, a.URL, nil)
			if test.accept == "" {
				test.accept = "identity"
			}
			if test.accept != "-" {
				req.Header.Set("Accept-Encoding", test.accept)
			}
			_, body := a.do(t, req)
			if found := body == "welcome"; found != test.found {
				t.Errorf("found %t, the caller got %.100q", found, body)
			}
			if !test.found && body != test.body {
				t.Errorf("%d bytes of %d", len(body), len(test.body))
			}
			want := "identity"
			if strings.HasPrefix(name, "compressed") {
				want = "gzip"
			}
			if got := <-accepted; got != want {
				t.Errorf("asked for %s, want %s", got, want)
			}
		})
	}
}

// A stream's header is not held back for the first byte of its body.
func TestTransportDoesNotHoldBackHeaders(t *testing.T) {
	for _, contentType := range []string{
		"text/event-stream", "text/event-stream; charset=utf-8", "application/x-ndjson", "application/grpc",
		"application/stream+json", "multipart/mixed; boundary=x", "application/octet-stream",
		"application/json", "text/plain", // for a second
	} {
		t.Run(contentType, func(t *testing.T) {
			received := make(chan bool)
			a := newSlack(t, func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Content-Type", contentType)
				w.WriteHeader(http.StatusOK)
				w.(http.Flusher).Flush()
				select {
				case <-received:
				case <-r.Context().Done():
					return true
				}
				stall(w, r, http.StatusOK, "data: 1\n")
				return true
			})
			req := withDeadline(t, request(t, http.MethodGet, a.URL, nil))
			res, err := a.client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			close(received)
			line, err := bufio.NewReader(res.Body).ReadString('\n')
			if line != "data: 1\n" || req.Context().Err() != nil {
				t.Errorf("%q, %v", line, err)
			}
		})
	}
}
