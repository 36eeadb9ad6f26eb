package oauthtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// replyCheck checks a reply that arrives whole.
type replyCheck func(t *testing.T, response *http.Response, body []byte, presented string)

// faultCheck checks what the client gets, for a refresh with the token presented.
type faultCheck func(t *testing.T, s *Server, presented string, response *http.Response, err error)

// memberCheck checks a member of a reply.
type memberCheck func(value any, present bool, presented string) bool

// arrives checks a fault whose reply arrives whole, with this status and content type.
func arrives(status int, contentType string, check replyCheck) faultCheck {
	return func(t *testing.T, s *Server, presented string, response *http.Response, err error) {
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := response.Header.Get("Content-Type"); response.StatusCode != status ||
			!strings.HasPrefix(got, contentType) {
			t.Errorf("status %d, %s; want %d, %s", response.StatusCode, got, status, contentType)
		}
		check(t, response, body, presented)
	}
}

func isPage(t *testing.T, _ *http.Response, body []byte, _ string) {
	if !strings.HasPrefix(string(body), "<!DOCTYPE html>") {
		t.Errorf("body %q", body)
	}
}

func retriesLater(next replyCheck) replyCheck {
	return func(t *testing.T, response *http.Response, body []byte, presented string) {
		if got := response.Header.Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %q", got)
		}
		next(t, response, body, presented)
	}
}

func anyBody(*testing.T, *http.Response, []byte, string) {}

func isExactly(want string) replyCheck {
	return func(t *testing.T, _ *http.Response, body []byte, _ string) {
		if string(body) != want {
			t.Errorf("body %s, want %s", body, want)
		}
	}
}

// has checks one member of a reply, and that the others are there.
func has(name string, check memberCheck) replyCheck {
	return func(t *testing.T, _ *http.Response, body []byte, presented string) {
		reply := object(t, body)
		if value, present := reply[name]; !check(value, present, presented) {
			t.Errorf("%s is %#v (present: %t)", name, value, present)
		}
		for _, other := range []string{"access_token", "refresh_token", "token_type", "scope"} {
			if _, present := reply[other]; !present && other != name {
				t.Errorf("%s is missing", other)
			}
		}
	}
}

// changes checks a fault that changes one member of a reply.
func changes(name string, check memberCheck) faultCheck {
	return arrives(200, jsonType, has(name, check))
}

const jsonType = "application/json"

