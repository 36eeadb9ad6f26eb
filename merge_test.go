package freshet_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tailscale/hujson"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

var received = time.Unix(1738350000, 0)

func TestMerge(t *testing.T) {
	for _, test := range []struct{ name, document, reply, want string }{
		{
			"a new access token and a new refresh token",
			`{"access_token":"a","refresh_token":"r"}`,
			`{"access_token":"a2","refresh_token":"r2"}`,
			`{"access_token":"a2","refresh_token":"r2"}`,
		},
		{
			"no refresh token keeps the stored one",
			`{"refresh_token":"r","access_token":"a"}`,
			`{"access_token":"a2"}`,
			`{"refresh_token":"r","access_token":"a2"}`,
		},
		{
			"nor does null replace it",
			`{"refresh_token":"r","access_token":"a"}`,
			`{"access_token":"a2","refresh_token":null}`,
			`{"refresh_token":"r","access_token":"a2"}`,
		},
		{
			"nor the empty string",
			`{"refresh_token":"r","access_token":"a"}`,
			`{"access_token":"a2","refresh_token":""}`,
			`{"refresh_token":"r","access_token":"a2"}`,
		},
		{
			"nor a word for nothing",
			`{"access_token":"a","refresh_token":"r"}`,
			`{"access_token":"a2","refresh_token":"None"}`,
			`{"access_token":"a2","refresh_token":"r"}`,
		},
		{
			"nor what is not a string",
			`{"access_token":"a","refresh_token":"r"}`,
			`{"access_token":"a2","refresh_token":false}`,
			`{"access_token":"a2","refresh_token":"r"}`,
		},
		{
			"a member that is not UTF-8 keeps its old value",
			`{"access_token":"a","name":"M\u00fcller"}`,
			"{\"access_token\":\"a2\",\"name\":\"M\xfcller\",\"new\":\"\xff\"}",
			`{"access_token":"a2","name":"M\u00fcller"}`,
		},
		{
			"and so does an address with control characters",
			`{"access_token":"a","instance_url":"https://a"}`,
			`{"access_token":"a2","instance_url":"https://\nb"}`,
			`{"access_token":"a2","instance_url":"https://a"}`,
		},
		{
			"of two refresh tokens the one that is not empty",
			`{"refresh_token":"r","access_token":"a"}`,
			`{"access_token":"a2","refresh_token":"r2","refresh_token":""}`,
			`{"refresh_token":"r2","access_token":"a2"}`,
		},
		{
			"wherever it stands",
			`{"refresh_token":"r","access_token":"a"}`,
			`{"access_token":"a2","access_token":null,"refresh_token":null,"refresh_token":"r2"}`,
			`{"refresh_token":"r2","access_token":"a2"}`,
		},
		{
			"layout, order, escapes and numbers stay",
			"\xef\xbb\xbf{\r\n\t\"x\" : 1.50E+2 ,\"access_token\": \"a\",\r\n\t\"y\":{\"b\":1,  \"a\":\"\\u003c\\/\"}\r\n}\r\n",
			`{"access_token":"a2"}`,
			"\xef\xbb\xbf{\r\n\t\"x\" : 1.50E+2 ,\"access_token\": \"a2\",\r\n\t\"y\":{\"b\":1,  \"a\":\"\\u003c\\/\"}\r\n}\r\n",
		},
		{
			"a new member goes to the end, laid out as the last",
			"{\n  \"access_token\": \"a\",\n  \"scope\": \"s\"\n}\n",
			`{"access_token":"a2","id_token":"i"}`,
			"{\n  \"access_token\": \"a2\",\n  \"scope\": \"s\",\n  \"id_token\": \"i\"\n}\n",
		},
		{
			"a value that means the same keeps its spelling",
			`{"access_token":"a","id":"https:\/\/x\u002f"}`,
			`{"access_token":"a","id":"https://x/"}`,
			`{"access_token":"a","id":"https:\/\/x\u002f"}`,
		},
		{
			"expires_in adds expires_at",
			"{\n  \"access_token\": \"a\"\n}",
			`{"access_token":"a2","expires_in":3600}`,
			"{\n  \"access_token\": \"a2\",\n  \"expires_in\": 3600,\n  \"expires_at\": 1738353600\n}",
		},
		{
			"or brings the member that is there up to date, in seconds",
			`{"access_token":"a","expires_at":1}`,
			`{"access_token":"a2","expires_in":"3600"}`,
			`{"access_token":"a2","expires_at":1738353600,"expires_in":"3600"}`,
		},
		{
			"in milliseconds",
			`{"access_token":"a","expires_on":1700000000000}`,
			`{"access_token":"a2","expires_in":60}`,
			`{"access_token":"a2","expires_on":1738350060000,"expires_in":60}`,
		},
		{
			"in a string",
			`{"access_token":"a","expires_on":"1700000000"}`,
			`{"access_token":"a2","expires_in":60}`,
			`{"access_token":"a2","expires_on":"1738350060","expires_in":60}`,
		},
		{
			"as a date with a zone",
			`{"access_token":"a","expiry":"2025-01-01T02:00:00.5+02:00"}`,
			`{"access_token":"a2","expires_in":60}`,
			`{"access_token":"a2","expiry":"2025-01-31T21:01:00.0+02:00","expires_in":60}`,
		},
		{
			"as a date without one, which is UTC",
			`{"access_token":"a","expiry":"2025-01-01 02:00:00.123456"}`,
			`{"access_token":"a2","expires_in":60}`,
			`{"access_token":"a2","expiry":"2025-01-31 19:01:00.000000","expires_in":60}`,
		},
		{
			"the server's own expiry wins",
			`{"access_token":"a","expires_at":1}`,
			`{"access_token":"a2","expires_in":60,"expires_at":5}`,
			`{"access_token":"a2","expires_at":5,"expires_in":60}`,
		},
		{
			"without expires_in no expiry is touched",
			`{"access_token":"a","expires_at":7}`,
			`{"access_token":"a2"}`,
			`{"access_token":"a2","expires_at":7}`,
		},
		{
			"null is no expiry",
			`{"access_token":"a","expires_at":7,"expiry":"2025-01-01T02:00:00Z","expires_on":5}`,
			`{"access_token":"a2","expires_in":60,"expires_at":null,"expiry":null,"expires_on":""}`,
			`{"access_token":"a2","expires_at":1738350060,"expiry":"2025-01-31T19:01:00Z","expires_on":1738350060,` +
				`"expires_in":60}`,
		},
		{
			"nor does it replace one, or a lifetime",
			`{"access_token":"a","expires_at":7,"expires_in":60,"refresh_token_expires_at":9}`,
			`{"access_token":"a2","expires_at":null,"expires_in":null,"refresh_token_expires_at":null,"scope":null}`,
			`{"access_token":"a2","expires_at":7,"expires_in":60,"refresh_token_expires_at":9,"scope":null}`,
		},
		{
			"expires may be a lifetime",
			`{"access_token":"a","expires":3600,"expires_at":7}`,
			`{"access_token":"a2","expires_in":7200}`,
			`{"access_token":"a2","expires":7200,"expires_at":1738357200,"expires_in":7200}`,
		},
		{
			"in a string, and sent as one",
			`{"access_token":"a","expires":"3600"}`,
			`{"access_token":"a2","expires":5184000}`,
			`{"access_token":"a2","expires":"5184000"}`,
		},
		{
			"which is not written as a date",
			`{"access_token":"a","expires":"2025-01-01T02:00:00Z"}`,
			`{"access_token":"a2","expires":3600}`,
			`{"access_token":"a2","expires":3600}`,
		},
		{
			"a number sent as a string stays a number where it was one",
			`{"access_token":"a","expires_in":3600,"expires_at":1}`,
			`{"access_token":"a2","expires_in":"7200"}`,
			`{"access_token":"a2","expires_in":7200,"expires_at":1738357200}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			merged, err := parse(t, test.document).Merge([]byte(test.reply), received)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(merged.Bytes())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMergeIntoZeroToken(t *testing.T) {
	merged, err := freshet.Token{}.Merge([]byte(`{"access_token":"a","expires_in":60}`), received)
	want := `{"access_token":"a","expires_in":60,"expires_at":1738350060}`
	if err != nil || string(merged.Bytes()) != want {
		t.Errorf("%s, %v", merged.Bytes(), err)
	}
}

func TestMergeRejectsUnusableReply(t *testing.T) {
	for _, reply := range []string{
		`[]`, `{`, ``, `{}`, `{"access_token":""}`, `{"access_token":null}`, `{"access_token":5}`, `{"access_token":"a\nb"}`,
		`{"access_token":"a","refresh_token":"\u0000"}`, `{"access_token":"null"}`, `{"access_token":"No such user"}`,
		`{"access_token":"Bearer a"}`, `{"access_token":"a","refresh_token":"b c"}`,
	} {
		token := parse(t, sample)
		merged, err := token.Merge([]byte(reply), received)
		var unusable *oauth.UnusableError
		if !errors.As(err, &unusable) {
			t.Errorf("%s: got %v", reply, err)
		}
		if string(merged.Bytes()) != sample {
			t.Errorf("%s changed the token", reply)
		}
	}
}

// The time to merge grows with the square of the number of members. A reply with too many is
// rejected at once.
func TestMergeRejectsTooManyMembers(t *testing.T) {
	for extra, ok := range map[int]bool{499: true, 500: false, 100_000: false} {
		var reply strings.Builder
		reply.WriteString(`{"access_token":"a"`)
		for i := range extra {
			fmt.Fprintf(&reply, `,"\u0061%d":1`, i)
		}
		_, err := parse(t, sample).Merge([]byte(reply.String()+"}"), received)
		var unusable *oauth.UnusableError
		if err != nil == ok || !ok && !errors.As(err, &unusable) {
			t.Errorf("%d members: %v", extra+1, err)
		}
	}
}

// Merging any reply does not panic. The result can be parsed, and differs only in the members that
// were sent and the expiry. New members are last.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(sample), []byte(`{"access_token":"x","refresh_token":"y","expires_in":1}`))
	f.Add([]byte(`{"expires_at":1,"access_token":"a"}`), []byte(`{"access_token":"x","expires_in":"9e9"}`))
	f.Add([]byte(`{}`), []byte(`{"access_token":"x","access_token":"y"}`))
	f.Add(
		[]byte("\ufeff{ \"\\u0061\" : [1, 2]\t,\"access_token\":\"a\"\n}\n"),
		[]byte(`{"access_token":"x","a":[1,2],"b":{}}`),
	)
	f.Fuzz(func(t *testing.T, document, reply []byte) {
		token, err := freshet.ParseToken(document)
		if err != nil {
			return
		}
		merged, err := token.Merge(reply, received)
		if err != nil {
			return
		}
		if _, err := freshet.ParseToken(merged.Bytes()); err != nil {
			t.Fatalf("the merged document does not load: %v", err)
		}
		old, now, sent := tree(t, document), tree(t, merged.Bytes()), map[string]bool{"expires_at": true}
		for _, m := range members(tree(t, reply)) {
			sent[name(m)] = true
		}
		before, after := members(old), members(now)
		for _, m := range after[len(before):] {
			if !sent[name(m)] {
				t.Errorf("%q was added, and was not sent", name(m))
			}
		}
		for i, m := range before {
			if sent[name(m)] || freshet.IsTime(name(m)) {
				before[i].Value.Value = after[i].Value.Value
			}
		}
		now.Value.(*hujson.Object).Members = after[:len(before)]
		if diff := cmp.Diff(old.String(), now.String()); diff != "" {
			t.Errorf("other changes (-before +after):\n%s", diff)
		}
	})
}

// tree parses the document without losing a byte.
func tree(t *testing.T, document []byte) hujson.Value {
	value, err := hujson.Parse(bytes.Clone(bytes.TrimPrefix(document, []byte("\ufeff"))))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func members(object hujson.Value) []hujson.ObjectMember { return object.Value.(*hujson.Object).Members }

func name(m hujson.ObjectMember) string { return m.Name.Value.(hujson.Literal).String() }
