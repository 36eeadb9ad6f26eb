package oauthtest

import (
	"strings"
	"testing"
)

func TestSeal(t *testing.T) {
	for texts := 1; texts <= 3; texts++ {
		s := newSeal("oauthtest-", texts)
		want := stub{grant: 1, serial: 2, issued: 3}
		token := s.token(want)
		if got, ok := s.open(token); !ok || got != want {
			t.Errorf("%s says %+v, %t", token, got, ok)
		}
		if other := s.token(stub{grant: 1, serial: 3, issued: 3}); other[len(other)-20:] == token[len(token)-20:] {
			t.Errorf("%s and %s look alike", token, other)
		}
		// What is not to the letter one of its tokens is none.
		for _, garbage := range []string{
			"", "oauthtest-", token[:len(token)-1], token + "A", strings.ToLower(token), "other-" + token[len("oauthtest-"):],
		} {
			if got, ok := s.open(garbage); ok {
				t.Errorf("%q says %+v", garbage, got)
			}
		}
	}
}

func TestTokensOfAnotherServerAreUnknown(t *testing.T) {
	for _, provider := range providers {
		s, other := NewHandler(Config{Provider: provider, Rotate: true}, local), NewHandler(Config{Provider: provider, Rotate: true}, local)
		document := saved(t, other)
		saved(t, s)
		if s.ValidAccess(document["access_token"].(string)) {
			t.Errorf("%s: an access token of another server is valid", provider)
		}
		wantRefusal(t, record(s, refreshRequest(s, document["refresh_token"].(string))), "invalid_grant", dead)
		wantStats(t, s, Stats{Requests: 1}) // no reuse
	}
}