var faultTests = map[string]struct {
	acts, keeps bool // keeps: the refresh token is not replaced
	check       faultCheck
}{
	"429": {check: arrives(429, "text/plain", retriesLater(anyBody))},
	"500": {check: arrives(500, "text/html", isPage)},
	"503": {check: arrives(503, "text/html", retriesLater(isPage))},
	"error200": {check: arrives(200, jsonType, isExactly(
		`{"error":"invalid_grant","error_description":"expired access/refresh token"}`))},
	"unknown": {check: arrives(400, jsonType, isExactly(
		`{"error":"unknown_error","error_description":"retry your request"}`))},
	"grant=TEXT": {check: arrives(400, jsonType, isExactly(`{"error":"invalid_grant","error_description":"TEXT"}`))},
	"huge": {check: arrives(200, jsonType, func(t *testing.T, _ *http.Response, body []byte, _ string) {
		if len(body) != 2<<20 {
			t.Errorf("%d bytes", len(body))
		}
	})},
	"redirect": {check: func(t *testing.T, s *Server, presented string, response *http.Response, err error) {
		if err != nil || response.StatusCode != http.StatusTemporaryRedirect {
			t.Fatal(response, err)
		}
		target, err := response.Location()
		if err != nil {
			t.Fatal(err)
		}
		wantStats(t, s, Stats{Requests: 1})
		send(t, formRequest(target.String(), refreshForm(s, presented)))
		wantStats(t, s, Stats{Requests: 1, RedirectsFollowed: 1})
	}},

	"lost": {acts: true, check: func(t *testing.T, _ *Server, _ string, _ *http.Response, err error) {
		if !errors.Is(err, io.EOF) {
			t.Errorf("error %v, want EOF", err)
		}
	}},
	"reset": {acts: true, check: func(t *testing.T, _ *Server, _ string, _ *http.Response, err error) {
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("error %v, want a reset", err)
		}
	}},
	"slow": {acts: true, check: func(t *testing.T, s *Server, _ string, response *http.Response, _ error) {
		first := make([]byte, 100)
		n, err := response.Body.Read(first)
		if err != nil || string(first[:n]) != "{" {
			t.Fatalf("%q, %v; want one byte", first[:n], err)
		}
		s.Close()
		if _, err := io.ReadAll(response.Body); err == nil {
			t.Error("the reply was whole")
		}
	}},
	"truncated": {acts: true, check: func(t *testing.T, _ *Server, _ string, response *http.Response, err error) {
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if !errors.Is(err, io.ErrUnexpectedEOF) || int64(len(body)) != response.ContentLength/2 {
			t.Errorf("%d of %d bytes, %v", len(body), response.ContentLength, err)
		}
	}},
	"content-type": {acts: true, check: arrives(200, "text/html", has("access_token", isToken))},
	"form": {acts: true, check: arrives(200, "application/x-www-form-urlencoded",
		func(t *testing.T, _ *http.Response, body []byte, _ string) {
			form, err := url.ParseQuery(string(body))
			if err != nil || form.Get("access_token") == "" || form.Get("refresh_token") == "" ||
				form.Get("token_type") != "Bearer" {
				t.Errorf("body %s, %v", body, err)
			}
		})},

	"no-token": {acts: true, check: changes("access_token", func(_ any, present bool, _ string) bool {
		return !present
	})},
	"bad-member": {acts: true, check: changes("access_token", func(value any, _ bool, _ string) bool {
		_, number := value.(float64)
		return number
	})},
	"control": {acts: true, check: changes("access_token", func(value any, _ bool, _ string) bool {
		text := value.(string)
		return strings.Contains(text, "\n") && strings.TrimSpace(text) == text
	})},
	"envelope": {acts: true, check: arrives(200, jsonType, func(t *testing.T, _ *http.Response, body []byte, _ string) {
		inner, _ := object(t, body)["body"].(map[string]any)
		if !isToken(inner["access_token"], true, "") || !isToken(inner["refresh_token"], true, "") {
			t.Errorf("body %s", body)
		}
	})},
	"string-expiry": {acts: true, check: changes("expires_in", func(value any, _ bool, _ string) bool {
		return value == "3600"
	})},
	"null-refresh": {acts: true, keeps: true, check: changes("refresh_token",
		func(value any, present bool, _ string) bool { return present && value == nil })},
	"empty-refresh": {acts: true, keeps: true, check: changes("refresh_token",
		func(value any, _ bool, _ string) bool { return value == "" })},
	"same-refresh": {acts: true, keeps: true, check: changes("refresh_token",
		func(value any, _ bool, presented string) bool { return value == presented })},
	"add-refresh": {acts: true, check: changes("access_token", isToken)}, // only client credentials differ
	"nonce-wrong": {acts: true, check: changes("access_token", isToken)}, // there is no id_token
}

func isToken(value any, _ bool, _ string) bool {
	text, ok := value.(string)
	return ok && text != ""
}

func TestFaults(t *testing.T) {
	for _, provider := range providers {
		for _, name := range FaultNames() {
			if _, inRedirect := redirectFaultTests[name]; inRedirect {
				continue
			}
			t.Run(provider+"/"+name, func(t *testing.T) {
				test, ok := faultTests[name]
				if !ok {
					t.Fatal("this fault has no test")
				}
				s := start(t, Config{Provider: provider, Rotate: true, Faults: []Fault{{Name: name, Count: 1}}})
				token := refreshToken(t, s)
				response, err := overHTTP(t, refreshRequest(s, token))
				test.check(t, s, token, response, err)
				wantActed(t, s, token, test.acts, test.keeps)
				if name == "slow" {
					return // its check has closed the server
				}
				if !test.acts || test.keeps {
					response, body := send(t, refreshRequest(s, token))
					if response.StatusCode != http.StatusOK ||
						response.Header.Get("Content-Type") != s.profile.ContentType {
						t.Errorf("after the fault: status %d: %s", response.StatusCode, body)
					}
				}
			})
		}
	}
}

