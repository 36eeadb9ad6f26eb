package freshet_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// jwt returns a token with these claims.
func jwt(format string, args ...any) string {
	return "h." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, format, args...)) + ".s"
}

// idToken returns an ID token that the clock, ahead of ours, issues now for an hour.
func idToken(ahead time.Duration, id string) string {
	iat := time.Now().Add(ahead)
	return jwt(`{"iat":%d,"exp":%d,"jti":%q}`, iat.Unix(), iat.Add(time.Hour).Unix(), id)
}

func TestIDTokenExpiry(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	exp := now.Add(20 * time.Minute)
	for _, test := range []struct {
		name, idToken string
		from          freshet.ExpirySource
		want          time.Time
	}{
		{name: "no ID token"},
		{"a word for nothing", "null", "", time.Time{}},
		{"exp", jwt(`{"exp":%d}`, exp.Unix()), "jwt", exp},
		{"exp before OAuth 2.0", jwt(`{"exp":1}`), "jwt", time.Unix(1, 0)},
		{"exp and iat", jwt(`{"exp":%d,"iat":%d}`, exp.Unix(), now.Add(-time.Hour).Unix()), "jwt", exp},
		{"no exp: with the access token", jwt(`{"sub":"u"}`), "expires_at", now.Add(40 * time.Minute)},
		{"an encrypted one: with the access token", "a.b.c.d.e", "expires_at", now.Add(40 * time.Minute)},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := freshet.Connection{Saved: now, Token: parse(t, fmt.Sprintf(
				`{"access_token":"a","id_token":%q,"expires_at":%d}`, test.idToken, now.Add(40*time.Minute).Unix()))}
			if e := c.IDTokenExpiry(now); !e.At.Equal(test.want) || e.From != test.from {
				t.Errorf("%v from %q, want %v from %q", e.At, e.From, test.want, test.from)
			}
		})
	}
}

// idTokenServer issues an access token for a day and, if it issues them, ID tokens for an hour. Its
// clock is ahead.
type idTokenServer struct {
	ahead    time.Duration
	only     bool // no access token
	none     bool // no ID token after the first
	requests int
	idToken  string // the last
}

func (s *idTokenServer) RoundTrip(*http.Request) (*http.Response, error) {
	s.requests++
	body := fmt.Sprintf(`{"refresh_token":"r%d"`, s.requests)
	if !s.only {
		body += fmt.Sprintf(`,"access_token":"a%d","expires_in":86400`, s.requests)
	}
	if !s.none {
		s.idToken = idToken(s.ahead, fmt.Sprint(s.requests))
		body += fmt.Sprintf(`,"id_token":%q`, s.idToken)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body + "}"))}, nil
}

func newIDTokenWorld(t *testing.T, s *idTokenServer, document string) *world {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC))) // a bubble begins before OAuth 2.0
	w := newWorld(t, oauthtest.Config{})
	w.HTTP = &http.Client{Transport: s}
	w.put(parse(t, document))
	return w
}

func TestIDTokenIsRefreshedByItsOwnLifetime(t *testing.T) {
	const document = `{"access_token":"a0","refresh_token":"r0","expires_in":86400}`
	for name, ahead := range map[string]time.Duration{
		"right clock": 0, "server's clock is 3h ahead": 3 * time.Hour, "server's clock is 3h behind": -3 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &idTokenServer{ahead: ahead}
				w := newIDTokenWorld(t, s, document)
				ask := func(o freshet.Options, requests int) {
					t.Helper()
					result, err := w.Token(t.Context(), acme, o)
					if err != nil || result.Warning != nil || s.requests != requests ||
						o.IDToken && result.Connection.Token.IDToken() != s.idToken {
						t.Fatalf("%d requests, want %d: %v, warning %v", s.requests, requests, err, result.Warning)
					}
				}
				ask(freshet.Options{}, 0)
				ask(freshet.Options{IDToken: true}, 1)
				time.Sleep(30 * time.Minute)
				ask(freshet.Options{IDToken: true}, 1)
				time.Sleep(25 * time.Minute)
				ask(freshet.Options{}, 1)
				ask(freshet.Options{IDToken: true}, 2)
				time.Sleep(20 * time.Minute)
				ask(freshet.Options{IDToken: true, MinTTL: 30 * time.Minute}, 2)
				ask(freshet.Options{IDToken: true, MinTTL: 50 * time.Minute}, 3)
				time.Sleep(2 * time.Minute)
				ask(freshet.Options{IDToken: true, Rejected: "another"}, 3)
				ask(freshet.Options{IDToken: true, Rejected: oauth.Secret(s.idToken)}, 4)
			})
		})
	}
}

