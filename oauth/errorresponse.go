package oauth

import (
	"cmp"
	"encoding/json"
	"html"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/lazyregexp"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/internal/text"
)

// Servers write their errors in many shapes: RFC 6749 §5.2, RFC 9457, objects and lists in "error" or
// "errors", numbers, plain text, a web page. What they say is the best hint that a person gets.

// errorIn returns the error that the reply reports, or nil. object is its body, or empty if that is
// no object. A reply with status 200 that names an error is an error, even if a token is in it. One
// that reports a failure in another way is an error only if no token is in it.
func (r Reply) errorIn(object jsonobject.Object) *Error {
	failure := ""
	if r.OK() && !namesError(object.Value("error")) {
		if object.Value("access_token") != "" {
			return nil
		}
		var failed bool
		if failure, failed = reportsFailure(object); !failed || hasToken(r.Body) {
			return nil
		}
	}
	found := reason{texts: make([][]string, len(reasonNames))}
	found.searchMembers(object, 1)
	if object.Len() == 0 {
		found.searchText(r)
	}
	secrets := r.redactor()
	show := func(s string) string { return redact.Tokens(secrets.Text(text.Printable(s))) }
	code := cmp.Or(errorCode(object), failure, found.code)
	e := &Error{
		Host: r.Host, Status: r.Status, Code: show(code), RetryAfter: max(r.RetryAfter, found.wait), Skew: r.skew,
		Description: show(found.text(code, r.Status)), URI: secrets.Text(printable(object.Value("error_uri"))),
		page: found.page,
	}
	if r.Status >= 300 && r.Status < 400 {
		e.Redirect = secrets.Text(r.Location)
	}
	return e
}

// errorCode returns the "error" of an object, or "" if there is none. A number is a code if it is not
// zero, which means success.
func errorCode(object jsonobject.Object) string {
	value := object.Value("error")
	if value.Kind() != '"' && value.Kind() != '0' || !namesError(value) {
		return ""
	}
	return text.Printable(value.Text())
}

// successes are values of "error" with which servers say that there is none.
var successes = []string{"", "0", "ok", "success", "succeeded", "no error", "no_error"}

// namesError reports whether the value of "error" says that there is an error. An object or a list
// does so if something in it does. Of an object with a code or a reason only these count.
func namesError(value jsonobject.Value) bool { return namesErrorAt(value, 0) }

func namesErrorAt(value jsonobject.Value, depth int) bool {
	if depth > maxReasonDepth {
		return true
	}
	switch value.Kind() {
	case 0, 'n', 'f':
		return false
	case '[':
		return slices.ContainsFunc(value.Elements(), func(v jsonobject.Value) bool { return namesErrorAt(v, depth+1) })
	case '{':
		object, err := jsonobject.Parse(string(value))
		if err != nil {
			return true
		}
		said, other := false, false
		for name, inner := range object.All() {
			name = normalName(name)
			isReason := slices.Contains(codeNames, name) || slices.Contains(reasonNames, name)
			said = said || isReason && inner.Kind() != 'n'
			if namesErrorAt(inner, depth+1) {
				if isReason || !inner.IsLiteral() {
					return true
				}
				other = true
			}
		}
		return other && !said
	default:
		s := strings.ToLower(strings.TrimRight(strings.TrimSpace(value.Text()), ".!"))
		return !slices.Contains(successes, s) && !syntax.IsNothing(s) && strings.Trim(s, "0.") != ""
	}
}

// reportsFailure reports whether a success without "error" says that the request failed: by an error
// code, by "success" or "ok", or by a number in "code" together with a text. code is the code, if there is one.
func reportsFailure(object jsonobject.Object) (code string, failed bool) {
	said := false
	for name, value := range object.All() {
		isText := value.Kind() == '"' && namesError(value)
		switch name = normalName(name); {
		case slices.Contains([]string{"errcode", "errorcode", "errno"}, name):
			if value.IsLiteral() && namesError(value) && !isOKNumber(value) {
				code, failed = text.Printable(value.Text()), true
			}
		case name == "success" || name == "ok":
			failed = failed || slices.Contains([]string{"false", "0"}, strings.ToLower(value.Text()))
		case isText && slices.Contains(reasonNames, name):
			said = true
		}
	}
	number, ok := jsonobject.Number(object.Value("code").Text())
	if ok && said && namesError(number) && !isOKNumber(number) {
		code, failed = cmp.Or(code, string(number)), true
	}
	return code, failed && (said || code != "")
}

// isOKNumber reports whether a code is a status of HTTP that means success.
func isOKNumber(code jsonobject.Value) bool {
	s := code.Text()
	return len(s) == 3 && s[0] == '2'
}

// hasToken reports whether a token is in the JSON text, however deep, or in a string of JSON in it.
func hasToken(body []byte) bool {
	_, ok := jsonobject.Find(body, func(_, name string, value jsonobject.Value) bool {
		s := strings.TrimSpace(value.AsString())
		isToken := strings.HasSuffix(normalName(name), "token") && s != "" && !syntax.IsNothing(s)
		return isToken || strings.HasPrefix(s, "{") && hasToken([]byte(s))
	})
	return ok
}

// reasonNames are the members that hold the reason of an error, the most specific first, in lower case
// and without hyphens and underscores.
var reasonNames = []string{
	"errordescription", "description", "errorhint", "hint", "errormessage", "message", "errormsg", "errmsg", "msg",
	"detail", "details",
	"reason", "errorsummary", "faultstring", "usermessage", "developermessage", "errortext", "title", "suberror",
}

// codeNames are the members that hold the code of an error which is an object.
var codeNames = []string{"error", "code", "errorcode", "errcode", "type", "errortype", "name"}

