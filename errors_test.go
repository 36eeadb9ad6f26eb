package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

func TestFailureIsWarningWhileTokenIsValid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour, Faults: []oauthtest.Fault{{Name: "grant=user is inactive"}}})
		time.Sleep(50 * time.Minute)
		result, err := w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || result.Outcome != freshet.Cached || !errors.Is(result.Warning, freshet.ErrLoginRequired) {
			t.Fatalf("%v, %v, warning %v", result.Outcome, err, result.Warning)
		}
		time.Sleep(20 * time.Minute)
		if _, err = w.Token(t.Context(), acme, freshet.Options{}); !errors.Is(err, freshet.ErrLoginRequired) {
			t.Errorf("after expiry: %v", err)
		}
		w.wantRequests(t, 1) // a refused refresh token is not sent again
		_, err = w.Token(t.Context(), acme, freshet.Options{Forced: true, Insist: true})
		if !errors.Is(err, freshet.ErrLoginRequired) {
			t.Errorf("insisting: %v", err)
		}
		w.wantRequests(t, 2)
	})
}

func TestRetriesOnlyIfServerCannotHaveActed(t *testing.T) {
	for _, test := range []struct {
		fault    string
		requests int
		kind     oauth.Kind
	}{
		{"429:2", 3, ""},
		{"503:2", 3, ""},
		{"unknown:1", 2, ""},
		{"grant=token request is already being processed:1", 2, ""},
		{"500:1", 1, oauth.Unknown},
		{"lost:1", 1, oauth.Unknown},
		{"reset:1", 1, oauth.Unknown},
		{"error200:1", 1, oauth.LoginRequired},
		{"redirect:1", 1, oauth.Misconfigured},
		{"huge:1", 1, oauth.Unknown},
	} {
		t.Run(test.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fault, err := oauthtest.ParseFault(test.fault)
				if err != nil {
					t.Fatal(err)
				}
				w := newWorld(
					t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Faults: []oauthtest.Fault{fault}},
				)
				_, err = w.Token(t.Context(), acme, freshet.Options{Forced: true})
				w.wantRequests(t, test.requests)
				if w.server.Stats().RedirectsFollowed != 0 {
					t.Error("a redirect was followed")
				}
				if test.kind == "" {
					if err != nil {
						t.Error(err)
					}
				} else if failed := refreshError(t, err); failed.Kind != test.kind {
					t.Errorf("%v is %q, want %q", err, failed.Kind, test.kind)
				}
			})
		})
	}
}

func TestRetryAfterBeyondDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Faults: []oauthtest.Fault{{Name: "503"}}})
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		_, err := w.Token(ctx, acme, freshet.Options{Forced: true})
		failed := refreshError(t, err)
		if failed.Kind != oauth.Temporary || time.Until(failed.NextAttempt) < time.Second/2 {
			t.Errorf("%v, next attempt in %v", failed.Kind, time.Until(failed.NextAttempt))
		}
		w.wantRequests(t, 1)
		if next := w.connection(t).Health.NextAttempt; !next.Equal(failed.NextAttempt) {
			t.Errorf("the next attempt is saved as %v, want %v", next, failed.NextAttempt)
		}
	})
}

func TestErrorsHideSecretInReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		w.server.Fail(oauthtest.Fault{Name: fmt.Sprintf("grant=token %s is dead", string(w.first.RefreshToken()))})
		_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		if err == nil || strings.Contains(err.Error(), string(w.first.RefreshToken())) ||
			!strings.Contains(err.Error(), "[secret]") {
			t.Errorf("got %v", err)
		}
	})
}

func TestErrorsHideLongSecretInReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		long := strings.Repeat("secret-", 100)
		w.put(parse(t, `{"access_token":"a","refresh_token":"`+long+`"}`))
		w.HTTP.Transport = &answering{
			status: 400, body: `{"error":"bad ` + long + `","error_description":"Invalid refresh token: ` + long + `"}`,
		}
		_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		if failed := refreshError(t, err); strings.Contains(failed.Error()+failed.Code, "secret-secret") {
			t.Errorf("got %v", err)
		}
	})
}

// A proxy may answer 5xx after the server behind it has acted. The refresh token may have been
// replaced.
func TestUnknownOutcomeIsNotRetried(t *testing.T) {
	for _, result := range []answering{
		{status: 500},
		{status: 502},
		{status: 503},
		{status: 504},
		{status: 500, body: `{"error":"server_error"}`},
		{status: 500, body: `{"status":500,"error":"Internal Server Error"}`},
		{status: 503, body: `{"error":"temporarily_unavailable"}`},
	} {
		t.Run(fmt.Sprint(result.status, result.body), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{})
				w.HTTP.Transport = &result
				_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
				if failed := refreshError(t, err); failed.Kind != oauth.Unknown || result.requests != 1 {
					t.Errorf("%v after %d requests", err, result.requests)
				}
				if p := w.pending(t); p == nil || p.Problem == "" {
					t.Error("no refresh with an unknown outcome is pending")
				}
			})
		})
	}
}

// A refused request is repeated only after growing waits. A request with another client need not
// wait.
func TestMisconfiguredClientBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour})
		wrong := w.connection(t)
		wrong.Client.ID = "unknown"
		w.store.Put(wrong)
		time.Sleep(50 * time.Minute)
		keeper := freshet.NewKeeper(w.config())
		for range 600 {
			if _, err := keeper.Token(t.Context(), acme); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := w.server.Stats().Requests; n < 2 || n > 10 {
			t.Errorf("%d requests in a minute", n)
		}
		right := w.connection(t)
		right.Client.ID = w.server.ClientID()
		w.store.Put(right)
		result, err := w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || result.Outcome != freshet.Refreshed {
			t.Errorf("the right client: %v, %v, warning %v", result.Outcome, err, result.Warning)
		}
	})
}

func TestWrongClockDoesNotBlockRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		c := w.connection(t)
		c.Health = freshet.Health{
			RefreshTokenHash: c.Token.RefreshTokenHash(), AccessTokenHash: parse(
				t, `{"refresh_token":"`+c.Token.AccessToken()+`"}`,
			).RefreshTokenHash(),
			LastSuccess: time.Now().Add(48 * time.Hour), NextAttempt: time.Now().Add(48 * time.Hour),
			LastFailure: &freshet.Failure{Kind: oauth.Temporary},
		}
		w.store.Put(c)
		result, err := w.Token(t.Context(), acme, freshet.Options{Rejected: oauth.Secret(c.Token.AccessToken())})
		if err != nil || result.Outcome != freshet.Refreshed {
			t.Errorf("%v, %v", result.Outcome, err)
		}
	})
}
