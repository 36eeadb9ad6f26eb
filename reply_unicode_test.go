package freshet

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// quarantineStore keeps the replies that are quarantined.
type quarantineStore struct {
	MemoryStore
	replies []string
}

func (s *quarantineStore) Quarantine(_ context.Context, _ string, reply []byte) (string, error) {
	s.replies = append(s.replies, string(reply))
	return "memory", nil
}

// answering returns a transport that answers every request with the body.
func answering(contentType, body string) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {contentType}},
			Body: io.NopCloser(strings.NewReader(body)), Request: req,
		}, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// refreshWith refreshes a token once, and returns the saved token and the quarantined replies.
func refreshWith(t *testing.T, contentType, body string) (saved Token, quarantined []string, err error) {
	t.Helper()
	first, err := ParseToken([]byte(`{"access_token":"a1","refresh_token":"r1"}`))
	if err != nil {
		t.Fatal(err)
	}
	store := &quarantineStore{}
	store.Put(Connection{Name: "acme", Token: first, Registration: Registration{
		Client: oauth.Client{ID: "app"}, Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
	}})
	r := &Refresher{Store: store, HTTP: &http.Client{Transport: answering(contentType, body)}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond) // no second attempt
	defer cancel()
	_, err = r.Refresh(ctx, "acme", Options{Forced: true})
	c, getErr := store.Get(t.Context(), "acme")
	if getErr != nil {
		t.Fatal(getErr)
	}
	return c.Token, store.replies, err
}

// A refresh token that cannot be saved as it was sent is not saved in another form. The whole reply
// is kept instead.
func TestRefreshTokenThatIsNotUnicodeIsQuarantined(t *testing.T) {
	const form, object = "application/x-www-form-urlencoded", "application/json"
	for name, test := range map[string]struct{ contentType, body, want string }{
		"bytes in a good reply":        {object, "{\"access_token\":\"a2\",\"refresh_token\":\"r2\xff\"}", "r1"},
		"bytes without access token":   {object, "{\"refresh_token\":\"r2\xff\"}", "r1"},
		"bytes in a reply cut short":   {object, "{\"refresh_token\":\"r2\xe4\",\"access_tok", "r1"},
		"Latin-1":                      {object, "{\"refresh_token\":\"r2\xe4\",\"x\":1}", "r1"},
		"half a surrogate pair":        {object, `{"access_token":"a2","refresh_token":"r2\ud800"}`, "r1"},
		"half a pair, no access token": {object, `{"refresh_token":"r2\udc00x"}`, "r1"},
		"two wrong halves":             {object, `{"refresh_token":"\udc00\ud800"}`, "r1"},
		"bytes in a form":              {form, "access_token=a2&refresh_token=r2%ff", "r1"},
		"plain bytes in a form":        {form, "access_token=a2&refresh_token=r2\xff", "r1"},
		"what does not print":          {object, `{"refresh_token":"r2\u202e"}`, "r1"},
		"a character beyond ASCII":     {object, `{"refresh_token":"r\u00fc"}`, "r1"},
		"bytes in the access token":    {object, "{\"access_token\":\"a2\xff\",\"refresh_token\":\"r2\"}", "r2"},
		"a whole pair":                 {object, `{"refresh_token":"r2\ud83d\ude00"}`, "r1"},
		"U+FFFD itself":                {object, `{"refresh_token":"r2\ufffd"}`, "r1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				saved, quarantined, err := refreshWith(t, test.contentType, test.body)
				if got := string(saved.RefreshToken()); got != test.want {
					t.Errorf("saved %q, want %q", got, test.want)
				}
				if saved.AccessToken() != "a1" || err == nil {
					t.Errorf("access token %q, %v", saved.AccessToken(), err)
				}
				if kept := len(quarantined) == 1 && quarantined[0] == test.body; kept != (test.want == "r1") {
					t.Errorf("quarantined: %q", quarantined)
				}
			})
		})
	}
}

// FuzzSavedRefreshToken checks that a refresh token is saved as it was sent, or not at all.
func FuzzSavedRefreshToken(f *testing.F) {
	for _, token := range []string{
		"r2", "r2\xff", `r2\ud800`, `\ud83d\ude00`, `\udc00\ud800`, "\\u0041\u202e", `\\ud800`, "ü",
	} {
		for _, format := range []string{
			`{"access_token":"a2","refresh_token":"%"}`, `{"refresh_token":"%","x":`, `{"refresh_token":"%"}`,
		} {
			f.Add(format, token)
		}
	}
	f.Fuzz(func(t *testing.T, format, token string) {
		reply := strings.ReplaceAll(format, "%", token)
		refreshToken, ok := salvageRefreshToken([]byte(reply))
		if !ok {
			return
		}
		first, err := ParseToken([]byte(`{"access_token":"a1","refresh_token":"r1"}`))
		if err != nil {
			t.Fatal(err)
		}
		saved, err := first.withRefreshToken(refreshToken)
		if err != nil || string(saved.RefreshToken()) != refreshToken {
			t.Fatalf("salvaged %q, saved %q, %v", refreshToken, saved.RefreshToken(), err)
		}
		if strings.Contains(refreshToken, "\ufffd") && !strings.Contains(reply, "\ufffd") &&
			!strings.Contains(strings.ToLower(reply), `\ufffd`) {
			t.Errorf("%q was never sent: %q", refreshToken, reply)
		}
		var whole struct {
			RefreshToken string `json:"refresh_token"`
		}
		if err := json.Unmarshal([]byte(reply), &whole); err == nil && strings.Count(reply, "refresh_token") == 1 &&
			whole.RefreshToken != refreshToken {
			t.Errorf("salvaged %q of %q", refreshToken, whole.RefreshToken)
		}
	})
}

// A token type with control characters would add a header to every request. It is ignored.
func TestTokenTypeThatIsNoScheme(t *testing.T) {
	for _, kind := range []string{
		`Bearer\r\nX-Evil: 1`, `Bearer\n`, `\u001b[2J`, `\u009b`, `B\u202eearer`, `\u2066`, `Bea\u200brer`,
		`BearerToken`, `null`, `user`, ``,
	} {
		document := `{"access_token":"a","token_type":"` + kind + `"}`
		token, err := ParseToken([]byte(document))
		if err != nil || token.Type() != "Bearer" || AuthorizationHeader(token) != "Bearer a" {
			t.Errorf("%s: %q, %v", kind, AuthorizationHeader(token), err)
		}
		if merged, err := (Token{}).Merge([]byte(document), time.Time{}); err != nil || AuthorizationHeader(merged) != "Bearer a" {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
