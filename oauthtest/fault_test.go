package oauthtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

func TestParseFault(t *testing.T) {
	for text, want := range map[string]oauthtest.Fault{
		"lost":                  {Name: "lost"},
		"lost:3":                {Name: "lost", Count: 3},
		"429:1":                 {Name: "429", Count: 1},
		"grant=inactive user":   {Name: "grant=inactive user"},
		"grant=inactive user:2": {Name: "grant=inactive user", Count: 2},
		"grant=note: a=b":       {Name: "grant=note: a=b"},
	} {
		if got, err := oauthtest.ParseFault(text); err != nil || got != want {
			t.Errorf("ParseFault(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", ":1", "lots", "lots:1", "grant", "grant=", "grant=x:0", "lost=x", "lost:", "lost:0", "lost:-1", "lost:x"} {
		f, err := oauthtest.ParseFault(text)
		if err == nil {
			t.Errorf("ParseFault(%q) = %+v, want an error", text, f)
		}
	}
	_, err := oauthtest.ParseFault("typo")
	for _, name := range oauthtest.FaultNames() {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not list %s: %v", name, err)
		}
	}
}

// effect is what a fault leaves of the refresh token that was sent.
type effect int

const (
	untouched effect = iota // the request was ignored
	refreshed               // a refresh was done, without a rotation
	rotated
)

var faultTests = map[string]struct {
	effect effect
	check  func(t *testing.T, sent string, a answer)
}{
	"ok":   {rotated, func(t *testing.T, _ string, a answer) { wantSuccess(t, a) }},
	"lost": {rotated, func(t *testing.T, _ string, a answer) { wantFailure(t, a, true) }},
	"reset": {rotated, func(t *testing.T, _ string, a answer) {
		wantFailure(t, a, false) // ECONNRESET, under the name that the system gives it
	}},
	"truncated": {rotated, func(t *testing.T, _ string, a answer) {
		if a.status != 200 || !errors.Is(a.err, io.ErrUnexpectedEOF) || !strings.HasPrefix(a.body, `{"access_token":"`) {
			t.Errorf("got %d %s (%v)", a.status, a.body, a.err)
		}
	}},
	"content-type": {rotated, func(t *testing.T, _ string, a answer) {
		wantSuccess(t, a)
		wantType(t, a, "text/html")
	}},
	"form": {rotated, func(t *testing.T, _ string, a answer) {
		form, err := url.ParseQuery(a.body)
		if err != nil || a.status != 200 || form.Get("access_token") == "" || form.Get("refresh_token") == "" {
			t.Errorf("got %d %s (%v)", a.status, a.body, err)
		}
		wantType(t, a, "application/x-www-form-urlencoded")
	}},
	"no-token": {rotated, func(t *testing.T, sent string, a answer) {
		_, has := a.members["access_token"]
		if refreshToken := a.member("refresh_token"); a.status != 200 || has || refreshToken == "" || refreshToken == sent {
			t.Errorf("got %d %s", a.status, a.body)
		}
	}},
	"bad-member": {rotated, func(t *testing.T, _ string, a answer) {
		if _, isNumber := a.members["access_token"].(float64); a.status != 200 || !isNumber || a.member("refresh_token") == "" {
			t.Errorf("got %d %s", a.status, a.body)
		}
	}},
	"string-expiry": {rotated, func(t *testing.T, _ string, a answer) {
		wantSuccess(t, a)
		if a.member("expires_in") != "3600" {
			t.Errorf("expires_in is %v", a.members["expires_in"])
		}
	}},
	"null-refresh": {refreshed, func(t *testing.T, _ string, a answer) {
		wantSuccess(t, a)
		if value, has := a.members["refresh_token"]; !has || value != nil {
			t.Errorf("got %s", a.body)
		}
	}},
	"empty-refresh": {refreshed, func(t *testing.T, _ string, a answer) {
		wantSuccess(t, a)
		if value := a.members["refresh_token"]; value != "" {
			t.Errorf("got %s", a.body)
		}
	}},
	"same-refresh": {refreshed, func(t *testing.T, sent string, a answer) {
		wantSuccess(t, a)
		if a.member("refresh_token") != sent {
			t.Errorf("got %s, want the refresh token %s", a.body, sent)
		}
	}},
	"429": {untouched, func(t *testing.T, _ string, a answer) { wantPage(t, a, 429, "1", "text/plain") }},
	"500": {untouched, func(t *testing.T, _ string, a answer) { wantPage(t, a, 500, "", "text/html") }},
	"503": {untouched, func(t *testing.T, _ string, a answer) { wantPage(t, a, 503, "1", "text/html") }},
	"huge": {untouched, func(t *testing.T, _ string, a answer) {
		if a.status != 200 || len(a.body) != 2<<20 || !json.Valid([]byte(a.body)) {
			t.Errorf("got %d and %d bytes (%v)", a.status, len(a.body), a.err)
		}
	}},
	"redirect": {untouched, func(t *testing.T, _ string, a answer) {
		if a.status != http.StatusTemporaryRedirect || a.header.Get("Location") == "" {
			t.Errorf("got %d %v", a.status, a.header)
		}
	}},
	"error200": {untouched, func(t *testing.T, _ string, a answer) { wantError(t, a, 200, "invalid_grant", "") }},
	"unknown": {untouched, func(t *testing.T, _ string, a answer) {
		wantError(t, a, 400, "unknown_error", "retry your request")
	}},
	"grant=ip restricted": {untouched, func(t *testing.T, _ string, a answer) {
		wantError(t, a, 400, "invalid_grant", "ip restricted")
	}},
}

func wantSuccess(t *testing.T, a answer) {
	t.Helper()
	if a.status != http.StatusOK || a.err != nil || a.member("access_token") == "" {
		t.Errorf("got %d %s (%v)", a.status, a.body, a.err)
	}
}

func wantFailure(t *testing.T, a answer, orderly bool) {
	t.Helper()
	if a.err == nil || errors.Is(a.err, io.EOF) != orderly {
		t.Errorf("got %d %s (%v)", a.status, a.body, a.err)
	}
}

func wantType(t *testing.T, a answer, mediaType string) {
	t.Helper()
	if got := a.header.Get("Content-Type"); got != mediaType+";charset=UTF-8" {
		t.Errorf("the content type is %s, want %s", got, mediaType)
	}
}

func wantPage(t *testing.T, a answer, status int, retryAfter, mediaType string) {
	t.Helper()
	if a.status != status || a.header.Get("Retry-After") != retryAfter || a.members != nil {
		t.Errorf("got %d %v %s (%v)", a.status, a.header, a.body, a.err)
	}
	wantType(t, a, mediaType)
}

func TestFaults(t *testing.T) {
	for name, test := range faultTests {
		for _, provider := range []string{oauthtest.Salesforce, oauthtest.Generic} {
			t.Run(name+" "+provider, func(t *testing.T) {
				fault := oauthtest.Fault{Name: name, Count: 1}
				s := newServer(t, oauthtest.Config{Provider: provider, Rotate: true, Faults: []oauthtest.Fault{fault}})
				sent := document(t, s).member("refresh_token")
				test.check(t, sent, refresh(s, sent))
				want := oauthtest.Stats{Requests: 1, Refreshes: 1}
				if test.effect == untouched {
					want.Refreshes = 0
				}
				wantStats(t, s, want)
				if live := s.RefreshTokenLive(sent); live != (test.effect != rotated) {
					t.Errorf("the refresh token that was sent is live: %v", live)
				}
			})
		}
	}
}

func TestEveryFaultIsTested(t *testing.T) {
	for _, name := range oauthtest.FaultNames() {
		_, tested := faultTests[strings.Replace(name, "TEXT", "ip restricted", 1)]
		if !tested && name != "slow" { // TestSlow
			t.Errorf("the fault %s has no test", name)
		}
	}
}

func TestSlow(t *testing.T) {
	s := newServer(t, oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: "slow"}}})
	sent := document(t, s).member("refresh_token")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	body := strings.NewReader(refreshForm(s, sent).Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.TokenEndpoint(), body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	first := make([]byte, res.ContentLength)
	if n, err := res.Body.Read(first); err != nil || n == 0 || n == len(first) {
		t.Errorf("the first read got %q (%v), want a part of the reply", first[:n], err)
	}
	if s.RefreshTokenLive(sent) {
		t.Error("the refresh token was not spent before the reply")
	}
	s.Close()
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("the reply was complete")
	}
}

