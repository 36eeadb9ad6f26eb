package oauthtest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// names returns the members of a flat JSON object in order.
func names(t *testing.T, body string) []string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(body))
	var names []string
	for i := 0; ; i++ {
		token, err := dec.Token()
		if err != nil {
			return names
		}
		if name, ok := token.(string); ok && i%2 == 1 {
			names = append(names, name)
		}
	}
}

func TestShapes(t *testing.T) {
	salesforce := []string{
		"access_token", "refresh_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at",
	}
	generic := []string{"access_token", "token_type", "expires_in", "refresh_token", "scope"}
	for provider, members := range map[string][]string{oauthtest.Salesforce: salesforce, oauthtest.Generic: generic} {
		for _, rotate := range []bool{false, true} {
			t.Run(provider, func(t *testing.T) {
				s := newServer(t, oauthtest.Config{Provider: provider, Rotate: rotate})
				doc := document(t, s)
				if got := names(t, doc.body); !slices.Equal(got, members) {
					t.Errorf("the document has %v, want %v", got, members)
				}
				if !strings.HasPrefix(doc.body, "{\n  \"access_token\": \"") || !strings.HasSuffix(doc.body, "\"\n}\n") {
					t.Errorf("the document is not indented by two spaces:\n%s", doc.body)
				}
				a := refresh(s, doc.member("refresh_token"))
				want := members
				if !rotate {
					want = slices.DeleteFunc(slices.Clone(members), func(n string) bool { return n == "refresh_token" })
				}
				if got := names(t, a.body); a.status != http.StatusOK || !slices.Equal(got, want) {
					t.Errorf("rotate %v: got %d with %v, want %v", rotate, a.status, got, want)
				}
				var compact bytes.Buffer
				if err := json.Compact(&compact, []byte(a.body)); err != nil || compact.String() != a.body {
					t.Errorf("the reply is not compact (%v): %s", err, a.body)
				}
				if a.header.Get("Content-Type") != "application/json;charset=UTF-8" || a.header.Get("Cache-Control") != "no-store" {
					t.Errorf("headers %v", a.header)
				}
				if a.member("token_type") != "Bearer" || a.member("access_token") == doc.member("access_token") {
					t.Errorf("not a new bearer token: %s", a.body)
				}
			})
		}
	}
}

func TestSalesforceValues(t *testing.T) {
	s := newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, ClientSecret: "a key"})
	doc := document(t, s)
	for _, a := range []answer{doc, refresh(s, doc.member("refresh_token"))} {
		for name, pattern := range map[string]string{
			"access_token":  `^00D\w{12}![\w.]+$`,
			"refresh_token": `^5Aep\w+$`,
			"id":            `^` + regexp.QuoteMeta(s.URL()) + `/id/00D\w{15}/005\w{15}$`,
			"instance_url":  `^` + regexp.QuoteMeta(s.URL()) + `$`,
			"issued_at":     `^\d{13}$`,
		} {
			if !regexp.MustCompile(pattern).MatchString(a.member(name)) {
				t.Errorf("%s is %v, want %s", name, a.members[name], pattern)
			}
		}
		mac := hmac.New(sha256.New, []byte("a key"))
		mac.Write([]byte(a.member("id") + a.member("issued_at")))
		if got := a.member("signature"); got != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
			t.Errorf("the signature %s does not verify", got)
		}
	}
}

func TestRefusals(t *testing.T) {
	type want struct {
		status      int
		code        string
		description string
	}
	set := func(name, value string) func(url.Values) {
		return func(form url.Values) { form.Set(name, value) }
	}
	for _, test := range []struct {
		name                string
		edit                func(url.Values)
		salesforce, generic want
	}{
		{
			"unknown refresh token", set("refresh_token", "garbage"),
			want{400, "invalid_grant", "expired access/refresh token"}, want{400, "invalid_grant", ""},
		},
		{
			"no refresh token", set("refresh_token", ""),
			want{400, "invalid_request", ""}, want{400, "invalid_request", ""},
		},
		{
			"unknown client", set("client_id", "somebody"),
			want{400, "invalid_client_id", "client identifier invalid"}, want{401, "invalid_client", ""},
		},
		{
			"no client", set("client_id", ""),
			want{400, "invalid_client_id", "client identifier invalid"}, want{401, "invalid_client", ""},
		},
		{
			"wrong secret", set("client_secret", "wrong"),
			want{400, "invalid_client", "invalid client credentials"}, want{401, "invalid_client", ""},
		},
		{
			"other grant", set("grant_type", "password"),
			want{400, "unsupported_grant_type", "grant type not supported"}, want{400, "unsupported_grant_type", ""},
		},
		{
			"parameter twice", func(form url.Values) { form.Add("client_id", form.Get("client_id")) },
			want{400, "invalid_request", ""}, want{400, "invalid_request", ""},
		},
	} {
		for provider, want := range map[string]want{oauthtest.Salesforce: test.salesforce, oauthtest.Generic: test.generic} {
			t.Run(test.name+" "+provider, func(t *testing.T) {
				s := newServer(t, oauthtest.Config{Provider: provider, Rotate: true})
				refreshToken := document(t, s).member("refresh_token")
				form := refreshForm(s, refreshToken)
				test.edit(form)
				a := newAnswer(client.PostForm(s.TokenEndpoint(), form))
				wantError(t, a, want.status, want.code, want.description)
				wantStats(t, s, oauthtest.Stats{Requests: 1})
				if !s.RefreshTokenLive(refreshToken) {
					t.Error("a refused request spent the refresh token")
				}
			})
		}
	}
}

