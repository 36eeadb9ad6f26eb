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

// A provider that repeats a secret in what may be shown, in whatever encoding, has that member hidden.
func TestWhatRepeatsASecretIsNotDisclosed(t *testing.T) {
	token, err := freshet.ParseToken([]byte(`{"access_token":"a/hunter2=","refresh_token":"r/hunter2=","id_token":"i/hunter2="}`))
	if err != nil {
		t.Fatal(err)
	}
	c := freshet.Connection{Token: token, Registration: freshet.Registration{Client: oauth.Client{Secret: "s/hunter2="}}}
	for _, secret := range []string{"a/hunter2=", "r/hunter2=", "i/hunter2=", "s/hunter2="} {
		for _, echo := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte("app:" + secret))} {
			said, err := disclose([]byte(`{"sub":"x `+echo+`","scope":"api","active":true,"`+echo+`":1}`), c, introspected)
			if err != nil {
				t.Fatal(err)
			}
			if shown := slices.Sorted(maps.Keys(said.shown)); !slices.Equal(shown, []string{"active", "scope"}) {
				t.Errorf("%s: %q are shown", echo, shown)
			}
			if diff := cmp.Diff([]string{"[secret]", "sub"}, said.hidden); diff != "" {
				t.Errorf("%s (-want +got):\n%s", echo, diff)
			}
		}
	}
}
