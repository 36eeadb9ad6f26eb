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

// output returns the line that a command prints.
func (u user) output(args ...string) string {
	u.t.Helper()
	return strings.TrimSuffix(u.succeed(args...).out, "\n")
}

func TestRefresh(t *testing.T) {
	s := zitadel.Start(t)
	c := publicClient(t, s)
	u := newUser(t)
	u.succeed(loginFlags(s, s.ClientID)...)
	seen := map[string]bool{u.output("token", "acme"): true}
	for range 5 {
		u.succeed("refresh", "acme").want(t, 0, "refreshed acme: refresh token rotated; ")
		token := u.output("token", "acme")
		if status, _ := c.userinfo(token); status != http.StatusOK || seen[token] {
			t.Errorf("status %d for a token that was seen before: %t", status, seen[token])
		}
		seen[token] = true
	}
	if s.Refreshes() != 5 || s.Reuses() != 0 {
		t.Errorf("%d refreshes, %d reuses", s.Refreshes(), s.Reuses())
	}
}

// importToken imports a token of another program, with the time at which it expires.
func (u user) importToken(c plainClient, expires time.Time) {
	u.t.Helper()
	token := c.login()
	token["expires_at"] = expires.Unix()
	document, err := json.Marshal(token)
	if err != nil {
		u.t.Fatal(err)
	}
	endpoint := c.metadata["token_endpoint"].(string)
	u.run(string(document), "import", "acme", "-", "--client-id", c.id, "--token-url", endpoint).want(u.t, 0, "")
}

// If eight processes need another token at the same time, one of them refreshes.
func TestManyProcessesSendOneRefresh(t *testing.T) {
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
			u := u.withNewHome(t)
			u.importToken(publicClient(t, s), time.Now().Add(test.expires))
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
			if status, _ := publicClient(t, s).userinfo(u.output("token", "acme")); status != http.StatusOK {
				t.Errorf("status %d for the saved token", status)
			}
		})
	}
}
