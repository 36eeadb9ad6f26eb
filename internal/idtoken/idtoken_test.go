package idtoken_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/internal/idtoken"
)

// idToken returns an id_token with these claims and an invalid signature.
func idToken(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

func TestCheck(t *testing.T) {
	// All of them expire at 2000000000.
	const valid = `{"iss":"https://op.example","aud":"id","exp":2000000000,"nonce":"n"}`
	for _, test := range []struct {
		name, token   string
		issuer, nonce string
		late          time.Duration // from the expiry to the check
		want          string        // the error, or ""
	}{
		{"valid", idToken(valid), "https://op.example", "n", -time.Hour, ""},
		{"no issuer and no nonce to check", idToken(valid), "", "", -time.Hour, ""},
		{"trailing slash", idToken(valid), "https://op.example/", "n", -time.Hour, ""},
		{"several clients", idToken(`{"aud":["other","id"],"azp":"id","exp":2000000000}`), "", "", -time.Hour, ""},
		{"within the clock skew", idToken(valid), "", "n", 4 * time.Minute, ""},
		{
			"expired", idToken(valid), "", "n", 5 * time.Minute,
			"the id_token has expired: the server's clock and this machine's may be apart",
		},
		{"no expiry", idToken(`{"aud":"id"}`), "", "", 0, "the id_token does not say when it expires"},
		{
			"another issuer", idToken(valid), "https://other.example", "n", -time.Hour,
			`the id_token is from another issuer: "https://op.example" instead of "https://other.example"`,
		},
		{
			"no audience", idToken(`{"exp":2000000000}`), "", "", -time.Hour,
			"the id_token does not say which client it is for",
		},
		{
			"empty audience", idToken(`{"aud":[],"exp":2000000000}`), "", "", -time.Hour,
			"the id_token does not say which client it is for",
		},
		{
			"another audience", idToken(`{"aud":"other","exp":2000000000}`), "", "", -time.Hour,
			"the id_token is for another client",
		},
		{
			"other audiences", idToken(`{"aud":["a","b"],"exp":2000000000}`), "", "", -time.Hour,
			"the id_token is for another client",
		},
		{
			"another azp", idToken(`{"aud":["id","a"],"azp":"a","exp":2000000000}`), "", "", -time.Hour,
			"the id_token is for another client",
		},
		{
			"another nonce", idToken(valid), "", "m", -time.Hour,
			"the id_token's nonce is not the one that was sent: it belongs to another login",
		},
		{
			"no nonce", idToken(`{"aud":"id","exp":2000000000}`), "", "n", -time.Hour,
			"the id_token has no nonce, so it may belong to another login",
		},
		{"encrypted", "a.b.c.d.e", "", "", 0, "the id_token is encrypted, and cannot be read"},
		{"opaque", "abc", "", "", 0, "the id_token is not a JWT"},
		{"not base64", "a.*.c", "", "", 0, "the id_token is not a JWT: its claims are not base64url"},
		{"not an object", idToken("[]"), "", "", 0, "the id_token is not a JWT: its claims are not a JSON object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := time.Unix(2000000000, 0).Add(test.late)
			err := idtoken.Check(test.token, test.issuer, "id", test.nonce, now)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestClaim(t *testing.T) {
	token := idToken(`{"email":"ann@example.com\u001b[2J","exp":5}`)
	for name, want := range map[string]string{"email": "ann@example.com[2J", "exp": "", "name": ""} {
		if got := idtoken.Claim(token, name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := idtoken.Claim("opaque", "email"); got != "" {
		t.Errorf("got %q", got)
	}
}