func TestReplyWithAnIDTokenAlone(t *testing.T) {
	for _, test := range []struct {
		name, document string
		access         bool // its access token is valid
	}{
		{"kubelogin's document", `{"id_token":"` + jwt(`{"exp":1}`) + `","refresh_token":"r0"}`, false},
		{"a lifetime alone", `{"access_token":"a0","refresh_token":"r0","expires_in":7200}`, true},
		{"a stated time", `{"access_token":"a0","refresh_token":"r0","expires_at":4102444800}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &idTokenServer{only: true}
				w := newIDTokenWorld(t, s, test.document)
				before := w.connection(t)
				expiry := before.Expiry(time.Now()).At
				for n := 1; n <= 4; n++ {
					result, err := w.Token(t.Context(), acme, freshet.Options{IDToken: true})
					c := w.connection(t)
					if err != nil || result.Outcome != freshet.Refreshed || !result.Rotated || s.requests != n ||
						c.Token.IDToken() != s.idToken || string(c.Token.RefreshToken()) != fmt.Sprintf("r%d", n) ||
						c.Token.AccessToken() != before.Token.AccessToken() {
						t.Fatalf("%v, %+v, %d requests: %s", err, result, s.requests, c.Token.Bytes())
					}
					if test.access && !c.Expiry(time.Now()).At.Equal(expiry) {
						t.Errorf("the access token's expiry was %v, is %v", expiry, c.Expiry(time.Now()).At)
					}
					if again, err := w.Token(t.Context(), acme, freshet.Options{IDToken: true}); err != nil ||
						again.Outcome != freshet.Cached || s.requests != n {
						t.Fatalf("%v, %v", again.Outcome, err)
					}
					time.Sleep(45 * time.Minute)
				}
			})
		})
	}
}

// The access token is asked for, so the reply is a failure. Its tokens are saved all the same.
func TestIDTokenIsSavedFromAReplyWithoutAccessToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &idTokenServer{only: true}
		w := newIDTokenWorld(t, s, `{"refresh_token":"r0"}`)
		_, err := w.Refresh(t.Context(), acme, freshet.Options{})
		if refreshError(t, err).Kind != oauth.Temporary {
			t.Error(err)
		}
		token := w.connection(t).Token
		if token.IDToken() != s.idToken || token.RefreshToken() != "r1" {
			t.Errorf("%s", token.Bytes())
		}
		if result, err := w.Token(t.Context(), acme, freshet.Options{IDToken: true}); err != nil ||
			result.Outcome != freshet.Cached {
			t.Errorf("%v, %v", result.Outcome, err)
		}
	})
}

// OpenID Connect Core 1.0 §12.2: a refresh need not bring an ID token.
func TestRefreshWithoutIDToken(t *testing.T) {
	for _, test := range []struct {
		name, member string
		kind         oauth.Kind
	}{
		{"none saved", "", oauth.Misconfigured},
		{"an expired one", `,"id_token":"` + jwt(`{"exp":1500000000,"iat":1499996400}`) + `"`, oauth.LoginRequired},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &idTokenServer{none: true}
				const document = `{"access_token":"a0","refresh_token":"r0","expires_in":86400`
				w := newIDTokenWorld(t, s, document+test.member+`}`)
				for range 10 {
					_, err := w.Token(t.Context(), acme, freshet.Options{IDToken: true})
					problem, ok := errors.AsType[*freshet.SetupError](err)
					if !ok || problem.Kind != test.kind || s.requests != 1 {
						t.Fatalf("%d requests: %v", s.requests, err)
					}
					time.Sleep(time.Hour)
				}
				time.Sleep(10 * time.Hour)
				_, err := w.Token(t.Context(), acme, freshet.Options{IDToken: true})
				if err == nil || s.requests != 2 {
					t.Errorf("stale access token: %d requests: %v", s.requests, err)
				}
			})
		})
	}
}

func TestOldIDTokenStays(t *testing.T) {
	old := jwt(`{"exp":1}`)
	for _, sent := range []string{`null`, `""`, `"null"`, `7`, `"a b"`} {
		reply := []byte(`{"access_token":"a","id_token":` + sent + `}`)
		merged, err := parse(t, `{"id_token":"`+old+`"}`).Merge(reply, time.Now())
		if err != nil || merged.IDToken() != old || merged.AccessToken() != "a" {
			t.Errorf("%s: %v, %s", sent, err, merged.Bytes())
		}
	}
}

func TestValidIDTokenSurvivesAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &idTokenServer{}
		w := newIDTokenWorld(t, s, `{"refresh_token":"r0"}`)
		o := freshet.Options{IDToken: true}
		if _, err := w.Token(t.Context(), acme, o); err != nil {
			t.Fatal(err)
		}
		w.HTTP = &http.Client{Transport: &answering{status: 500}}
		time.Sleep(50 * time.Minute)
		result, err := w.Token(t.Context(), acme, o)
		if err != nil || result.Warning == nil || result.Connection.Token.IDToken() != s.idToken {
			t.Errorf("stale: %v, warning %v", err, result.Warning)
		}
		time.Sleep(20 * time.Minute)
		if result, err := w.Token(t.Context(), acme, o); err == nil {
			t.Errorf("expired: %+v", result)
		}
		if _, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil {
			t.Errorf("the access token is valid: %v", err)
		}
	})
}

func TestRejectedIDTokenIsNotReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &idTokenServer{none: true}
		w := newIDTokenWorld(t, s, `{"refresh_token":"r0","id_token":"`+jwt(`{"exp":4102444800}`)+`"}`)
		rejected := w.connection(t).Token.IDToken()
		for range 2 {
			_, err := w.Token(t.Context(), acme, freshet.Options{IDToken: true, Rejected: oauth.Secret(rejected)})
			if err == nil || !strings.Contains(err.Error(), "the ID token was refused") || s.requests != 1 {
				t.Errorf("%d requests: %v", s.requests, err)
			}
		}
	})
}

// An early refusal says to wait for a day. The ID token expires before.
func TestWaitEndsWhenTheIDTokenExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &idTokenServer{}
		w := newIDTokenWorld(t, s, `{"refresh_token":"r0"}`)
		o := freshet.Options{IDToken: true}
		if _, err := w.Token(t.Context(), acme, o); err != nil {
			t.Fatal(err)
		}
		requests := 0
		w.HTTP = &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			requests++
			header := http.Header{"Retry-After": {"86400"}}
			return &http.Response{StatusCode: http.StatusTooManyRequests, Header: header, Body: http.NoBody}, nil
		})}
		time.Sleep(50 * time.Minute)
		for range 2 {
			if result, err := w.Token(t.Context(), acme, o); err != nil || result.Warning == nil || requests != 1 {
				t.Fatalf("stale: %d requests: %v", requests, err)
			}
		}
		time.Sleep(11 * time.Minute)
		for range 2 {
			if _, err := w.Token(t.Context(), acme, o); err == nil || requests != 2 {
				t.Fatalf("expired: %d requests: %v", requests, err)
			}
		}
	})
}

func TestJournaledReplyWithAnIDTokenAlone(t *testing.T) {
	for name, successor := range map[string]freshet.Options{
		"the successor asks for the ID token": {IDToken: true}, "the successor asks for the access token": {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &idTokenServer{only: true}
				w := newIDTokenWorld(t, s, `{"refresh_token":"r0"}`)
				interrupt(t, w)
				result, err := w.Refresh(t.Context(), acme, successor)
				if successor.IDToken && (err != nil || result.Outcome != freshet.Recovered) {
					t.Errorf("%v, %v", result.Outcome, err)
				}
				token := w.connection(t).Token
				if s.requests != 1 || token.IDToken() != s.idToken || token.RefreshToken() != "r1" {
					t.Errorf("%d requests: %s", s.requests, token.Bytes())
				}
			})
		})
	}
}
