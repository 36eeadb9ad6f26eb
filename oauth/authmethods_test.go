package oauth_test

import (
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
)

func TestStyleFor(t *testing.T) {
	const basic, post = "client_secret_basic ", "client_secret_post "
	for _, test := range []struct {
		name, listed string
		id           string
		secret       oauth.Secret
		preferred    oauth.AuthStyle
		want         oauth.AuthStyle
	}{
		{"both", basic + post, "c-1", "s3cret", "", oauth.AuthBasic},
		{"both, in another order", post + basic, "c-1", "s3cret", "", oauth.AuthBasic},
		{"both, a secret to encode", basic + post, "c-1", "s3/cret+", "", oauth.AuthBody},
		{"both, an id to encode", basic + post, "c:1", "s3cret", "", oauth.AuthBody},
		{"both, a method that worked", basic + post, "c-1", "s3cret", oauth.AuthBody, oauth.AuthBody},
		{"both, a secret to encode worked", basic + post, "c-1", "s3/cret+", oauth.AuthBasic, oauth.AuthBasic},
		{"only basic, a secret to encode", basic + "none", "c-1", "s3/cret+", "", oauth.AuthBasic},
		{"only basic, another worked elsewhere", basic, "c-1", "s3cret", oauth.AuthBody, oauth.AuthBasic},
		{"only the body", post + "none", "c-1", "s3cret", "", oauth.AuthBody},
		{"only the body, another worked elsewhere", post, "c-1", "s3cret", oauth.AuthBasic, oauth.AuthBody},
		{"none with a secret", "private_key_jwt none", "c-1", "s3cret", "", ""},
		{"only a JWT", "client_secret_jwt private_key_jwt", "c-1", "s3cret", "", oauth.AuthSecretJWT},
		{"a JWT beside others", "client_secret_jwt " + basic, "c-1", "s3cret", "", oauth.AuthBasic},
		{"a JWT that worked", "client_secret_jwt " + basic, "c-1", "s3cret", oauth.AuthSecretJWT, oauth.AuthSecretJWT},
		{"nothing", "", "c-1", "s3cret", oauth.AuthBody, ""},
	} {
		client := oauth.Client{ID: test.id, Secret: test.secret}
		if got := client.StyleFor(strings.Fields(test.listed), test.preferred); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

type noSigner struct{ oauth.Signer }

func TestStyleForKey(t *testing.T) {
	for _, test := range []struct {
		listed    string
		secret    oauth.Secret
		preferred oauth.AuthStyle
		want      oauth.AuthStyle
	}{
		{"client_secret_basic private_key_jwt", "", "", oauth.AuthPrivateKeyJWT},
		{"client_secret_basic private_key_jwt", "s3cret", "", oauth.AuthPrivateKeyJWT},
		{"client_secret_basic private_key_jwt", "s3cret", oauth.AuthBasic, oauth.AuthBasic},
		{"client_secret_basic", "s3cret", "", oauth.AuthBasic},
		{"client_secret_basic none", "", "", ""},
	} {
		client := oauth.Client{ID: "c-1", Secret: test.secret, Key: noSigner{}}
		if got := client.StyleFor(strings.Fields(test.listed), test.preferred); got != test.want {
			t.Errorf("%+v: %q, want %q", test, got, test.want)
		}
	}
}
