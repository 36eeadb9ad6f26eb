package oauth

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/redact"
)

// sent is what a request carried, and what neither its reply nor its errors may repeat. The secrets are collected only where
// there is a text to clean.
type sent struct {
	request   *http.Request
	form      url.Values        // its body
	transport http.RoundTripper // which knows the password of a proxy
}

// redactor returns one for the request's secrets and more.
func (s *sent) redactor(more ...string) *redact.Redactor {
	if s == nil { // the reply was read from a journal
		return redact.New(more...)
	}
	secrets := slices.Concat(more, hiddenParameters(s.form), hiddenHeaders(s.request.Header))
	query, _ := url.ParseQuery(s.request.URL.RawQuery) // what could be read of it
	secrets = append(secrets, hiddenParameters(query)...)
	if proxy := proxyURL(s.transport, s.request); proxy != nil && proxy.User != nil {
		if password, ok := proxy.User.Password(); ok {
			secrets = append(secrets, password, proxy.User.String(), proxy.User.Username()+":"+password)
		}
	}
	return redact.New(secrets...)
}

// hiddenParameters returns the values of the parameters that are not shown.
func hiddenParameters(form url.Values) []string {
	var hidden []string
	for name, values := range form {
		for _, value := range values {
			if _, ok := harmlessParameter(name, value); !ok {
				hidden = append(hidden, value)
			}
		}
	}
	return hidden
}

// hiddenHeaders returns the headers that are not shown, and their parts: a bearer token, the values of cookies and parameters, id
// and secret of HTTP Basic.
func hiddenHeaders(header http.Header) []string {
	var hidden []string
	for name, values := range header {
		if slices.Contains(harmlessHeaders, name) {
			continue
		}
		for _, value := range values {
			scheme, credentials, _ := strings.Cut(value, " ")
			hidden = append(hidden, credentials)
			if !slices.Contains(schemes, strings.ToLower(scheme)) {
				hidden = append(hidden, value)
			}
			for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == ',' }) {
				if _, parameter, ok := strings.Cut(part, "="); ok {
					hidden = append(hidden, strings.Trim(parameter, `"`))
				}
			}
			if basic, err := base64.StdEncoding.DecodeString(credentials); err == nil {
				user, password, _ := strings.Cut(string(basic), ":")
				if password == "" {
					password = user // [AuthSecretAsUser]
				}
				plain, _ := url.QueryUnescape(password) // RFC 6749 §2.3.1
				hidden = append(hidden, string(basic), password, plain)
			}
		}
	}
	return hidden
}
