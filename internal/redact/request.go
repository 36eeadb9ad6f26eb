package redact

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What of a request is known to be harmless. Everything else in it is a secret.
var (
	harmlessParameters = []string{
		"grant_type", "client_id", "scope", "response_type", "response_mode", "token_type_hint", "code_challenge_method", "resource",
		// Further ones of OpenID Connect Core 1.0 §3.1.2.1 and of providers, whose values are a few words for everybody.
		"prompt", "display", "max_age", "ui_locales", "acr_values", "access_type", "approval_prompt", "include_granted_scopes", "token_access_type",
	}
	harmlessHeaders = []string{ // of requests and replies
		"Accept", "Allow", "Cache-Control", "Content-Length", "Content-Type", "Date", "Pragma", "Retry-After", "Server",
		"User-Agent",
	}
	schemes = []string{"basic", "bearer", "digest", "dpop", "negotiate"}
)

// HarmlessParameter returns as much of a parameter as may be shown, and false if nothing may.
func HarmlessParameter(name, value string) (clear string, ok bool) {
	if name == "redirect_uri" {
		u, err := url.Parse(value)
		if err != nil {
			return "", false
		}
		u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
		return u.String(), true
	}
	return value, slices.Contains(harmlessParameters, name)
}

// IsHarmlessHeader reports whether the values of a header may be shown; name is in its canonical form.
func IsHarmlessHeader(name string) bool { return slices.Contains(harmlessHeaders, name) }

// IsScheme reports whether s is an authentication scheme (RFC 9110 §11.1), behind which credentials stand in a header.
func IsScheme(s string) bool { return slices.Contains(schemes, strings.ToLower(s)) }

// Parameters returns the secrets among the values of a form.
func Parameters(form url.Values) []string {
	var secrets []string
	for name, values := range form {
		for _, value := range values {
			if _, ok := HarmlessParameter(name, value); !ok {
				secrets = append(secrets, value)
			} else if name == "redirect_uri" {
				u, _ := url.Parse(value) // or it would not be harmless
				secrets = slices.Concat(secrets, Userinfo(u), Parameters(u.Query()))
			}
		}
	}
	return secrets
}

// Headers returns the secrets in headers, and their parts: a bearer token, the values of cookies and parameters, id and secret of
// HTTP Basic.
func Headers(header http.Header) []string {
	var secrets []string
	for name, values := range header {
		if IsHarmlessHeader(http.CanonicalHeaderKey(name)) {
			continue
		}
		for _, value := range values {
			scheme, credentials, _ := strings.Cut(value, " ")
			secrets = append(secrets, credentials)
			if !IsScheme(scheme) {
				secrets = append(secrets, value)
			}
			for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == ',' }) {
				if _, parameter, ok := strings.Cut(part, "="); ok {
					secrets = append(secrets, strings.Trim(parameter, `"`))
				}
			}
			if basic, err := base64.StdEncoding.DecodeString(credentials); err == nil && len(basic) > 0 {
				user, password, _ := strings.Cut(string(basic), ":")
				if password == "" {
					password = user // a secret that says by itself whose it is
				}
				plain, _ := url.QueryUnescape(password) // RFC 6749 §2.3.1
				secrets = append(secrets, string(basic), password, plain)
			}
		}
	}
	return secrets
}

// Options returns the secrets in what a registration adds to requests: parameters and headers.
func Options(params, headers map[string]string) []string {
	form, header := url.Values{}, http.Header{}
	for name, value := range params {
		form.Set(name, value)
	}
	for name, value := range headers {
		header.Set(name, value)
	}
	return append(Parameters(form), Headers(header)...)
}

// Client returns the secret of a client, also as HTTP Basic has it: with the id, each as a form has it (RFC 6749 §2.3.1).
func Client(id, secret string) []string {
	if secret == "" {
		return nil
	}
	return []string{secret, id + ":" + secret, url.QueryEscape(id) + ":" + url.QueryEscape(secret)}
}

// Userinfo returns the password in an address, also as HTTP Basic has it.
func Userinfo(u *url.URL) []string {
	if u == nil || u.User == nil {
		return nil
	}
	password, _ := u.User.Password()
	return append(Client(u.User.Username(), password), u.User.String())
}
