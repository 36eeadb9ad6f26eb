package oauth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/text"
)

// Trace is a transport that writes every request and reply to Out. It hides each value that is not
// known to be harmless. Names of headers and parameters are shown, if they look like names. A
// request and its reply are one Write, also with concurrent requests.
type Trace struct {
	redact.Hidden

	Transport http.RoundTripper // nil means [http.DefaultTransport]
	Out       io.Writer
	Harmless  []string // further members of replies that may be shown
	Secrets   []Secret // to hide, in addition to those of the request and the reply

	writing sync.Mutex
}

// RoundTrip sends the request and writes it to t.Out with its reply. Errors of writing are ignored.
// It returns when the body of the reply, at most [MaxReply] bytes of it, has arrived.
func (t *Trace) RoundTrip(req *http.Request) (*http.Response, error) {
	req, sent, err := withBody(req)
	if err != nil {
		return nil, err
	}
	e := &traceEntry{start: time.Now(), harmless: t.Harmless}
	for _, secret := range t.Secrets {
		e.known = append(e.known, string(secret))
	}
	e.request(req, sent, t.Transport)
	transport := t.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		e.failure(err)
	} else {
		received, cut := bufferBody(res)
		e.reply(res, received, cut)
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	_, _ = t.Out.Write(e.text.Bytes())
	return res, err
}

// CloseIdleConnections closes the idle connections of t.Transport. [http.Client] calls it.
func (t *Trace) CloseIdleConnections() {
	(&http.Client{Transport: t.Transport}).CloseIdleConnections()
}

// withBody reads the body of req and returns a copy of req with the same body. A transport may not
// change the request, and may still read its body after RoundTrip returned.
func withBody(req *http.Request) (*http.Request, []byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, nil, nil
	}
	original, d := unfollowed(req) // reading it to show it is not sending it
	body, err := io.ReadAll(original)
	if closed := original.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the body of the request cannot be read: %w", err)
	}
	again := req.Clone(req.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	if d != nil {
		again.Body = &followedBody{again.Body, d}
	}
	return again, body, nil
}

// bufferBody reads at most [MaxReply] bytes of the body, and makes res return them again, followed
// by the rest of the body or by the error.
func bufferBody(res *http.Response) (body []byte, cut error) {
	body, cut = io.ReadAll(io.LimitReader(res.Body, MaxReply))
	rest := io.Reader(res.Body)
	if cut != nil {
		rest = failingReader{cut}
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), res.Body}
	return body, cut
}

// failingReader is a reader that fails.
type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

const mask = "[hidden]"

// harmlessMembers are the members of a reply that are shown. Hidden values are also removed from
// them, because servers repeat what they refuse.
var harmlessMembers = []string{
	"token_type", "expires_in", "expires_at", "scope", "issued_at", "error", "error_description", "error_uri",
	"interval", "active", "exp", "iat",
	// Metadata (RFC 8414 §2), in addition to members with the suffix _supported.
	"require_pushed_authorization_requests", "require_request_uri_registration", "require_signed_request_object",
	"service_documentation", "tls_client_certificate_bound_access_tokens",
}

// traceEntry is the text of a request and its reply.
type traceEntry struct {
	start    time.Time
	harmless []string
	known    []string // further secrets
	sent     *sent
	secrets  *redact.Redactor // of the request and, when it has arrived, the reply
	text     bytes.Buffer
}

func (e *traceEntry) line(direction, format string, args ...any) {
	fmt.Fprintf(&e.text, direction+" "+format+"\n", args...)
}

func (e *traceEntry) request(req *http.Request, body []byte, transport http.RoundTripper) {
	query, badQuery := url.ParseQuery(req.URL.RawQuery)
	form, known := parseParameters(req.Header.Get("Content-Type"), body)
	e.sent = &sent{req, newParameters(form), transport}
	e.secrets = e.sent.redactor(e.known...)

	address := fmt.Sprintf("%s://%s%s", req.URL.Scheme, req.URL.Host, e.show(req.URL.EscapedPath()))
	if badQuery != nil {
		address += "?" + mask
	} else if len(query) > 0 {
		address += "?" + strings.Join(e.pairs(query), "&")
	}
	e.line(">", "%s %s", req.Method, address)
	e.header(">", req.Header)
	switch {
	case known:
		for _, pair := range e.pairs(form) {
			e.line(">", "%s", pair)
		}
	case len(body) > 0:
		e.opaque(">", len(body), req.Header.Get("Content-Type"))
	}
}

func (e *traceEntry) failure(err error) {
	e.line("<", "no answer after %s: %s", e.elapsed(), e.show(withoutQuotes(err).Error()))
}

