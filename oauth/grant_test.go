package oauth_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/oauth"
)

func TestGrants(t *testing.T) {
	for _, test := range []struct {
		name      string
		got, want url.Values
	}{
		{"a refresh token", oauth.RefreshGrant("r"), url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {"r"},
		}},
		{"a code with PKCE", oauth.CodeGrant("c", "http://127.0.0.1/callback", "v"), url.Values{
			"grant_type": {"authorization_code"}, "code": {"c"}, "redirect_uri": {"http://127.0.0.1/callback"}, "code_verifier": {"v"},
		}},
		{"a code alone", oauth.CodeGrant("c", "", ""), url.Values{
			"grant_type": {"authorization_code"}, "code": {"c"},
		}},
		{"a device code", oauth.DeviceGrant("d"), url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {"d"},
		}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
