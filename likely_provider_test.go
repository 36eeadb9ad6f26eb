package freshet_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// A saved response says by its own members which provider probably sent it. The remedy names it, and
// nothing is sent before the user does.
func TestLikelyProvider(t *testing.T) {
	issuedBy := func(issuer string) string {
		return "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"`+issuer+`"}`)) + ".c2ln"
	}
	for document, want := range map[string]string{
		`{"access_token":"a","refresh_token":"r","id_token":"` + issuedBy("https://accounts.google.com") + `"}`: "google",
		`{"access_token":"ya29.a0","refresh_token":"r"}`:                                                        "google",
		`{"access_token":"a","refresh_token":"1//0e"}`:                                                          "google",
		`{"access_token":"a","refresh_token":"r","ext_expires_in":4187}`:                                        "microsoft",
		`{"access_token":"a","refresh_token":"r","x_refresh_token_expires_in":8640}`:                            "quickbooks",
		`{"access_token":"ghu_a","refresh_token":"ghr_r"}`:                                                      "github",
		`{"access_token":"a","refresh_token":"Atzr|r"}`:                                                         "amazon",
		`{"access_token":"` + issuedBy("https://identity.xero.com") + `","refresh_token":"r"}`:                  "xero",
		`{"refresh_token":"r","id_token":"` +
			issuedBy("https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0") + `"}`: "microsoft",
		`{"access_token":"a","refresh_token":"r"}`:                                                        "",
		`{"refresh_token":"r","id_token":"` + issuedBy("https://accounts.google.com.evil.example") + `"}`: "",
	} {
		token, err := freshet.ParseToken([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		c := freshet.Connection{Token: token, Registration: freshet.Registration{Client: oauth.Client{ID: "c"}}}
		_, err = c.Request()
		problem, ok := errors.AsType[*freshet.SetupError](err)
		if !ok {
			t.Errorf("%s: %v", document, err)
			continue
		}
		if remedy := string(problem.Remedy); want != "" && !strings.HasPrefix(remedy, "{set provider="+want+"}") ||
			want == "" && !strings.HasPrefix(remedy, "{set token_url}") {
			t.Errorf("%s: the remedy is %s, want the provider %q", document, remedy, want)
		}
	}
}
