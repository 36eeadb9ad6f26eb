package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/redact"
)

// MaxReply bounds what is read of a reply, in bytes.
const MaxReply = 1 << 20

// Reply is what the server answered, unparsed.
type Reply struct {
	Host        string        `json:"host"` // that was asked
	Status      int           `json:"status"`
	ContentType string        `json:"content_type,omitempty"`
	RetryAfter  time.Duration `json:"retry_after,omitempty"` // 0 when the server did not say
	Location    string        `json:"location,omitempty"`    // the host a redirect pointed to; it was not followed
	Truncated   bool          `json:"truncated,omitempty"`   // the body ended before it was complete, or passed [MaxReply]
	Body        []byte        `json:"-"`

	sent *sent // what errors must not repeat; nil when the reply was read from a journal
}

// String describes the reply without its body, which holds tokens.
func (r Reply) String() string {
	return fmt.Sprintf("[reply of %s: status %d, %d bytes]", r.Host, r.Status, len(r.Body))
}

// GoString redacts like String.
func (r Reply) GoString() string { return r.String() }

// Format redacts under every verb and flag.
func (r Reply) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue redacts for log/slog.
func (r Reply) LogValue() slog.Value { return slog.StringValue(r.String()) }

// readReply reads as much of the body as there is. A body cut short is still a reply: it may hold the new refresh token.
func readReply(res *http.Response, host string, carried *sent) (Reply, error) {
	r := Reply{
		sent:        carried,
		Host:        host,
		Status:      res.StatusCode,
		ContentType: res.Header.Get("Content-Type"),
		RetryAfter:  retryAfter(res.Header),
	}
	if u, err := res.Location(); err == nil {
		r.Location = u.Host
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxReply+1))
	if len(body) > MaxReply {
		body, r.Truncated = body[:MaxReply], true
	}
	r.Body, r.Truncated = body, r.Truncated || err != nil
	if err != nil && len(body) == 0 {
		return Reply{}, &SendError{Host: host, Sent: true, Err: carried.redactor().Error(withoutQuotes(err))}
	}
	return r, nil
}

// redactor returns one for the secrets of the reply and of its request.
func (r Reply) redactor() *redact.Redactor { return r.sent.redactor(redact.Values(r.Body)...) }

// retryAfter reads both forms of Retry-After (RFC 9110 §10.2.3), counting a date from the server's own clock.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if value == "" {
		return 0
	}
	if seconds, err := strconv.Atoi(value); err == nil {
		return min(time.Duration(min(max(seconds, 0), 1e6))*time.Second, maxRetryAfter)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

const maxRetryAfter = 24 * time.Hour

// OK reports whether the status says success.
func (r Reply) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Object returns the JSON object of a successful reply: the body itself, or one made of a form-encoded body. Otherwise
// the error is an [*Error] when the server refused, and an [*UnusableError] when the reply says success but cannot be read.
// Neither repeats a secret of the reply or, unless it was read from a journal, of the request.
func (r Reply) Object() ([]byte, error) {
	body := r.trimmed()
	object, err := jsonobject.Parse(string(body))
	isObject := err == nil
	if e := r.errorIn(object); e != nil {
		return nil, e
	}
	switch {
	case !r.OK():
		return nil, &Error{Host: r.Host, Status: r.Status, RetryAfter: r.RetryAfter, Redirect: r.redactor().Text(r.Location)}
	case len(r.Body) >= MaxReply:
		return nil, &UnusableError{Host: r.Host, Problem: "the reply is larger than 1 MiB"}
	case r.Truncated:
		return nil, &UnusableError{Host: r.Host, Problem: "the reply was cut short"}
	case isObject:
		return body, nil
	case r.looksLikeForm(body):
		return r.formObject(body)
	case len(body) == 0:
		return nil, &UnusableError{Host: r.Host, Problem: "the reply is empty"}
	default:
		return nil, &UnusableError{Host: r.Host, Problem: "the reply is not a JSON object" + r.described()}
	}
}

// trimmed is the body without a byte order mark and the white space around it.
func (r Reply) trimmed() []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(r.Body, []byte("\xef\xbb\xbf")))
}

// members returns what a JSON object or a form holds, whether it tells success or an error.
func (r Reply) members() (map[string]json.RawMessage, bool) {
	body := r.trimmed()
	members := map[string]json.RawMessage{}
	if object, err := jsonobject.Parse(string(body)); err == nil {
		for name, value := range object.All() {
			members[name] = json.RawMessage(value)
		}
		return members, true
	}
	if !r.looksLikeForm(body) {
		return nil, false
	}
	form, err := url.ParseQuery(string(body))
	for name, values := range form {
		members[name] = json.RawMessage(jsonobject.Quote(values[0]))
	}
	return members, err == nil
}

func (r Reply) described() string {
	mediaType, _, err := mime.ParseMediaType(r.redactor().Text(r.ContentType)) // which no longer parses if it repeats a secret
	if err != nil {
		return ""
	}
	return " (" + mediaType + ")"
}

func (r Reply) looksLikeForm(body []byte) bool {
	return strings.HasPrefix(r.ContentType, "application/x-www-form-urlencoded") ||
		bytes.HasPrefix(body, []byte("access_token=")) || bytes.Contains(body, []byte("&access_token="))
}

// formObject turns a form into an object whose members stand in the order sent, the first of each name.
func (r Reply) formObject(body []byte) ([]byte, error) {
	form := jsonobject.Object{}.Edit()
	for pair := range strings.SplitSeq(string(body), "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, errName := url.QueryUnescape(name)
		value, errValue := url.QueryUnescape(value)
		if err := errors.Join(errName, errValue); err != nil {
			return nil, &UnusableError{Host: r.Host, Problem: "the reply is neither JSON nor a form"}
		}
		if isToken := name == "access_token" || name == "refresh_token"; isToken && !utf8.ValidString(value) {
			return nil, &UnusableError{Host: r.Host, Problem: "its " + name + " is not UTF-8"} // and JSON has no room for it
		}
		if name != "" && form.Value(name) == "" {
			form.Set(name, jsonobject.Quote(value))
		}
	}
	text := form.Text()
	object, err := jsonobject.Parse(text)
	if err != nil {
		return nil, &UnusableError{Host: r.Host, Problem: "the reply is neither JSON nor a form"}
	}
	if e := r.errorIn(object); e != nil {
		return nil, e
	}
	return []byte(text), nil
}
