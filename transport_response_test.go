package freshet_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// stall sends the status and the beginning of the body, and then nothing until the client leaves.
func stall(w http.ResponseWriter, r *http.Request, status int, beginning string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, beginning)
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// withDeadline ends a request that hangs.
func withDeadline(t *testing.T, req *http.Request) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(req.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return req.WithContext(ctx)
}

// The other host chose the path of the last redirect, so that must not be requested with the token.
func TestTransportSendsNoTokenAfterADetour(t *testing.T) {
	var home string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, home+"/delete?everything", http.StatusTemporaryRedirect)
	}))
	defer other.Close()
	a := newAPI(t, oauthtest.Config{}, func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/export":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
			return true
		case "/delete":
			if r.Header.Get("Authorization") != "" {
				t.Error("the token was sent where another host said")
			}
		}
		return false
	})
	home = a.URL
	status, _ := a.do(t, request(t, http.MethodPost, a.URL+"/export", strings.NewReader("x")))
	if status != http.StatusUnauthorized {
		t.Errorf("status %d", status)
	}
	a.wantSeen(t, "POST /export x", "POST /delete x")
}

// To find Salesforce's rejections the transport looks into the body. It must not wait for its end.
func TestTransportDoesNotDelayStreams(t *testing.T) {
	config := oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true}
	a := newAPI(t, config, func(w http.ResponseWriter, r *http.Request) bool {
		stall(w, r, http.StatusBadRequest, "first line\n")
		return true
	})
	req := withDeadline(t, request(t, http.MethodGet, a.URL+"/x", nil))
	res, err := a.client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	line := make([]byte, len("first line\n"))
	if _, err := io.ReadFull(res.Body, line); err != nil || string(line) != "first line\n" {
		t.Errorf("%q, %v", line, err)
	}
	if err := req.Context().Err(); err != nil {
		t.Errorf("it came when the request had ended: %v", err)
	}
}

func TestTransportDoesNotWaitForARejectionsBody(t *testing.T) {
	var a *api
	a = newAPI(t, oauthtest.Config{Rotate: true}, func(w http.ResponseWriter, r *http.Request) bool {
		if token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); a.auth.ValidAccess(token) {
			return false
		}
		stall(w, r, http.StatusUnauthorized, "who are")
		return true
	})
	a.auth.Revoke(a.accessToken(t))
	status, body := a.do(t, withDeadline(t, request(t, http.MethodGet, a.URL+"/x", nil)))
	if status != http.StatusOK || body != "welcome" {
		t.Errorf("%d %s", status, body)
	}
	a.wantSeen(t, "GET /x ", "GET /x ")
}

// net/http's client accepts a nil body, which servers in tests return.
func TestTransportAcceptsAResponseWithoutBody(t *testing.T) {
	a := newAPI(t, oauthtest.Config{Rotate: true}, nil)
	requests := 0
	a.transport.Base = roundTrip(func(req *http.Request) (*http.Response, error) {
		requests++
		return &http.Response{StatusCode: http.StatusUnauthorized, Request: req}, nil
	})
	res, err := a.client().Get(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized || requests != 2 {
		t.Errorf("%s after %d requests", res.Status, requests)
	}
}

func TestTransportDoesNotRepeatWithTheSameToken(t *testing.T) {
	a := newAPI(t, oauthtest.Config{SameAccessToken: true}, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "not you")
		return true
	})
	if status, body := a.do(t, request(t, http.MethodGet, a.URL+"/x", nil)); status != http.StatusUnauthorized ||
		body != "not you" {
		t.Errorf("%d %s", status, body)
	}
	a.wantSeen(t, "GET /x ")
	if stats := a.auth.Stats(); stats.Refreshes != 1 {
		t.Errorf("%d refreshes", stats.Refreshes)
	}
}

// A Location is resolved against the address that was requested, not against the relative one.
func TestTransportFollowsRedirectsFromARelativeAddress(t *testing.T) {
	a := newAPI(t, oauthtest.Config{}, func(w http.ResponseWriter, r *http.Request) bool {
		location, ok := map[string]string{
			"/v3/sibling": "contacts/1", "/v3/rooted": "/v3/contacts/1",
			"/v3/schemeless": "//" + r.Host + "/v3/contacts/1", "/v3/query": "contacts/1?page=2",
		}[r.URL.Path]
		if ok {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		}
		return ok
	})
	c, err := a.store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	c.API.Base = a.URL + "/v3/"
	a.store.Put(c)
	for _, address := range []string{"sibling", "rooted", "schemeless", "query", "/v3/sibling"} {
		res, err := a.client().Get(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if path := res.Request.URL.Path; path != "/v3/contacts/1" || res.StatusCode != http.StatusOK {
			t.Errorf("%s led to %s: %s", address, path, res.Status)
		}
		_ = res.Body.Close()
	}
}

// net/http reports a caller's deadline by the error's method Timeout.
func TestTransportReportsADeadlineAsTimeout(t *testing.T) {
	a := newAPI(t, oauthtest.Config{Latency: time.Second}, nil)
	a.auth.Revoke(a.accessToken(t))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	res, err := a.client().Do(request(t, http.MethodGet, a.URL+"/x", nil).WithContext(ctx))
	if err == nil {
		_ = res.Body.Close()
	}
	var failed *url.Error
	if !errors.As(err, &failed) || !failed.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, which is no timeout", err)
	}
}
