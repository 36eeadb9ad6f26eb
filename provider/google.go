package provider

import (
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Google, as of November 2026. A refresh does not rotate and brings no refresh token; a login brings one only with
// access_type=offline, and to a user who has consented before only with prompt=consent.
//
// https://developers.google.com/identity/protocols/oauth2/native-app
// https://developers.google.com/identity/protocols/oauth2#expiration
// https://accounts.google.com/.well-known/openid-configuration
var google = Provider{
	Name:   "google",
	Title:  "Google",
	Hosts:  []string{"accounts.google.com", "oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com"},
	Issuer: "https://accounts.google.com",
	Endpoints: oauth.Endpoints{
		Authorization: "https://accounts.google.com/o/oauth2/v2/auth",
		Token:         "https://oauth2.googleapis.com/token",
		Device:        "https://oauth2.googleapis.com/device/code",
		Revocation:    "https://oauth2.googleapis.com/revoke",
		Userinfo:      "https://openidconnect.googleapis.com/v1/userinfo",
		JWKS:          "https://www.googleapis.com/oauth2/v3/certs",
	},
	Login: Login{
		Scopes: []string{"openid", "email"},
		Params: map[string]string{"access_type": "offline", "prompt": "consent"},
		Hint:   "the client is of the type \"Desktop app\"; its secret is not confidential, but Google wants it",
	},
	API:             API{Hosts: []string{".googleapis.com"}},
	ClientIDHint:    "it ends in .apps.googleusercontent.com and stands in the Google Cloud console under APIs & Services, Credentials",
	AssumedLifetime: time.Hour,            // Google sends expires_in
	IdleLimit:       180 * 24 * time.Hour, // six months
	Refusals: []Refusal{
		{
			Code: "invalid_grant", Text: "expired or revoked", Kind: oauth.LoginRequired,
			Cause: "Google no longer accepts this refresh token: access was withdrawn, it was unused for six months, the password changed, " +
				"newer logins of the same client pushed it out, or the app is in testing, where a grant lives seven days",
			Remedy: "log in again; publish the app if it is still in testing",
		},
		{
			Code: "redirect_uri_mismatch", Kind: oauth.Misconfigured,
			Cause:  "the client may not be used with this redirect address",
			Remedy: "use a client of the type \"Desktop app\", or register the address",
		},
	},
}
