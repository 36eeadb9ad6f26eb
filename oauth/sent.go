package oauth

import (
	"net/http"
	"net/url"
	"slices"

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
	query, _ := url.ParseQuery(s.request.URL.RawQuery) // what could be read of it
	return redact.New(slices.Concat(
		more, redact.Parameters(s.form), redact.Parameters(query), redact.Headers(s.request.Header), redact.Userinfo(proxyURL(s.transport, s.request)),
	)...)
}
