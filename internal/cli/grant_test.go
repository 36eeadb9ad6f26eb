package cli

import (
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
)

func TestGrantOf(t *testing.T) {
	for name, test := range map[string]struct {
		provider, document string
		want               grantKind
	}{
		"refreshable":             {"", `{"access_token":"a","refresh_token":"r","expires_in":300}`, refreshable},
		"without a refresh token": {"", `{"access_token":"a","expires_in":300}`, notRefreshable},
		"of unknown life":         {"", `{"access_token":"a"}`, notRefreshable},
		"permanent":               {"github", `{"access_token":"a","scope":"repo"}`, permanent},
		"expiring":                {"github", `{"access_token":"a","expires_in":300}`, notRefreshable},
		"Keycloak's session, without openid": {
			"", `{"access_token":"a","refresh_token":"r","refresh_expires_in":1800,"session_state":"s"}`,
			sessionBound,
		},
		"Keycloak's session, by its own member": {
			"", `{"access_token":"a","refresh_token":"r","refresh_expires_in":1800,"not-before-policy":0}`,
			sessionBound,
		},
		"a session of OpenID Connect": {
			"", `{"access_token":"a","refresh_token":"r","refresh_expires_in":1800,"scope":"openid"}`, sessionBound,
		},
		"Keycloak's offline grant": {
			"", `{"access_token":"a","refresh_token":"r","refresh_expires_in":0,"scope":"openid offline_access"}`,
			refreshable,
		},
		"an offline grant that ends": {
			"", `{"access_token":"a","refresh_token":"r","refresh_expires_in":2592000,"scope":"openid offline_access"}`,
			refreshable,
		},
		"a server without sessions": { // TikTok's
			"", `{"access_token":"a","refresh_token":"r","refresh_expires_in":31536000,"scope":"user.info"}`,
			refreshable,
		},
	} {
		token, err := freshet.ParseToken([]byte(test.document))
		if err != nil {
			t.Fatal(err)
		}
		c := freshet.Connection{Name: "acme", Registration: freshet.Registration{Provider: test.provider}, Token: token}
		if got := grantOf(c, time.Now()); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
