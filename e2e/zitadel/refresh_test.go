package zitadel_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/e2e/zitadel"
)

// printed is the access token that a command prints.
func (u user) printed(args ...string) string {
	u.t.Helper()
	return strings.TrimSuffix(u.succeed(args...).out, "\n")
}

func TestRefresh(t *testing.T) {
	s := zitadel.Start(t)
	p := publicPeer(t, s)
	u := newUser(t)
	u.succeed(loginFlags(s, s.ClientID)...)
	seen := map[string]bool{u.printed("token", "acme"): true}
	for range 5 {
		u.succeed("refresh", "acme").want(t, 0, "refreshed acme: refresh token rotated; ")
		token := u.printed("token", "acme")
		if status, _ := p.userinfo(token); status != http.StatusOK || seen[token] {
			t.Errorf("status %d for a token that was seen before: %t", status, seen[token])
		}
		seen[token] = true
	}
	if s.Refreshes() != 5 || s.Reuses() != 0 {
		t.Errorf("%d refreshes, %d reuses", s.Refreshes(), s.Reuses())
	}
}

// takeOver imports a token that another program got, and saved with the time at which it expires.
func (u user) takeOver(p peer, expires time.Time) {
	u.t.Helper()
	token := p.login()
	token["expires_at"] = expires.Unix()
	document, err := json.Marshal(token)
	if err != nil {
		u.t.Fatal(err)
	}
	u.run(string(document), "import", "acme", "-", "--client-id", p.id, "--token-url", p.metadata["token_endpoint"].(string)).
		want(u.t, 0, "")
}

// Of eight who need another token at once, one refreshes.
func TestManyNeedAnotherToken(t *testing.T) {
	u := newUser(t)
	for name, test := range map[string]struct {
		expires time.Duration
		command []string
	}{
		"it expired":               {-time.Hour, []string{"token", "acme"}},
		"it is stale":              {-time.Hour, []string{"refresh", "acme", "--if-stale"}},
		"the API refused it":       {time.Hour, []string{"token", "acme", "--rejected", "-"}},
		"it does not last as long": {time.Minute, []string{"token", "acme", "--min-ttl", "30m"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := zitadel.Start(t)
			u := u.anew(t)
			u.takeOver(publicPeer(t, s), time.Now().Add(test.expires))
			before := u.token()["access_token"]
			var callers sync.WaitGroup
			for range 8 {
				callers.Go(func() {
					r := u.run(before, test.command...)
					if r.code != 0 || strings.Contains(r.out, before) {
						t.Errorf("exit code %d: %s", r.code, r.errors)
					}
				})
			}
			callers.Wait()
			if s.Refreshes() != 1 || s.Reuses() != 0 {
				t.Errorf("%d refreshes, %d reuses", s.Refreshes(), s.Reuses())
			}
			if status, _ := publicPeer(t, s).userinfo(u.printed("token", "acme")); status != http.StatusOK {
				t.Errorf("status %d for the token that is saved", status)
			}
		})
	}
}