func wantActed(t *testing.T, s *Server, token string, acts, keeps bool) {
	t.Helper()
	refreshes := 0
	if acts {
		refreshes = 1
	}
	if got := s.Stats().Refreshes; got != refreshes {
		t.Errorf("%d refreshes, want %d", got, refreshes)
	}
	if spent, want := !s.ValidRefresh(token), acts && !keeps; spent != want {
		t.Errorf("token spent: %t, want %t", spent, want)
	}
}

func TestFaultQueue(t *testing.T) {
	s := NewHandler(Config{Faults: []Fault{{Name: "429", Count: 2}, {Name: "500", Count: 1}}}, local)
	s.Fail(Fault{Name: "grant=no: never"})
	s.Fail(Fault{Name: "503", Count: 1})
	var got []int
	for range 6 {
		got = append(got, record(s, refreshRequest(s, "garbage")).Code)
	}
	if want := []int{429, 429, 500, 400, 400, 400}; !slices.Equal(got, want) {
		t.Errorf("statuses %v, want %v", got, want)
	}
	wantError(t, record(s, refreshRequest(s, "garbage")), "invalid_grant", "no: never")
}

func TestFaultsChangeErrors(t *testing.T) {
	s := NewHandler(Config{Faults: []Fault{{Name: "form", Count: 1}, {Name: "control", Count: 1}}}, local)
	const form = "error=invalid_grant&error_description=expired+access%2Frefresh+token"
	if got := record(s, refreshRequest(s, "garbage")).Body.String(); got != form {
		t.Errorf("form %q", got)
	}
	wantError(t, record(s, refreshRequest(s, "garbage")), "invalid_grant", expiredTokenText)
}

func TestSlowReplyTakesASecondPerByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Faults: []Fault{{Name: "slow"}}}, local)
		began := time.Now()
		w := record(s, refreshRequest(s, refreshToken(t, s)))
		wantSuccess(t, w)
		if took, want := time.Since(began), time.Duration(w.Body.Len())*time.Second; took != want {
			t.Errorf("%d bytes took %v", w.Body.Len(), took)
		}
	})
}

func TestSlowReplyEndsEarly(t *testing.T) {
	for name, end := range map[string]func(s *Server, leave func()){
		"client leaves": func(_ *Server, leave func()) { leave() },
		"server closes": func(s *Server, _ func()) { s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewHandler(Config{Faults: []Fault{{Name: "slow"}}}, local)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				began := time.Now()
				var group sync.WaitGroup
				group.Go(func() {
					defer func() {
						if got, _ := recover().(error); !errors.Is(got, http.ErrAbortHandler) {
							t.Errorf("panic %v", got)
						}
					}()
					record(s, refreshRequest(s, refreshToken(t, s)).WithContext(ctx))
				})
				synctest.Wait()
				end(s, leave)
				group.Wait()
				if took := time.Since(began); took != 0 {
					t.Errorf("ended after %v", took)
				}
			})
		})
	}
}

func TestParseFault(t *testing.T) {
	for _, test := range []struct {
		in   string
		want Fault
		err  string
	}{
		{"lost", Fault{"lost", 0}, ""},
		{"lost:3", Fault{"lost", 3}, ""},
		{"429:2", Fault{"429", 2}, ""},
		{"grant=not now", Fault{"grant=not now", 0}, ""},
		{"grant=a:b", Fault{"grant=a:b", 0}, ""},
		{"grant=a:b:2", Fault{"grant=a:b", 2}, ""},
		{"grant=a: 2", Fault{"grant=a: 2", 0}, ""},
		{"grant=", Fault{"grant=", 0}, ""},
		{"grant", Fault{}, "grant=TEXT"},
		{"lots", Fault{}, `unknown fault "lots"`},
		{"", Fault{}, "lost, reset, slow"},
		{"lost:", Fault{}, "unknown fault"},
		{"lost:x", Fault{}, "unknown fault"},
		{"lost:-1", Fault{}, "unknown fault"},
		{"lost:0", Fault{}, "1 or more"},
		{"lost:99999999999999999999", Fault{}, "1 or more"},
		{"Lost", Fault{}, "unknown fault"},
	} {
		got, err := ParseFault(test.in)
		if got != test.want || (err == nil) != (test.err == "") ||
			err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("ParseFault(%q) = %+v, %v", test.in, got, err)
		}
	}
}
