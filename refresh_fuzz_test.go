package freshet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/provider"
)

// fuzzedReply is a reply of the token endpoint.
type fuzzedReply struct {
	status      int
	contentType string
	body        string
}

func (r fuzzedReply) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: r.status,
		Header:     http.Header{"Content-Type": {r.contentType}},
		Body:       io.NopCloser(strings.NewReader(r.body)),
	}, nil
}

// values returns the texts of each member that the reply has, as JSON, as a form, or as the beginning
// of a JSON object that was cut short. Members of a provider are in their standard places.
func (r fuzzedReply) values(p *provider.Provider) map[string][]string {
	values := map[string][]string{}
	body := string(replies.Standard(p, []byte(r.body)))
	if form, err := url.ParseQuery(strings.TrimSpace(strings.TrimPrefix(body, "\ufeff"))); err == nil {
		values = form
	}
	reply := oauth.Reply{Status: r.status, ContentType: r.contentType, Body: []byte(body)}
	if object, err := reply.Object(); err == nil && p.Name != "" {
		body = string(replies.Standard(p, object)) // again: a form is an object only now
	}
	d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return values
	}
	for d.More() {
		name, err := d.Token()
		var value any
		if err != nil || d.Decode(&value) != nil {
			break
		}
		text, _ := value.(string)
		values[name.(string)] = append(values[name.(string)], text)
	}
	return values
}

// No document and no reply makes a refresh save less than there was: a token is the old one or one of
// the reply, what the reply does not have keeps its bytes, and the document can be loaded.
func FuzzRefresh(f *testing.F) {
	documents := []string{
		sample,
		`{"access_token":"a","refresh_token":"r"}`,
		`{"refresh_token":"r"}`,
		"\ufeff{ \"\\u0061\" : [1, 2]\t,\"access_token\":\"a\" , \"refresh_token\":\"r\"\n}\n",
		`{"access_token":"a","refresh_token":"r","expiry_date":1700000000000,"created":1,"expires":3600,"Expiry":{}}`,
		`{"access_token":"a","refresh_token":"r","issued_at":"1700000000","signature":"s","CreatedAt":"\/Date(1)\/"}`,
		`{"access_token":"a","refresh_token":"r","expires_at":0,"refresh_token_expires_at":"2020-01-01"}`,
		`{"access_token":"a","refresh_token":"r","expires_in":"null","scope":["a"],"token":"t"}`,
		`{"id_token":"i","refresh_token":"r","expires_at":1700000000}`,
	}
	replies := []fuzzedReply{
		{200, "application/json", `{"access_token":"a2","refresh_token":"r2","expires_in":3600,"scope":"b"}`},
		{200, "application/json", `{"access_token":"a2","refresh_token":"null","expires_in":"3600"}`},
		{200, "application/json", `{"access_token":"None","refresh_token":"r2"}`},
		{200, "application/json", `{"access_token":"a2","refresh_token":["r2"]}`},
		{200, "application/json", `{"access_token":"Bearer a2","refresh_token":"r2"}`},
		{200, "application/json", `{"access_token":"a2","access_token":"","refresh_token":"r2","refresh_token":null}`},
		{200, "application/json", "{\"access_token\":\"a2\",\"name\":\"M\xfcller\",\"refresh_token\":\"r2\"}"},
		{200, "application/json", `{"access_token":"a2","refresh_token":"r\ud800"}`},
		{200, "application/json", `{"refresh_token":"r2","access_token":"a2`},
		{200, "application/json", `{"error":"invalid_grant","access_token":"a2","refresh_token":"r2"}`},
		{200, "application/json", `{"status":0,"body":{"access_token":"a2","refresh_token":"r2"}}`},
		{200, "application/json", `{"data":[{"refresh_token":"r2"}],"refresh_token":"r3"}`},
		{200, "application/json", `{"access_token":"a2","expires_at":"never","created":"\/Date(2)\/","expires":[]}`},
		{200, "application/x-www-form-urlencoded", "access_token=a2&expires_in=1&refresh_token=r2&scope=a%00b"},
		{200, "", "access_token=a2&refresh_token=r2&scope=%ff&n%80=1"},
		{200, "application/json", `{"id_token":"i2","refresh_token":"r2","expires_in":60,"access_token":null}`},
		{200, "application/json", `{"id_token":"None","refresh_token":"null","access_token":"a2"}`},
		{200, "application/json", `{"id_token":"i2","refresh_token":7,"refresh_expires_in":60}`},
		{200, "text/html", "<html>sign in</html>"},
		{200, "", ""},
		{302, "text/html", ""},
		{400, "application/json", `{"error":"invalid_grant","refresh_token":"r2"}`},
		{400, "application/json", `{"error":{"code":401},"access_token":"a2"}`},
		{429, "text/plain", "refresh_token=r2&access_token=a2"},
		{503, "application/json", `{"access_token":"a2"}`},
	}
	for i := range max(len(documents), len(replies)) {
		document, reply := documents[i%len(documents)], replies[i%len(replies)]
		f.Add(document, "", reply.status, reply.contentType, reply.body)
	}
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			f.Fatal(err)
		}
		for member, path := range p.Reply.Members {
			body := `"` + member + `-2"`
			for _, part := range slices.Backward(strings.Split(path, ".")) {
				body = `{"` + part + `":` + body + `}`
			}
			f.Add(documents[0], name, 200, "application/json", body)
			f.Add(documents[0], name, 200, "application/json", `{"access_token":"a2","refresh_token":"r2",`+body[1:])
		}
	}
	f.Fuzz(func(t *testing.T, document, providerName string, status int, contentType, body string) {
		before, err := freshet.ParseToken([]byte(document))
		if err != nil {
			return
		}
		reply := fuzzedReply{status, contentType, body}
		for _, idToken := range []bool{false, true} {
			w := newWorld(t, oauthtest.Config{})
			w.put(before)
			c := w.connection(t)
			c.Provider = providerName
			w.store.Put(c)
			if c.CheckProvider() != nil {
				return
			}
			w.HTTP = &http.Client{Transport: reply}
			_, refreshErr := w.Refresh(t.Context(), acme, freshet.Options{Forced: true, IDToken: idToken})
			if unsaved, ok := errors.AsType[*freshet.UnsavedError](refreshErr); ok {
				t.Fatal(unsaved)
			}
			after, sent := w.connection(t).Token, reply.values(c.ProviderInfo())
			checkKept(t, before, after, sent)
			_, refused := errors.AsType[*oauth.Error](refreshErr)
			if next := sent["refresh_token"]; before.RefreshToken() != "" && status/100 == 2 && json.Valid([]byte(body)) &&
				len(next) == 1 && isToken(next[0]) && !refused && string(after.RefreshToken()) != next[0] {
				t.Errorf("the refresh token %q was not saved: %v", next[0], refreshErr)
			}
		}
	})
}

