package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// A parameter that freshet sets itself would be saved and have no effect.
func TestOwnParams(t *testing.T) {
	own := []freshet.GrantType{freshet.GrantClientCredentials}
	for _, test := range []struct {
		flag, pair string
		renewBy    []freshet.GrantType
		remedy     string // "" if the pair is allowed
	}{
		{"authorize-param", "client_id=c", nil, "--client-id"},
		{"authorize-param", "redirect_uri=x", nil, "--redirect-uri"},
		{"authorize-param", "response_type=token", nil, "--response-type"},
		{"authorize-param", "response_mode=query", nil, "--response-mode"},
		{"authorize-param", "scope=read", nil, "--scope"},
		{"authorize-param", "state=s", nil, "--state"},
		{"authorize-param", "nonce=n", nil, "--nonce-length"},
		{"authorize-param", "resource=r", nil, "--resource"},
		{"authorize-param", "code_challenge=x", nil, "--pkce"},
		{"authorize-param", "code_challenge_method=plain", nil, "--pkce"},
		{"authorize-param", "prompt=consent", nil, ""},
		{"authorize-param", "state=", nil, ""}, // removes what an older version saved
		{"code-param", "grant_type=x", nil, "leave it out"},
		{"code-param", "code=x", nil, "--paste"},
		{"code-param", "device_code=x", nil, "--device"},
		{"code-param", "client_id=other", nil, "--client-id"},
		{"code-param", "client_id=c", nil, ""},
		{"code-param", "redirect_uri=x", nil, "--redirect-uri"},
		{"code-param", "resource=x", nil, "--resource"},
		{"code-param", "scope=read", nil, ""},
		{"refresh-param", "grant_type=x", nil, "--grant"},
		{"refresh-param", "client_id=other", nil, "--client-id"},
		{"refresh-param", "resource=x", nil, "--resource"},
		{"refresh-param", "scope=read", nil, ""},
		{"refresh-param", "scope=read", own, "--scope"},
		{"refresh-header", "content-type=text/plain", nil, "--refresh-json"},
		{"refresh-header", "Content-Length=3", nil, "leave it out"},
		{"refresh-header", "Transfer-Encoding=chunked", nil, "leave it out"},
		{"refresh-header", "HOST=other.example", nil, "--token-url"},
		{"refresh-header", "Accept=*/*", nil, ""},
	} {
		r := freshet.Registration{Client: oauth.Client{ID: "c"}, RenewBy: test.renewBy}
		err := checkOwnParams(test.flag, []string{test.pair}, r)
		usage, refused := errors.AsType[*usageError](err)
		if refused != (test.remedy != "") || refused && !strings.Contains(usage.remedy, test.remedy) {
			t.Errorf("--%s %s with %v: %v, want the remedy %q", test.flag, test.pair, test.renewBy, err, test.remedy)
		}
	}
}
