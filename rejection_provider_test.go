package freshet

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/provider"
)

// These are the answers by which APIs reject a token without a 401. Others with the same status are none.
func TestProvidersRejections(t *testing.T) {
	const spapi = `{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.","details":"%s"}]}`
	for _, test := range []struct {
		provider string
		status   int
		body     string
		want     bool
	}{
		{"amazon", 403, fmt.Sprintf(spapi, "The access token you provided has expired."), true},
		{"amazon", 403, fmt.Sprintf(spapi, "The access token you provided is revoked, malformed or invalid."), true},
		{"amazon", 403, fmt.Sprintf(spapi, ""), false},
		{"ebay", 200, `<Errors><ShortMessage>Expired IAF token.</ShortMessage><ErrorCode>21917053</ErrorCode></Errors>`, true},
		{"ebay", 200, `<Errors><ErrorCode>21916984</ErrorCode></Errors>`, true},
		{"ebay", 200, `<Item><ItemID>121917053</ItemID></Item>`, false},
		{"facebook", 400, `{"error":{"message":"Error validating access token","code":190}}`, true},
		{"firebase", 400, `{"error":{"code":400,"message":"INVALID_ID_TOKEN"}}`, true},
		{"firebase", 400, `{"error":{"code":400,"message":"MISSING_PASSWORD"}}`, false},
		{"microsoft", 403, `{"error":{"code":"TokenExpired","message":"Access token has expired, resubmit with a new access token"}}`, true},
		{"microsoft", 403, `{"error":{"code":"Forbidden"}}`, false},
		{"salesforce", 403, `Bad_OAuth_Token`, true},
		{"slack", 200, `{"ok":false,"error":"token_expired"}`, true},
		{"withings", 200, `{"status":401,"body":{},"error":"invalid_token"}`, true},
		{"withings", 200, `{"status":0,"body":{}}`, false},
	} {
		p, err := provider.Lookup(test.provider)
		if err != nil {
			t.Fatal(err)
		}
		res := &http.Response{
			StatusCode: test.status, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(test.body)),
		}
		if got := (&presentation{provider: p}).isRejection(res, 64<<10); got != test.want {
			t.Errorf("%s, %d %s: %v", test.provider, test.status, test.body, got)
		}
	}
}
