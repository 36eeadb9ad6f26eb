package freshet_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// scripted answers each request with the next of the replies, and the last one from then on.
func scripted(requests *int, replies ...string) *http.Client {
	return &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		reply := replies[min(*requests, len(replies)-1)]
		*requests++
		status := http.StatusOK
		if strings.HasPrefix(reply, "400 ") {
			status, reply = http.StatusBadRequest, reply[4:]
		}
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(reply)), Request: req}, nil
	})}
}

// A complete reply with the token in another place means that the refresh token is spent: it is not
// sent again. The reply is adopted as soon as the connection names a provider that describes it.
func TestReplyThatIsNotUnderstoodIsKept(t *testing.T) {
	for path, body := range map[string]string{
		"team":      `{"ok":true,"team":{"access_token":"a2","refresh_token":"r2"}}`,
		"body":      `{"status":0,"body":{"userid":1,"refresh_token":"r2"}}`,
		"data.0.it": `{"data":[{"it":{"access_token":"a2"}}]}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			w, requests := newWorld(t, oauthtest.Config{TTL: time.Hour}), 0
			w.HTTP = scripted(&requests, body)
			for range 5 {
				_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
				failed, ok := errors.AsType[*freshet.RefreshError](err)
				if !ok || failed.Code != freshet.CodeReplyKept || failed.Kind != oauth.Misconfigured ||
					!strings.Contains(failed.Cause, `"`+path+`"`) || !strings.Contains(failed.Remedy.String(), path+".refresh_token") {
					t.Errorf("%v", err)
				}
			}
			result, err := w.Token(t.Context(), acme, freshet.Options{})
			if err != nil || result.Connection.Token.AccessToken() != w.first.AccessToken() {
				t.Errorf("while the access token is valid: %v", err)
			}
			time.Sleep(24 * time.Hour)
			if _, err := w.Token(t.Context(), acme, freshet.Options{}); err == nil {
				t.Error("the refresh token was sent again")
			}
			if requests != 1 {
				t.Errorf("%d requests", requests)
			}
			if p := w.pending(t); p == nil || p.Reply == nil || string(p.Reply.Body) != body {
				t.Errorf("pending: %v", p)
			}
		})
	}
}

func TestKeptReplyIsAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, requests := newWorld(t, oauthtest.Config{TTL: time.Hour}), 0
		w.HTTP = scripted(&requests, `{"ok":true,"authed_user":{"access_token":"a2","refresh_token":"r2","expires_in":60}}`)
		if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err == nil {
			t.Fatal("it was understood")
		}
		err := w.store.Update(t.Context(), acme, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
			c.Provider = "slack" // describes authed_user
			return save(c)
		})
		if err != nil {
			t.Fatal(err)
		}
		result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		c := w.connection(t)
		if err != nil || result.Outcome != freshet.Recovered || requests != 1 || string(c.Token.RefreshToken()) != "r2" {
			t.Errorf("%v after %d requests: %v", result.Outcome, requests, err)
		}
	})
}

// A person may insist, and a login begins anew.
func TestKeptReplyIsDroppedByInsist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, requests := newWorld(t, oauthtest.Config{}), 0
		w.HTTP = scripted(&requests, `{"data":{"access_token":"a2"}}`, `{"access_token":"a3"}`)
		if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err == nil {
			t.Fatal("it was understood")
		}
		result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true, Insist: true})
		if err != nil || result.Connection.Token.AccessToken() != "a3" || w.pending(t) != nil {
			t.Errorf("%v: %v", result.Outcome, err)
		}
	})
}

// What a person tries does not lose the kept reply, and does not lead to the spent token being sent by
// itself later.
func TestKeptReplySurvives(t *testing.T) {
	refuse := errors.New("connection refused")
	for name, try := range map[string]func(*testing.T, *world){
		"a dry run": func(t *testing.T, w *world) {
			_, _ = w.Token(t.Context(), acme, freshet.Options{Forced: true, Insist: true, DryRun: true})
		},
		"an attempt that sends nothing": func(t *testing.T, w *world) {
			w.HTTP = &http.Client{Transport: &http.Transport{
				DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, refuse },
			}}
			_, _ = w.Refresh(t.Context(), acme, freshet.Options{Forced: true, Insist: true})
		},
		"a login that is refused": func(t *testing.T, w *world) {
			requests := 0
			w.HTTP = scripted(&requests, `400 {"error":"invalid_grant"}`)
			grant := freshet.CodeExchange{
				Registration: w.connection(t).Registration, Form: oauth.CodeGrant("code", "https://app.example", "v"),
			}
			if _, err := w.Login(t.Context(), acme, grant); err == nil {
				t.Fatal("the login was accepted")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, requests := newWorld(t, oauthtest.Config{TTL: time.Hour}), 0
				enveloped := scripted(&requests, `{"data":{"access_token":"a2","refresh_token":"r2"}}`)
				w.HTTP = enveloped
				if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err == nil {
					t.Fatal("it was understood")
				}
				try(t, w)
				w.HTTP = enveloped
				time.Sleep(24 * time.Hour)
				_, err := w.Token(t.Context(), acme, freshet.Options{})
				if requests != 1 {
					t.Errorf("the spent token was sent again: %v", err)
				}
				if p := w.pending(t); p == nil || p.Reply == nil {
					t.Error("the reply is lost")
				}
			})
		})
	}
}

// A login that an interrupted process left, and that was refused, does not stop the next login.
func TestLoginAfterRefusedLoginAndKeptReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, requests := newWorld(t, oauthtest.Config{}), 0
		w.HTTP = scripted(&requests, `{"access_token":"a2","refresh_token":"r2"}`)
		c := w.connection(t)
		refused := oauth.Reply{Host: "op", Status: http.StatusBadRequest, Body: []byte(`{"error":"invalid_grant"}`)}
		c.Health = freshet.Health{RefreshTokenHash: c.Token.RefreshTokenHash(), ReplyKept: true}
		c.Pending = &freshet.Pending{
			Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Received: time.Now(), Reply: &refused,
			Login: &freshet.PendingLogin{Name: acme, Registration: c.Registration},
		}
		w.store.Put(c)
		grant := freshet.CodeExchange{Registration: c.Registration, Form: oauth.CodeGrant("code", "https://app.example", "v")}
		if _, err := w.Login(t.Context(), acme, grant); err != nil || requests != 1 {
			t.Errorf("%v after %d requests", err, requests)
		}
		if got := w.connection(t); got.Health.ReplyKept || string(got.Token.RefreshToken()) != "r2" {
			t.Errorf("%+v", got.Health)
		}
	})
}

// A refusal is final only if all the evidence says so.
func TestRefusalIsFinal(t *testing.T) {
	const (
		invalidGrant = `400 {"error":"invalid_grant"}`
		claimed      = `400 {"error":"invalid_request","error_description":"Refresh token is invalid or has already been claimed by another client."}`
		tooMany      = `400 {"error":"invalid_request","error_description":"Too many requests"}`
	)
	for name, test := range map[string]struct {
		provider, reply string
		expired         bool
		want            []oauth.Kind // of each attempt
	}{
		"invalid_grant, valid":         {"", invalidGrant, false, []oauth.Kind{oauth.LoginRequired, oauth.LoginRequired}},
		"invalid_grant, expired":       {"", invalidGrant, true, []oauth.Kind{oauth.LoginRequired, oauth.LoginRequired}},
		"another code, valid":          {"", claimed, false, []oauth.Kind{oauth.Temporary}},
		"another code, expired":        {"", claimed, true, []oauth.Kind{oauth.LoginRequired, oauth.LoginRequired}},
		"too many requests":            {"", tooMany, true, []oauth.Kind{oauth.Temporary, oauth.Temporary, oauth.Temporary}},
		"old tokens officially stay":   {"google", invalidGrant, true, []oauth.Kind{oauth.Temporary, oauth.LoginRequired}},
		"and while the token is valid": {"google", invalidGrant, false, []oauth.Kind{oauth.Temporary, oauth.LoginRequired}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, requests := newWorld(t, oauthtest.Config{TTL: time.Hour}), 0
				w.HTTP = scripted(&requests, test.reply)
				c := w.connection(t)
				c.Provider = test.provider
				w.store.Put(c)
				if test.expired {
					time.Sleep(2 * time.Hour)
				}
				for i, want := range test.want {
					_, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true})
					failed, ok := errors.AsType[*freshet.RefreshError](err)
					if !ok || failed.Kind != want || failed.Remedy == "" {
						t.Errorf("attempt %d: %v, want %s", i+1, err, want)
					}
				}
			})
		})
	}
}

// A wait that an early refusal brought ends when the access token expires.
func TestWaitEndsWithTheAccessToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, requests := newWorld(t, oauthtest.Config{TTL: time.Hour}), 0
		w.HTTP = &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			requests++
			return &http.Response{
				StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"36000"}},
				Body: http.NoBody, Request: req,
			}, nil
		})}
		_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		c := w.connection(t)
		expiry := c.Expiry(time.Now()).At
		failed, ok := errors.AsType[*freshet.RefreshError](err)
		if !ok || !failed.NextAttempt.Equal(expiry) {
			t.Errorf("next attempt at %v, want %v: %v", failed.NextAttempt, expiry, err)
		}
		time.Sleep(time.Until(expiry))
		_, err = w.Token(t.Context(), acme, freshet.Options{})
		if failed, ok := errors.AsType[*freshet.RefreshError](err); !ok || time.Until(failed.NextAttempt) < 9*time.Hour {
			t.Errorf("without an access token: %v", err)
		}
	})
}

// Some servers refuse a refresh while the access token is valid for long.
func TestNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour})
		if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err != nil { // now the expiry is known
			t.Fatal(err)
		}
		c := w.connection(t)
		c.Policy.NotBefore = 5 * time.Minute
		w.store.Put(c)
		time.Sleep(50 * time.Minute) // stale for other servers
		if result, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil || result.Outcome != freshet.Cached {
			t.Errorf("before: %v, %v", result.Outcome, err)
		}
		_, err := w.Token(t.Context(), acme, freshet.Options{MinTTL: 30 * time.Minute})
		if failed, ok := errors.AsType[*freshet.RefreshError](err); !ok || failed.Kind != oauth.Temporary || time.Until(failed.NextAttempt) != 5*time.Minute {
			t.Errorf("a longer token: %v", err)
		}
		w.wantRequests(t, 1)
		time.Sleep(5 * time.Minute)
		if result, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil || result.Outcome != freshet.Refreshed {
			t.Errorf("after: %v, %v", result.Outcome, err)
		}
		var policy freshet.Policy
		data, err := json.Marshal(w.connection(t).Policy)
		if err == nil {
			err = json.Unmarshal(data, &policy)
		}
		if err != nil || policy.NotBefore != 5*time.Minute {
			t.Errorf("%s: %v", data, err)
		}
	})
}