func TestOnlyPOST(t *testing.T) {
	for provider, status := range map[string]int{oauthtest.Salesforce: 400, oauthtest.Generic: 405} {
		s := newServer(t, oauthtest.Config{Provider: provider})
		form := refreshForm(s, document(t, s).member("refresh_token"))
		a := newAnswer(client.Get(s.TokenEndpoint() + "?" + form.Encode()))
		wantError(t, a, status, "invalid_request", "")
		if provider == oauthtest.Salesforce {
			wantError(t, a, status, "invalid_request", "must use HTTP POST")
		}
		wantStats(t, s, oauthtest.Stats{})
	}
}

func TestParametersOfTheURLDoNotCount(t *testing.T) {
	s := newServer(t, oauthtest.Config{})
	form := refreshForm(s, document(t, s).member("refresh_token"))
	a := newAnswer(client.PostForm(s.TokenEndpoint()+"?"+form.Encode(), nil))
	wantError(t, a, 400, "unsupported_grant_type", "")
}

func TestClientAuthentication(t *testing.T) {
	const secret = "100% & a:b+c" // every character that needs encoding
	inBody := func(secret string) url.Values { return url.Values{"client_secret": {secret}} }
	basic := func(id, secret string) string {
		var r http.Request
		r.Header = http.Header{}
		r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
		return r.Header.Get("Authorization")
	}
	for _, test := range []struct {
		name          string
		requireSecret bool
		authorization string
		form          url.Values // what it adds, or with "" removes
		code          string     // of the generic refusal
	}{
		{name: "public"},
		{name: "public where a secret is required", requireSecret: true, code: "invalid_client"},
		{name: "secret in the body", requireSecret: true, form: inBody(secret)},
		{name: "wrong secret in the body", form: inBody("wrong"), code: "invalid_client"},
		{name: "basic", requireSecret: true, authorization: basic("an id", secret), form: url.Values{"client_id": {""}}},
		{name: "basic and client_id in the body", requireSecret: true, authorization: basic("an id", secret)},
		{name: "basic, wrong secret", authorization: basic("an id", "wrong"), code: "invalid_client"},
		{name: "basic, other client", authorization: basic("somebody", secret), form: url.Values{"client_id": {""}}, code: "invalid_client"},
		{name: "basic without a secret", authorization: basic("an id", "")},
		{name: "basic, not encoded", authorization: "Basic YW4gaWQ6MTAwJSAmIGE6YitjCg==", code: "invalid_client"},
		{name: "not basic", authorization: "Bearer x", code: "invalid_client"},
		{name: "both", authorization: basic("an id", secret), form: inBody(secret), code: "invalid_request"},
		{name: "two clients", authorization: basic("somebody", secret), code: "invalid_request"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, oauthtest.Config{RequireSecret: test.requireSecret, ClientID: "an id", ClientSecret: secret})
			form := refreshForm(s, document(t, s).member("refresh_token"))
			maps.Copy(form, test.form)
			req, err := http.NewRequest(http.MethodPost, s.TokenEndpoint(), strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if test.authorization != "" {
				req.Header.Set("Authorization", test.authorization)
			}
			a := newAnswer(client.Do(req))
			if got := a.member("error"); got != test.code || (test.code == "") != (a.status == http.StatusOK) {
				t.Fatalf("got %d %s, want error %q", a.status, a.body, test.code)
			}
			challenged := strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic ")
			if want := a.status == http.StatusUnauthorized && test.authorization != ""; challenged != want {
				t.Errorf("status %d, WWW-Authenticate %q", a.status, a.header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestResource(t *testing.T) {
	for _, provider := range []string{oauthtest.Salesforce, oauthtest.Generic} {
		t.Run(provider, func(t *testing.T) {
			s := newServer(t, oauthtest.Config{Provider: provider})
			accessToken := document(t, s).member("access_token")
			a := resource(t, s, accessToken)
			var versions []struct{ Version string }
			if err := json.Unmarshal([]byte(a.body), &versions); err != nil || a.status != 200 || len(versions) == 0 || versions[0].Version == "" {
				t.Errorf("got %d %s (%v)", a.status, a.body, err)
			}
			s.Expire(accessToken)
			if s.AccessTokenLive(accessToken) {
				t.Error("an access token outlives Expire")
			}
			for _, token := range []string{accessToken, "garbage", ""} {
				a := resource(t, s, token)
				var want, challenge string
				switch {
				case provider == oauthtest.Salesforce:
					want = `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`
				case token == "":
					challenge = "Bearer"
				default:
					want, challenge = `{"error":"invalid_token"}`, `Bearer error="invalid_token"`
				}
				if a.status != http.StatusUnauthorized || a.body != want || a.header.Get("WWW-Authenticate") != challenge {
					t.Errorf("token %q: got %d %s %v", token, a.status, a.body, a.header)
				}
			}
		})
	}
}