// checkKept compares a document with what a refresh made of it.
func checkKept(t *testing.T, before, after freshet.Token, sent map[string][]string) {
	t.Helper()
	if _, err := freshet.ParseToken(after.Bytes()); err != nil {
		t.Fatalf("the document does not load: %v", err)
	}
	if now := after.AccessToken(); now != before.AccessToken() && !slices.Contains(sent["access_token"], now) {
		t.Errorf("the access token is %q, which was not sent", now)
	}
	now := string(after.RefreshToken())
	if now != string(before.RefreshToken()) && !slices.Contains(sent["refresh_token"], now) {
		t.Errorf("the refresh token is %q, which was not sent", now)
	}
	if now := after.IDToken(); now != before.IDToken() && !slices.Contains(sent["id_token"], now) {
		t.Errorf("the ID token is %q, which was not sent", now)
	}
	if before.IDToken() != "" && after.IDToken() == "" {
		t.Error("the ID token is gone")
	}
	if before.AccessToken() != "" && after.AccessToken() == "" || before.RefreshToken() != "" && after.RefreshToken() == "" {
		t.Error("a token is gone")
	}
	if bytes.Equal(before.Bytes(), after.Bytes()) {
		return
	}
	was, is := members(tree(t, before.Bytes())), members(tree(t, after.Bytes()))
	for i, m := range was {
		switch {
		case i >= len(is) || name(is[i]) != name(m):
			t.Fatalf("%q is gone or has moved", name(m))
		case sent[name(m)] == nil && !freshet.IsTime(name(m)) && is[i].Value.String() != m.Value.String():
			t.Errorf("%q was %s and is %s, and was not sent", name(m), m.Value, is[i].Value)
		}
	}
	for _, m := range is[len(was):] {
		if sent[name(m)] == nil && name(m) != "expires_at" {
			t.Errorf("%q was added, and was not sent", name(m))
		}
	}
}

// isToken reports whether a document with this refresh token can be loaded.
func isToken(s string) bool {
	quoted, err := json.Marshal(s)
	if err != nil {
		return false
	}
	token, err := freshet.ParseToken([]byte(`{"refresh_token":` + string(quoted) + `}`))
	return err == nil && s != "" && string(token.RefreshToken()) == s
}
