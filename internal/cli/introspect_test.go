package cli

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// A member that repeats a secret, in any encoding, is hidden.
func TestIntrospectHidesRepeatedSecrets(t *testing.T) {
	token, err := freshet.ParseToken([]byte(
		`{"access_token":"a/hunter2=","refresh_token":"r/hunter2=","id_token":"i/hunter2="}`))
	if err != nil {
		t.Fatal(err)
	}
	c := freshet.Connection{Token: token, Registration: freshet.Registration{Client: oauth.Client{Secret: "s/hunter2="}}}
	for _, secret := range []string{"a/hunter2=", "r/hunter2=", "i/hunter2=", "s/hunter2="} {
		basic := base64.StdEncoding.EncodeToString([]byte("app:" + secret))
		for _, echo := range []string{secret, url.QueryEscape(secret), basic} {
			d, err := disclose([]byte(`{"sub":"x `+echo+`","scope":"api","active":true,"`+echo+`":1}`), c, introspected)
			if err != nil {
				t.Fatal(err)
			}
			if shown := slices.Sorted(maps.Keys(d.shown)); !slices.Equal(shown, []string{"active", "scope"}) {
				t.Errorf("%s: %q are shown", echo, shown)
			}
			if diff := cmp.Diff([]string{"[secret]", "sub"}, d.hidden); diff != "" {
				t.Errorf("%s (-want +got):\n%s", echo, diff)
			}
		}
	}
}
