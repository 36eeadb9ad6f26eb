package oauthtest

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// The members and the metadata of draft-ietf-oauth-refresh-token-expiration, in its example: a refresh
// token must be used within 7 days, and the grant ends after 10.
func TestExpirationMembers(t *testing.T) {
	for name, test := range map[string]struct {
		config                       Config
		types, first, after2, after7 string // the metadata; timeout and rest of the grant in replies
	}{
		"neither": {Config{Rotate: true}, "<nil>", "<nil> <nil>", "<nil> <nil>", "<nil> <nil>"},
		"timeout": {
			Config{Rotate: true, IdleLimit: 7 * day},
			"[token_timeout]",
			"604800 <nil>", "604800 <nil>", "604800 <nil>",
		},
		"grant": {
			Config{Rotate: true, GrantTTL: 10 * day},
			"[authorization]",
			"<nil> 864000", "<nil> 691200", "<nil> 259200",
		},
		"both": {
			Config{Rotate: true, IdleLimit: 7 * day, GrantTTL: 10 * day},
			"[authorization token_timeout]",
			"604800 864000", "604800 691200", "259200 259200",
		},
		"only with a refresh token": {
			Config{IdleLimit: 7 * day, GrantTTL: 10 * day},
			"[authorization token_timeout]",
			"604800 864000", "<nil> <nil>", "<nil> <nil>",
		},
		"not from providers that do not send them": {
			Config{Provider: Salesforce, Rotate: true, IdleLimit: 7 * day, GrantTTL: 10 * day},
			"<nil>",
			"<nil> <nil>", "<nil> <nil>", "<nil> <nil>",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewHandler(test.config, local)
				metadata := object(t, get(s, local+"/.well-known/openid-configuration").Body.Bytes())
				if got := fmt.Sprint(metadata["refresh_token_expiration_types_supported"]); got != test.types {
					t.Errorf("metadata %s, want %s", got, test.types)
				}
				reply := saved(t, s)
				token, _ := reply["refresh_token"].(string)
				for i, want := range []string{test.first, test.after2, test.after7} {
					if i > 0 {
						time.Sleep([]time.Duration{0, 2 * day, 5 * day}[i])
						reply = refreshAs(t, s, token)
						if next, ok := reply["refresh_token"].(string); ok {
							token = next
						}
					}
					if got := expirations(reply); got != want {
						t.Errorf("reply %d: %s, want %s", i, got, want)
					}
				}
				if test.config.GrantTTL == 0 {
					return
				}
				time.Sleep(3*day - time.Second)
				last, _ := refreshAs(t, s, token)["access_token"].(string)
				if !s.ValidAccess(last) {
					t.Error("refused before the end of the grant")
				}
				time.Sleep(time.Second)
				if s.ValidAccess(last) || s.ValidRefresh(token) {
					t.Error("a token outlives the grant")
				}
			})
		})
	}
}

// expirations returns the seconds in the two members.
func expirations(reply map[string]any) string {
	text := func(name string) string {
		if n, ok := reply[name].(float64); ok {
			return fmt.Sprintf("%.f", n)
		}
		return fmt.Sprint(reply[name])
	}
	return text("refresh_token_timeout") + " " + text("authorization_expires_in")
}