// waitNames are the members that say in how many seconds the next request is allowed.
var waitNames = []string{"retryafter", "retryafterseconds", "retryin", "waitseconds", "backoff"}

// reason is what an error response says.
type reason struct {
	texts [][]string // by the index of their name in reasonNames
	code  string     // of an error that is an object or a list
	wait  time.Duration
	page  bool // the text is the title of a web page
}

// isCode matches a code in words, which is not a number or an address.
var isCode = lazyregexp.New(`^[A-Za-z][A-Za-z0-9_.-]*$`)

// maxReasonDepth is how deep reasons are searched for.
const maxReasonDepth = 10

func (f *reason) searchMembers(object jsonobject.Object, depth int) {
	field, code := object.Value("field").AsString(), object.Value("code").AsString()
	if isCode.MatchString(field) && isCode.MatchString(code) {
		f.texts[0] = append(f.texts[0], field+" is "+code) // Strava's
	}
	for name, value := range object.All() {
		f.search(value, normalName(name), depth)
	}
}

func (f *reason) search(value jsonobject.Value, name string, depth int) {
	if depth > maxReasonDepth {
		return
	}
	switch value.Kind() {
	case '{':
		object, err := jsonobject.Parse(string(value))
		if err != nil {
			return
		}
		f.searchMembers(object, depth+1)
	case '[':
		for _, element := range value.Elements() {
			f.search(element, name, depth+1) // texts in a list have its name
		}
	case '"':
		f.take(value.AsString(), name, depth)
	case '0':
		if slices.Contains(waitNames, name) {
			f.wait = max(f.wait, seconds(value))
		}
	}
}

func (f *reason) take(s, name string, depth int) {
	i := slices.Index(reasonNames, name)
	if i < 0 && (name == "errors" || name == "messages" || name == "error" && depth > 1) && strings.Contains(s, " ") {
		i = 0
	}
	switch {
	case i >= 0:
		f.texts[i] = append(f.texts[i], s)
	case f.code == "" && slices.Contains(codeNames, name) && isCode.MatchString(s):
		f.code = s
	}
}

// text returns the reasons without the code and the status, each of them once.
func (f *reason) text(code string, status int) string {
	var texts []string
	for _, s := range slices.Concat(f.texts...) {
		s = withoutBoilerplate(strings.Join(strings.Fields(text.Printable(strings.ReplaceAll(s, "\n", " "))), " "))
		known := func(other string) bool { return strings.Contains(other, s) }
		if s == "" || s == code || code == "" && repeatsStatus(s, status) || slices.ContainsFunc(texts, known) {
			continue
		}
		texts = append(texts, s)
	}
	if reasons := slices.DeleteFunc(slices.Clone(texts), isBoilerplate); len(reasons) > 0 {
		texts = reasons
	}
	return strings.Join(texts, "; ")
}

// normalName returns a name as in reasonNames.
func normalName(name string) string { return strings.ToLower(separators.Replace(name)) }

var separators = strings.NewReplacer("_", "", "-", "")

var htmlTitle = lazyregexp.New(`(?is)<title[^>]*>(.*?)</title>`)

// searchText searches a body that is no object: a list of errors, such as Salesforce's, a text, or a
// page, of which the title counts.
func (f *reason) searchText(r Reply) {
	body := strings.ToValidUTF8(string(r.trimmed()), "\ufffd")
	switch {
	case json.Valid([]byte(body)):
		f.search(jsonobject.Value(body), "errors", 1)
	case strings.HasPrefix(body, "<"):
		if title := htmlTitle.FindStringSubmatch(body); title != nil {
			f.take(html.UnescapeString(title[1]), reasonNames[0], 1)
			f.page = true
		}
	case isText(r.ContentType) && !strings.HasPrefix(body, "{"):
		f.take(body, reasonNames[0], 1)
	}
}

func isText(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err != nil || strings.HasPrefix(mediaType, "text/") || mediaType == "application/json"
}

// repeatsStatus reports whether s says no more than the status: "404 page not found".
func repeatsStatus(s string, status int) bool {
	s = strings.Trim(strings.TrimPrefix(s, strconv.Itoa(status)), " .")
	return strings.EqualFold(strings.TrimPrefix(s, "page "), http.StatusText(status))
}

// boilerplate are sentences of RFC 6749 §4.1.2.1 and §5.2 that servers write before the reason, in
// lower case and up to where they differ.
var boilerplate = []string{
	"the provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is",
	"the request is missing a required parameter, includes an",
	"client authentication failed (e.g., unknown client, no client authentication included",
	"the authenticated client is not authorized to use this",
	"the authorization grant type is not supported by the authorization server",
	"the requested scope is invalid, unknown, malformed",
	"the authorization server encountered an unexpected condition",
	"the authorization server is currently unable to handle the request",
	"the resource owner or authorization server denied the request",
}

// isBoilerplate reports whether s begins with a sentence that only repeats the RFC.
func isBoilerplate(s string) bool {
	return slices.ContainsFunc(boilerplate, func(sentence string) bool {
		return len(s) >= len(sentence) && strings.EqualFold(s[:len(sentence)], sentence)
	})
}

// withoutBoilerplate returns a description without a first sentence that only repeats the RFC, if
// another sentence follows.
func withoutBoilerplate(s string) string {
	for isBoilerplate(s) {
		_, rest, found := strings.Cut(s, ". ")
		if !found || strings.TrimSpace(rest) == "" {
			break
		}
		s = strings.TrimSpace(rest)
	}
	return s
}

// shorten returns at most n characters of s. It leaves out the middle: the reason may be at the end.
func shorten(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n/2]) + "…" + string(runes[len(runes)-(n-n/2-1):])
}
