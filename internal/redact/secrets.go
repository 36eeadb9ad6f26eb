package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// These are not secrets. Everything else in a request is.
var (
	harmlessParameters = []string{
		"grant_type", "client_id", "scope", "response_type", "response_mode", "token_type_hint",
		"code_challenge_method", "resource",
		// OpenID Connect Core 1.0 §3.1.2.1 and providers: parameters with a few fixed values.
		"prompt", "display", "max_age", "ui_locales", "acr_values", "access_type", "approval_prompt",
		"include_granted_scopes", "token_access_type",
	}
	harmlessHeaders = []string{ // of requests and replies
		"Accept", "Allow", "Cache-Control", "Content-Length", "Content-Type", "Date", "Pragma", "Retry-After", "Server",
		"User-Agent",
	}
	schemes = []string{"basic", "bearer", "digest", "dpop", "negotiate"}
)

// HarmlessParameter returns the part of a parameter's value that may be shown. ok is false if it is
// a secret.
func HarmlessParameter(name, value string) (clear string, ok bool) {
	if name == "redirect_uri" {
		u, err := url.Parse(value)
		if err != nil {
			return "", false
		}
		u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
		return u.String(), true
	}
	if !slices.Contains(harmlessParameters, name) {
		return "", false
	}
	return value, true
}

// IsHarmlessHeader reports whether the values of a header may be shown. name is in canonical form.
func IsHarmlessHeader(name string) bool { return slices.Contains(harmlessHeaders, name) }

// IsScheme reports whether s is an authentication scheme (RFC 9110 §11.1), which credentials
// follow.
func IsScheme(s string) bool { return slices.Contains(schemes, strings.ToLower(s)) }

// Parameters returns the secrets among the values of a form.
func Parameters(form url.Values) []string {
	var secrets []string
	for name, values := range form {
		for _, value := range values {
			if _, ok := HarmlessParameter(name, value); !ok {
				secrets = append(secrets, value)
			} else if name == "redirect_uri" {
				u, _ := url.Parse(value) // HarmlessParameter has parsed it
				secrets = slices.Concat(secrets, Userinfo(u), Parameters(u.Query()))
			}
		}
	}
	return secrets
}

// Headers returns the secrets in headers, whole and in parts: a bearer token, the values of cookies
// and parameters, the id and the secret of HTTP Basic.
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
					password = user // a secret that is also the user name, such as Stripe's
				}
				plain, _ := url.QueryUnescape(password) // RFC 6749 §2.3.1
				secrets = append(secrets, string(basic), password, plain)
			}
		}
	}
	return secrets
}

// Options returns the secrets in the parameters and headers that a registration adds to requests.
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

// Client returns the secret of a client, also with the id as in HTTP Basic, plain and form-encoded
// (RFC 6749 §2.3.1).
func Client(id, secret string) []string {
	if secret == "" {
		return nil
	}
	return []string{secret, id + ":" + secret, url.QueryEscape(id) + ":" + url.QueryEscape(secret)}
}

// Userinfo returns the password in a URL, also with the user as in HTTP Basic.
func Userinfo(u *url.URL) []string {
	if u == nil || u.User == nil {
		return nil
	}
	password, _ := u.User.Password()
	return append(Client(u.User.Username(), password), u.User.String())
}

// secretParts are parts of the names of members that hold secrets.
var secretParts = []string{
	"token", "secret", "password", "assertion", "cookie", "session", "signature", "credential", "jwt", "key",
	"nonce", "verifier", "device_code", "csrf",
}

// publicSuffixes end names that hold no secret, such as token_type.
var publicSuffixes = []string{"_type", "_uri", "_url", "_endpoint", "_supported", "_in", "_at", "_on"}

func isSecretName(name string) bool {
	name = strings.ToLower(name)
	hasSuffix := func(suffix string) bool { return strings.HasSuffix(name, suffix) }
	hasPart := func(part string) bool { return strings.Contains(name, part) }
	return !slices.ContainsFunc(publicSuffixes, hasSuffix) &&
		(slices.ContainsFunc(secretParts, hasPart) || hasSuffix("sid"))
}

// Values returns the strings in a token document or a reply whose names are those of secrets:
// tokens, a client secret, a session. The document is JSON or a form. It may be incomplete.
func Values(document []byte) []string {
	var found []string
	d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(document), "\ufeff")))
	// nesting has the document and each open object or array. isValue means that a value is next,
	// not a name; isSecret, that the value has the name of a secret, or is within one that has.
	type level struct{ inObject, isValue, isSecret bool }
	nesting := []level{{}}
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		here := &nesting[len(nesting)-1]
		switch v := token.(type) {
		case json.Delim:
			if v == '}' || v == ']' {
				nesting = nesting[:len(nesting)-1]
				break
			}
			here.isValue = false
			nesting = append(nesting, level{inObject: v == '{', isSecret: here.isSecret})
			continue
		case string:
			if here.inObject && !here.isValue {
				here.isValue = true
				here.isSecret = nesting[max(len(nesting)-2, 0)].isSecret || isSecretName(v)
				continue
			}
			if here.isSecret {
				found = append(found, v)
			}
		}
		nesting[len(nesting)-1].isValue = false
	}
	if len(nesting) > 1 || len(found) > 0 {
		return found
	}
	form, _ := url.ParseQuery(string(document)) // the valid part of it
	for name, values := range form {
		if isSecretName(name) {
			found = append(found, values...)
		}
	}
	return found
}
