package oauthtest

import (
	"strings"
	"testing"
)

func TestTokenCodec(t *testing.T) {
	for blocks := 1; blocks <= 3; blocks++ {
		c := newTokenCodec("oauthtest-", blocks)
		want := tokenID{grant: 1, serial: 2, issued: 3}
		token := c.encode(want)
		if got, ok := c.decode(token); !ok || got != want {
			t.Errorf("decode(%q) = %+v, %t", token, got, ok)
		}
		if other := c.encode(tokenID{grant: 1, serial: 3, issued: 3}); other[len(other)-20:] == token[len(token)-20:] {
			t.Errorf("%s and %s look alike", token, other)
		}
		// Any change makes a token invalid.
		for _, garbage := range []string{
			"", "oauthtest-", token[:len(token)-1], token + "A", strings.ToLower(token),
			"other-" + token[len("oauthtest-"):],
		} {
			if got, ok := c.decode(garbage); ok {
				t.Errorf("decode(%q) = %+v", garbage, got)
			}
		}
	}
}

func TestTokensOfAnotherServerAreUnknown(t *testing.T) {
	for _, provider := range providers {
		cfg := Config{Provider: provider, Rotate: true}
		s, other := NewHandler(cfg, local), NewHandler(cfg, local)
		document := saved(t, other)
		saved(t, s)
		if s.ValidAccess(document["access_token"].(string)) {
			t.Errorf("%s: an access token of another server is valid", provider)
		}
		wantError(t, record(s, refreshRequest(s, document["refresh_token"].(string))), "invalid_grant",
			expiredTokenText)
		wantStats(t, s, Stats{Requests: 1}) // no reuse
	}
}