func TestFollowedRedirect(t *testing.T) {
	s := newServer(t, oauthtest.Config{Faults: []oauthtest.Fault{{Name: "redirect"}}})
	a := newAnswer(http.PostForm(s.TokenEndpoint(), refreshForm(s, document(t, s).member("refresh_token"))))
	wantError(t, a, 400, "invalid_request", "")
	wantStats(t, s, oauthtest.Stats{Requests: 1, RedirectsFollowed: 1})
}

func TestNoTokenWithoutRotation(t *testing.T) {
	s := newServer(t, oauthtest.Config{Faults: []oauthtest.Fault{{Name: "no-token"}}})
	sent := document(t, s).member("refresh_token")
	if a := refresh(s, sent); a.status != 200 || a.member("refresh_token") != sent || a.member("access_token") != "" {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

// A fault of the reply spoils a refusal too, and one of the success leaves it alone.
func TestFaultsOfRefusals(t *testing.T) {
	s := newServer(t, oauthtest.Config{Faults: []oauthtest.Fault{{Name: "lost", Count: 1}, {Name: "bad-member", Count: 1}}})
	wantFailure(t, refresh(s, "garbage"), true)
	wantError(t, refresh(s, "garbage"), 400, "invalid_grant", "")
}

func TestFaultsAreUsedInOrder(t *testing.T) {
	s := newServer(t, oauthtest.Config{Faults: []oauthtest.Fault{{Name: "ok", Count: 1}, {Name: "503", Count: 2}}})
	s.Fail(oauthtest.Fault{Name: "429", Count: 1})
	refreshToken := document(t, s).member("refresh_token")
	statuses := func(n int) (got []int) {
		for range n {
			got = append(got, refresh(s, refreshToken).status)
		}
		return got
	}
	if got, want := statuses(5), []int{200, 503, 503, 429, 200}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.Fail(oauthtest.Fault{Name: "500"}, oauthtest.Fault{Name: "429", Count: 1})
	if got, want := statuses(3), []int{500, 500, 500}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.Heal()
	if got, want := statuses(1), []int{200}; !slices.Equal(got, want) {
		t.Errorf("after Heal: got %v, want %v", got, want)
	}
}