func (e *traceEntry) reply(res *http.Response, body []byte, cut error) {
	r := Reply{ContentType: res.Header.Get("Content-Type"), Body: body}
	members, known := r.members()
	e.secrets = e.sent.redactor(slices.Concat(e.known, redact.Values(body), e.hiddenMembers(members), cookies(res))...)
	e.line("<", "%d %s after %s", res.StatusCode, http.StatusText(res.StatusCode), e.elapsed())
	e.header("<", res.Header)
	if known {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			e.line("<", `"%s": %s`, e.name(name), e.member(name, members[name]))
		}
	} else if len(body) > 0 {
		e.opaque("<", len(body), r.ContentType)
	}
	r.sent, r.Status = e.sent, res.StatusCode
	if reason := r.unshownReason(); reason != "" {
		e.line("<", "says: %s", e.sent.redactor(slices.Concat(e.known, cookies(res))...).Replace(reason, mask))
	}
	if cut != nil {
		e.line("<", "cut short after %d bytes: %s", len(body), e.show(withoutQuotes(cut).Error()))
	}
}

// unshownReason returns what an error says, unless that is in error_description, which is shown.
func (r Reply) unshownReason() string {
	object, _ := jsonobject.Parse(string(r.trimmed()))
	refused := r.errorIn(object)
	if refused == nil || object.Value("error_description").AsString() != "" {
		return ""
	}
	return shorten(refused.Description, maxText)
}

func (e *traceEntry) elapsed() time.Duration { return time.Since(e.start).Round(time.Millisecond) }

// opaque writes the length and the media type of a body whose format is unknown.
func (e *traceEntry) opaque(direction string, length int, contentType string) {
	mediaType, _, err := mime.ParseMediaType(e.show(contentType))
	if err != nil {
		mediaType = "an unknown type"
	}
	e.line(direction, "%d bytes of %s", length, mediaType)
}

func (e *traceEntry) header(direction string, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			e.line(direction, "%s: %s", e.name(name), e.headerValue(name, value))
		}
	}
}

func (e *traceEntry) headerValue(name, value string) string {
	switch {
	case redact.IsHarmlessHeader(name):
		return e.show(value)
	case name == "Authorization" || name == "Www-Authenticate":
		scheme, _, more := strings.Cut(value, " ")
		if !redact.IsScheme(scheme) {
			return mask
		}
		if more {
			scheme += " " + mask
		}
		return scheme
	case name == "Location":
		if u, err := url.Parse(value); err == nil && u.Host != "" {
			return e.show(u.Host)
		}
	}
	return mask
}

// parseParameters parses the body of a [Request]: a form, or a JSON object of strings and arrays of
// strings.
func parseParameters(contentType string, body []byte) (url.Values, bool) {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	switch mediaType {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		return form, err == nil
	case "application/json":
		var members map[string]jsonobject.Strings
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

func (e *traceEntry) pairs(form url.Values) []string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			shown := mask
			if clear, ok := redact.HarmlessParameter(name, value); ok {
				shown = e.show(clear)
			}
			pairs = append(pairs, e.name(name)+"="+shown)
		}
	}
	return pairs
}

func (e *traceEntry) member(name string, value json.RawMessage) string {
	if !e.isHarmless(name) || value[0] == '{' {
		return mask
	}
	var s string
	var list []string
	switch {
	case value[0] == '"' && json.Unmarshal(value, &s) == nil:
		return e.quoted(s)
	case value[0] != '[':
		return e.show(string(value))
	case json.Unmarshal(value, &list) != nil: // not an array of strings
		return mask
	}
	for i, s := range list {
		list[i] = e.quoted(s)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func (e *traceEntry) isHarmless(member string) bool {
	return slices.Contains(harmlessMembers, member) || slices.Contains(e.harmless, member) ||
		strings.HasSuffix(member, "_supported") // a list of the server's capabilities (RFC 8414 §2)
}

func (e *traceEntry) quoted(s string) string { return e.show(string(jsonobject.Quote(e.show(s)))) }

// name returns the name if it looks like one. In a body of another format it may be a token.
func (e *traceEntry) name(name string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
	if name == "" || len(name) > 40 && !e.isHarmless(name) || strings.Trim(name, letters) != "" {
		return mask
	}
	return e.show(name)
}

// hiddenMembers returns the strings in a reply that are not shown and long enough for a token.
// Shorter ones are often equal to a value that is shown. [redact.Values] finds secrets of any
// length by name.
func (e *traceEntry) hiddenMembers(members map[string]json.RawMessage) []string {
	const shortestToken = 8
	var found []string
	for name, value := range members {
		var s string
		if !e.isHarmless(name) && json.Unmarshal(value, &s) == nil && len(s) >= shortestToken {
			found = append(found, s)
		}
	}
	return found
}

func cookies(res *http.Response) []string {
	var values []string
	for _, cookie := range res.Cookies() {
		values = append(values, cookie.Value)
	}
	return values
}

// show returns the printable characters of s without secrets.
func (e *traceEntry) show(s string) string { return e.secrets.Replace(text.Printable(s), mask) }
