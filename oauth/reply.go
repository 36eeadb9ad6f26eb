package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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

// MaxReply is how many bytes of a reply are read.
const MaxReply = 1 << 20

// Reply is a server's reply, not yet parsed.
type Reply struct {
	redact.Hidden

	Host        string        `json:"host"` // of the request
	Status      int           `json:"status"`
	ContentType string        `json:"content_type,omitempty"`
	RetryAfter  time.Duration `json:"retry_after,omitempty"` // 0 if the server did not say
	Location    string        `json:"location,omitempty"`    // the host of a redirect, which was not followed
	Truncated   bool          `json:"truncated,omitempty"`   // the body is incomplete, or longer than [MaxReply]
	Body        []byte        `json:"-"`

	skew time.Duration // how far the server's clock is ahead of this machine's; 0 if it is not known
	sent *sent         // nil if the reply is from a journal
}

// readReply reads the body. An incomplete body is still a reply: it may have the new refresh token
// in it.
func readReply(res *http.Response, host string, sent *sent) (Reply, error) {
	r := Reply{
		sent:        sent,
		Host:        host,
		Status:      res.StatusCode,
		ContentType: res.Header.Get("Content-Type"),
		RetryAfter:  retryAfter(res.Header),
	}
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		r.skew = time.Until(at)
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
		return Reply{}, &SendError{Host: host, Sent: true, Err: sent.redactor().Error(withoutQuotes(err))}
	}
	return r, nil
}

// redactor returns a redactor for the secrets of the reply and of its request.
func (r Reply) redactor() *redact.Redactor { return r.sent.redactor(redact.Values(r.Body)...) }

// retryAfter parses both forms of Retry-After (RFC 9110 §10.2.3), at most a day. A date is relative
// to the server's clock, if the reply has its Date.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if value == "" {
		return 0
	}
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), 24*time.Hour)
}

// OK reports whether the status is a success (2xx).
func (r Reply) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Object returns the JSON object of a successful reply: its body, or a form-encoded body as an
// object. The error is an [*Error] if the server refused, or an [*UnusableError] if a successful
// reply cannot be parsed. It does not repeat a secret of the reply or, unless the reply is from a
// journal, of the request.
func (r Reply) Object() ([]byte, error) {
	body := r.trimmed()
	object, err := jsonobject.Parse(string(body))
	isObject := err == nil
	if !isObject {
		object = jsonobject.Object{}
	}
	if e := r.errorIn(object); e != nil {
		return nil, e
	}
	switch {
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
		problem := "the reply is not a JSON object"
		// A content type that repeats a secret does not parse when it is redacted.
		if mediaType, _, err := mime.ParseMediaType(r.redactor().Text(r.ContentType)); err == nil {
			problem += " (" + mediaType + ")"
		}
		return nil, &UnusableError{Host: r.Host, Problem: problem}
	}
}

// trimmed returns the body without a byte order mark and surrounding white space.
func (r Reply) trimmed() []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(r.Body, []byte("\xef\xbb\xbf")))
}

// members returns the members of a JSON object or a form, of a success or an error. ok is false for
// any other body.
func (r Reply) members() (members map[string]json.RawMessage, ok bool) {
	body := r.trimmed()
	members = map[string]json.RawMessage{}
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

func (r Reply) looksLikeForm(body []byte) bool {
	return strings.HasPrefix(r.ContentType, "application/x-www-form-urlencoded") ||
		bytes.HasPrefix(body, []byte("access_token=")) || bytes.Contains(body, []byte("&access_token="))
}

// formObject returns a form as a JSON object with the members in the same order. Of a repeated
// parameter it has the first. A value that is not UTF-8 stays so: it must not replace a stored one.
// A parameter with such a name is left out.
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
			return nil, &UnusableError{Host: r.Host, Problem: "its " + name + " is not UTF-8"} // not valid in JSON
		}
		if name != "" && utf8.ValidString(name) && form.Value(name) == "" {
			form.Set(name, jsonobject.QuoteRaw(value))
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
