package oauth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/text"
)

const hidden = "[hidden]"

// harmlessMembers are what may be shown of a reply. What is hidden is also looked for in what is shown, since servers repeat what
// they refuse.
var harmlessMembers = []string{
	"token_type", "expires_in", "expires_at", "scope", "issued_at", "error", "error_description", "error_uri", "interval",
	"active", "exp", "iat",
	// Of what a server says about itself (RFC 8414 §2), beside all whose names end in supported.
	"require_pushed_authorization_requests", "require_request_uri_registration", "require_signed_request_object",
	"service_documentation", "tls_client_certificate_bound_access_tokens",
}

// supported is how the names of members end that list what a server can do.
const supported = "_supported"

// transcript is the text of one exchange.
type transcript struct {
	start    time.Time
	harmless []string
	known    []string // secrets of others than the request and its reply
	carried  *sent
	secrets  *redact.Redactor // of the request, and of the reply once it is there
	text     bytes.Buffer
}

func (x *transcript) line(direction, format string, args ...any) {
	fmt.Fprintf(&x.text, direction+" "+format+"\n", args...)
}

func (x *transcript) request(req *http.Request, body []byte, transport http.RoundTripper) {
	query, badQuery := url.ParseQuery(req.URL.RawQuery)
	form, known := parameters(req.Header.Get("Content-Type"), body)
	x.carried = &sent{req, form, transport}
	x.secrets = x.carried.redactor(x.known...)

	address := fmt.Sprintf("%s://%s%s", req.URL.Scheme, req.URL.Host, x.show(req.URL.EscapedPath()))
	if badQuery != nil {
		address += "?" + hidden
	} else if len(query) > 0 {
		address += "?" + strings.Join(x.pairs(query), "&")
	}
	x.line(">", "%s %s", req.Method, address)
	x.header(">", req.Header)
	switch {
	case known:
		for _, pair := range x.pairs(form) {
			x.line(">", "%s", pair)
		}
	case len(body) > 0:
		x.opaque(">", len(body), req.Header.Get("Content-Type"))
	}
}

func (x *transcript) failure(err error) {
	x.line("<", "no answer after %s: %s", x.elapsed(), x.show(withoutQuotes(err).Error()))
}

func (x *transcript) reply(res *http.Response, body []byte, cut error) {
	r := Reply{ContentType: res.Header.Get("Content-Type"), Body: body}
	members, known := r.members()
	x.secrets = x.carried.redactor(slices.Concat(x.known, redact.Values(body), x.hiddenMembers(members), cookies(res))...)
	x.line("<", "%d %s after %s", res.StatusCode, http.StatusText(res.StatusCode), x.elapsed())
	x.header("<", res.Header)
	if known {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			x.line("<", `"%s": %s`, x.name(name), x.member(name, members[name]))
		}
	} else if len(body) > 0 {
		x.opaque("<", len(body), r.ContentType)
	}
	if cut != nil {
		x.line("<", "cut short after %d bytes: %s", len(body), x.show(withoutQuotes(cut).Error()))
	}
}

func (x *transcript) elapsed() time.Duration { return time.Since(x.start).Round(time.Millisecond) }

// opaque describes a body that may hold anything.
func (x *transcript) opaque(direction string, length int, contentType string) {
	mediaType, _, err := mime.ParseMediaType(x.show(contentType))
	if err != nil {
		mediaType = "an unknown type"
	}
	x.line(direction, "%d bytes of %s", length, mediaType)
}

func (x *transcript) header(direction string, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			x.line(direction, "%s: %s", x.name(name), x.headerValue(name, value))
		}
	}
}

func (x *transcript) headerValue(name, value string) string {
	switch {
	case redact.IsHarmlessHeader(name):
		return x.show(value)
	case name == "Authorization" || name == "Www-Authenticate":
		scheme, _, more := strings.Cut(value, " ")
		if !redact.IsScheme(scheme) {
			return hidden
		}
		if more {
			scheme += " " + hidden
		}
		return scheme
	case name == "Location":
		if u, err := url.Parse(value); err == nil && u.Host != "" {
			return x.show(u.Host)
		}
	}
	return hidden
}

// parameters reads what a [Request] sends: a form, or a JSON object of strings and arrays of strings.
func parameters(contentType string, body []byte) (url.Values, bool) {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	switch mediaType {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		return form, err == nil
	case "application/json":
		var members map[string]oneOrMore
		err := json.Unmarshal(body, &members)
		form := url.Values{}
		for name, values := range members {
			form[name] = values
		}
		return form, err == nil && len(members) > 0
	default:
		return nil, false
	}
}

func (x *transcript) pairs(form url.Values) []string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			pairs = append(pairs, x.name(name)+"="+x.parameter(name, value))
		}
	}
	return pairs
}

func (x *transcript) parameter(name, value string) string {
	if clear, ok := redact.HarmlessParameter(name, value); ok {
		return x.show(clear)
	}
	return hidden
}

func (x *transcript) member(name string, value json.RawMessage) string {
	if !x.isHarmless(name) || value[0] == '{' {
		return hidden
	}
	var s string
	var list []string
	switch {
	case value[0] == '"' && json.Unmarshal(value, &s) == nil:
		return x.quoted(s)
	case value[0] != '[':
		return x.show(string(value))
	case json.Unmarshal(value, &list) != nil: // not an array of strings
		return hidden
	}
	for i, s := range list {
		list[i] = x.quoted(s)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func (x *transcript) isHarmless(member string) bool {
	return slices.Contains(harmlessMembers, member) || slices.Contains(x.harmless, member) || strings.HasSuffix(member, supported)
}

func (x *transcript) quoted(s string) string { return x.show(string(jsonobject.Quote(x.show(s)))) }

// name shows what looks like a name. A body that is not what it seems may have a token in its place.
func (x *transcript) name(name string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
	if name == "" || len(name) > 40 && !x.isHarmless(name) || strings.Trim(name, letters) != "" {
		return hidden
	}
	return x.show(name)
}

// hiddenMembers returns the strings among the members of a reply that are not shown. Shorter ones than a token are often equal
// to what is shown: a lifetime, a state. Those with the name of a secret count in any case ([redact.Values]).
func (x *transcript) hiddenMembers(members map[string]json.RawMessage) []string {
	const shortestToken = 8
	var hidden []string
	for name, value := range members {
		var s string
		if !x.isHarmless(name) && json.Unmarshal(value, &s) == nil && len(s) >= shortestToken {
			hidden = append(hidden, s)
		}
	}
	return hidden
}

func cookies(res *http.Response) []string {
	var values []string
	for _, cookie := range res.Cookies() {
		values = append(values, cookie.Value)
	}
	return values
}

// show returns s without control characters and secrets.
func (x *transcript) show(s string) string { return x.secrets.Replace(text.Printable(s), hidden) }
