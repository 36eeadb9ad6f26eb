package freshet_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet"
)

const sample = `{
  "access_token": "00D41000!old.secret",
  "refresh_token": "5Aep861old",
  "signature": "cjTbSc5DvcKpaMoRTzuQTJLb1tcMw8LEO01flq4aMD4=",
  "scope": "refresh_token id",
  "instance_url": "https://d41000000f8a0eak-dev-ed.my.salesforce.com",
  "id": "https://login.salesforce.com/id/00D41000000F8A0EAK/005410000000000AAA",
  "token_type": "Bearer",
  "issued_at": "1738348388166"
}
`

func parse(t testing.TB, document string) freshet.Token {
	t.Helper()
	token, err := freshet.ParseToken([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestParseTokenRejects(t *testing.T) {
	for name, test := range map[string]struct{ document, want string }{
		"nothing":                    {"", "empty"},
		"only a byte order mark":     {"\xef\xbb\xbf \n", "empty"},
		"UTF-16":                     {"\xff\xfe{\x00}\x00", "UTF-16"},
		"UTF-16 without a mark":      {"{\x00}\x00", "UTF-16"},
		"Latin-1":                    {"{\"a\":\"\xe4\"}", "not UTF-8"},
		"not JSON":                   {"access_token=abc", "not JSON (line 1"},
		"cut short":                  {`{"access_token":"abc`, "not JSON"},
		"two documents":              {`{} {}`, "not JSON"},
		"a comment":                  {"{// no\n}", "comments"},
		"a trailing comma":           {`{"a":1,}`, "comments or a trailing comma"},
		"an array":                   {`[]`, "not a JSON object"},
		"a string":                   {`"token"`, "not a JSON object"},
		"two of a name":              {`{"a":1,"a":2}`, `two members named "a"`},
		"two of a name, one escaped": {`{"a":1,"\u0061":2}`, `two members named "a"`},
		"too large": {
			`{"a":"` + strings.Repeat("x", freshet.MaxDocument) + `"}`, "larger than 1 MiB",
		},
		"a newline in a token":     {`{"access_token":"a\nb"}`, "access_token contains a line break"},
		"a NUL in a refresh token": {`{"refresh_token":"a\u0000"}`, "refresh_token contains a zero byte"},
		"a word for nothing": {
			`{"access_token":"null","refresh_token":"null"}`, "access_token is the word null",
		},
		"a sentence":       {`{"access_token":"No such user"}`, "access_token contains a space"},
		"a header's value": {`{"access_token":"Bearer a"}`, `access_token begins with "Bearer"`},
		"no ASCII": {
			`{"refresh_token":"ä"}`, "refresh_token contains a character that is not ASCII",
		},
		"a right-to-left override": {
			`{"access_token":"a\u202e"}`, "access_token contains an invisible character (U+202E)",
		},
		"half a surrogate pair":        {`{"refresh_token":"a\ud800"}`, "refresh_token is not Unicode"},
		"a number as refresh token":    {`{"refresh_token":5}`, "refresh_token is not a string"},
		"an object as an access token": {`{"access_token":{}}`, "access_token is not a string"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := freshet.ParseToken([]byte(test.document))
			var problem *freshet.SetupError
			if !errors.As(err, &problem) || !strings.Contains(problem.What, test.want) || problem.Remedy == "" {
				t.Errorf("got %v, want a problem with %q and a remedy", err, test.want)
			}
		})
	}
}

func TestTokenAccessors(t *testing.T) {
	token := parse(t, sample)
	for got, want := range map[string]string{
		token.AccessToken():                "00D41000!old.secret",
		string(token.RefreshToken()):       "5Aep861old",
		token.Type():                       "Bearer",
		freshet.AuthorizationHeader(token): "Bearer 00D41000!old.secret",
		token.Member("scope"):              "refresh_token id",
		token.Member("nothing"):            "",
		string(token.Bytes()):              sample,
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := parse(t, `{"token_type":"bearer"}`).Type(); got != "Bearer" {
		t.Errorf("token types do not depend on case (RFC 6749 §5.1): %q", got)
	}
	var zero freshet.Token
	if zero.AccessToken() != "" || zero.RefreshToken() != "" || zero.Bytes() != nil || !zero.IsZero() ||
		zero.RefreshTokenHash() != "" {
		t.Error("the zero token is not empty")
	}
}

// The race detector checks the values that are computed at their first use.
func TestTokenIsSafeForConcurrentUse(t *testing.T) {
	token := parse(t, sample)
	connection := freshet.Connection{Token: token}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if freshet.AuthorizationHeader(token) != "Bearer 00D41000!old.secret" || len(token.RefreshTokenHash()) != 64 {
				t.Error("another token")
			}
			connection.Expiry(received)
		})
	}
	wg.Wait()
}

func TestTokenPrintsNoSecret(t *testing.T) {
	token := parse(t, sample)
	connection := freshet.Connection{Name: "acme", Token: token}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("token", "token", token, "connection", connection)
	for _, printed := range []string{
		fmt.Sprint(token), fmt.Sprintf("%v %+v %#v %s %q %x %d", token, token, token, token, token, token, token),
		fmt.Sprintf("%v %+v %#v", connection, connection, connection), fmt.Sprint(&connection), log.String(),
	} {
		if strings.Contains(printed, "old") || strings.Contains(printed, fmt.Sprintf("%x", "old")) {
			t.Errorf("a secret shows in %q", printed)
		}
	}
	if _, err := json.Marshal(connection); !errors.Is(err, freshet.ErrTokenMarshal) && err == nil {
		t.Error("a token marshals")
	}
	if _, err := token.MarshalText(); !errors.Is(err, freshet.ErrTokenMarshal) {
		t.Errorf("MarshalText: %v", err)
	}
}

func FuzzParseToken(f *testing.F) {
	for _, seed := range []string{sample, "{}", "\xef\xbb\xbf{\r\n}", `{"a":[{"b":null}],"\u0041":1.0e5}`, `{"a":1,}`, "[", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		token, err := freshet.ParseToken(data)
		if err != nil {
			return
		}
		if string(token.Bytes()) != string(data) {
			t.Errorf("parsed %q, got back %q", data, token.Bytes())
		}
		if !json.Valid([]byte(strings.TrimPrefix(string(data), "\xef\xbb\xbf"))) {
			t.Errorf("accepted %q, which is not JSON", data)
		}
	})
}

func TestTokenEqual(t *testing.T) {
	const document = `{"access_token":"a"}`
	for other, want := range map[string]bool{document: true, `{"access_token": "a"}`: false, `{"access_token":"b"}`: false} {
		if got := parse(t, document).Equal(parse(t, other)); got != want {
			t.Errorf("%s equals %s: %t", document, other, got)
		}
	}
	if zero := (freshet.Token{}); !zero.Equal(zero) || zero.Equal(parse(t, document)) || parse(t, document).Equal(zero) {
		t.Error("the zero token equals only itself")
	}
}
