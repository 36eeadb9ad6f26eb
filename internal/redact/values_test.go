package redact_test

import (
	"slices"
	"testing"

	"github.com/freshet-dev/freshet/internal/redact"
)

func TestValues(t *testing.T) {
	for document, want := range map[string][]string{
		`{"access_token":"a1","token_type":"Bearer","expires_in":"3600","refresh_token":"r1","scope":"api","id_token":"i1"}`: {"a1", "i1", "r1"},
		"\ufeff" + ` { "client_id":"app", "client_secret":"s1", "token_uri":"https://op.example/" }`:                         {"s1"},
		`{"ok":true,"authed_user":{"id":"U1","access_token":"a1"},"team":{"name":"T"}}`:                                      {"a1"},
		`{"data":{"tokens":[{"value":"a1"},["a2",3]],"name":"n"},"name":"m"}`:                                                {"a1", "a2"},
		`{"accessToken":{"value":"a1"},"x":[{"a":1},"b"],"lightning_sid":"s1","csrf_token":"c1","president":"p"}`:            {"a1", "c1", "s1"},
		`{"access_token":"a1","refresh_token":"r1","scop`:                                                                    {"a1", "r1"},
		`{"access_token":"a1","refresh_tok`:                                                                                  {"a1"},
		"access_token=a1&scope=repo%2Cgist&refresh_token=r%2B1&token_type=bearer":                                            {"a1", "r+1"},
		`{"error":"invalid_grant","error_description":"AADSTS70008","trace_id":"0000aaaa","code":"c"}`:                       nil,
		"":    nil,
		"[]}": nil,
	} {
		got := redact.Values([]byte(document))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", document, got, want)
		}
	}
}
