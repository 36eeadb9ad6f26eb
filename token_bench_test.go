package freshet_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// salesforce returns a token response as long as Salesforce's.
func salesforce(accessToken string) []byte {
	return fmt.Appendf(nil, `{
  "access_token": "00D41000000F8A0!%s",
  "refresh_token": "5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrNTq.iDcBwCu3fWhqFVdIPCdWZRNqTZCFRBPkwoISmpcQKrIW",
  "signature": "cjTbSc5DvcKpaMoRTzuQTJLb1tcMw8LEO01flq4aMD4=",
  "scope": "refresh_token id api",
  "instance_url": "https://d41000000f8a0eak-dev-ed.my.salesforce.com",
  "id": "https://login.salesforce.com/id/00D41000000F8A0EAK/005410000000000AAA",
  "token_type": "Bearer",
  "issued_at": "1738348388166"
}
`, accessToken)
}

var (
	oldAccessToken = strings.Repeat("aB3.", 24)
	newAccessToken = strings.Repeat("xY7_", 24)
)

// refreshed is Salesforce's response to a refresh, without refresh token and lifetime.
var refreshed = fmt.Appendf(nil,
	`{"access_token":"00D41000000F8A0!%s","signature":"Q1NTTTVEdmNLcGFNb1JUenVRVEpMYjF0Y013OExFTzA=",`+
		`"scope":"refresh_token id api","instance_url":"https://d41000000f8a0eak-dev-ed.my.salesforce.com",`+
		`"id":"https://login.salesforce.com/id/00D41000000F8A0EAK/005410000000000AAA",`+
		`"token_type":"Bearer","issued_at":"1738348399999"}`, newAccessToken)

func BenchmarkParseToken(b *testing.B) {
	document := salesforce(oldAccessToken)
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := freshet.ParseToken(document); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMerge(b *testing.B) {
	token := parse(b, string(salesforce(oldAccessToken)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := token.Merge(refreshed, received); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExpiry(b *testing.B) {
	const claims = `{"iss":"https://op.example","sub":"005","scope":["api","id"],"exp":1738355588}`
	jwt := "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	for name, accessToken := range map[string]string{"opaque": oldAccessToken, "JWT": jwt} {
		b.Run(name, func(b *testing.B) {
			old := []byte("00D41000000F8A0!" + oldAccessToken)
			document := bytes.Replace(salesforce(oldAccessToken), old, []byte(accessToken), 1)
			connection := freshet.Connection{Token: parse(b, string(document))}
			connection.Health.AccessTokenHash = strings.Repeat("0", 64)
			connection.Health.LastSuccess = received
			now := received.Add(time.Minute)
			b.ReportAllocs()
			for b.Loop() {
				_ = connection.Expiry(now)
			}
		})
	}
}

func BenchmarkAuthorizationHeader(b *testing.B) {
	token := parse(b, string(salesforce(oldAccessToken)))
	b.ReportAllocs()
	for b.Loop() {
		_ = freshet.AuthorizationHeader(token)
	}
}

func BenchmarkRefreshTokenHash(b *testing.B) {
	token := parse(b, string(salesforce(oldAccessToken)))
	b.ReportAllocs()
	for b.Loop() {
		_ = token.RefreshTokenHash()
	}
}

// BenchmarkTokenMemory reports the memory of a token in addition to its document: after parsing,
// and after each value was computed that is computed at its first use.
func BenchmarkTokenMemory(b *testing.B) {
	const count = 10_000
	document := salesforce(oldAccessToken)
	for b.Loop() {
		before := heap()
		tokens := make([]freshet.Token, count)
		for i := range tokens {
			tokens[i] = parse(b, string(document))
		}
		loaded := heap()
		for _, t := range tokens {
			_, _ = freshet.AuthorizationHeader(t), t.RefreshTokenHash()
			c := freshet.Connection{Token: t, Health: freshet.Health{AccessTokenHash: "0", LastSuccess: received}}
			_ = c.Expiry(received)
		}
		used := heap()
		runtime.KeepAlive(tokens)
		b.ReportMetric(float64(loaded-before)/count-float64(len(document)), "loaded-B/token")
		b.ReportMetric(float64(used-before)/count-float64(len(document)), "used-B/token")
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMergeAllocations bounds the allocations of one merge. Most were names in lower case and
// errors of numbers, for members that are no times.
func TestMergeAllocations(t *testing.T) {
	const limit = 14
	token := parse(t, string(salesforce(oldAccessToken)))
	if n := testing.AllocsPerRun(100, func() { _, _ = token.Merge(refreshed, received) }); n > limit {
		t.Errorf("Merge allocates %.0f times, want at most %d", n, limit)
	}
}

// TestRefreshAllocations bounds the allocations of a refresh without the network.
func TestRefreshAllocations(t *testing.T) {
	const limit = 95
	store := new(freshet.MemoryStore)
	store.Put(freshet.Connection{
		Name: acme, Token: parse(t, string(salesforce(oldAccessToken))),
		Registration: freshet.Registration{Provider: "salesforce", Client: oauth.Client{ID: "c"}},
	})
	send := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(refreshed))}, nil
	})
	refresher := &freshet.Refresher{Store: store, HTTP: &http.Client{Transport: send}}
	n := testing.AllocsPerRun(100, func() {
		if _, err := refresher.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
			t.Fatal(err)
		}
	})
	if n > limit {
		t.Errorf("a refresh allocates %.0f times, want at most %d", n, limit)
	}
}
