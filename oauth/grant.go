package oauth

import "net/url"

// The grants: what a [Request] to the token endpoint presents. Each returns a form that is the caller's to extend.

// RefreshGrant presents a refresh token (RFC 6749 §6). No scope is sent: the grant keeps the scope it has.
func RefreshGrant(refreshToken Secret) url.Values {
	return url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {string(refreshToken)},
	}
}

// CodeGrant presents an authorization code (RFC 6749 §4.1.3) with the redirect URI that it came to and the PKCE verifier
// (RFC 7636 §4.5), each of which is left out when empty.
func CodeGrant(code Secret, redirectURI string, verifier Secret) url.Values {
	form := url.Values{
		"grant_type": {"authorization_code"},
		"code":       {string(code)},
	}
	if redirectURI != "" {
		form.Set("redirect_uri", redirectURI)
	}
	if verifier != "" {
		form.Set("code_verifier", string(verifier))
	}
	return form
}

// DeviceGrant asks whether the person has allowed the device code by now (RFC 8628 §3.4).
func DeviceGrant(deviceCode Secret) url.Values {
	return url.Values{
		"grant_type":  {"urn:ietf:params:oauth:grant-type:device_code"},
		"device_code": {string(deviceCode)},
	}
}
