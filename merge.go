package freshet

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/internal/timestamp"
	"github.com/freshet-dev/freshet/oauth"
)

// maxMembers bounds the members of a reply: the time to merge them grows with the square of their
// number.
const maxMembers = 500

// Merge returns t with the members of a successful token response, a JSON object received at the
// given time. All other bytes stay the same: order, indentation, escapes, unknown members.
//
// If the reply's refresh_token is absent, no string, empty or a word for nothing such as "null", the
// old refresh token stays (RFC 6749 §6). So does an old ID token, if id_token is none. Members that are
// not UTF-8 keep their old values, and so do times for which the reply has null or an empty string.
// Members with the time of issue are set to received; created_at is one if the document has a lifetime
// and no expiry, and otherwise stays. If the reply says when the token expires,
// members with the expiry are updated, too, and keep their form; a document without one gets an
// expires_at in Unix seconds. The error is an [*oauth.UnusableError], and the token returned with it
// is t.
func (t Token) Merge(reply []byte, received time.Time) (Token, error) {
	sent, err := parseReply(reply)
	if err != nil {
		return t, err
	}
	merged, _, err := t.merge(sent, received)
	return merged, err
}

// merge is like Merge. It also returns the names of the members that cannot be saved and whose old
// values were kept.
func (t Token) merge(sent jsonobject.Object, received time.Time) (merged Token, skipped []string, err error) {
	if err := checkReply(sent); err != nil {
		return t, nil, err
	}
	edit := t.object().Edit()
	skipped = setAll(edit, sent)
	updateTimes(edit, t.object(), sent, received)
	merged, err = t.edited(edit)
	return merged, skipped, err
}

// mergeIDToken is like merge for a reply that has an ID token and no access token. What the document says
// of its own access token stays.
func (t Token) mergeIDToken(sent jsonobject.Object, received time.Time) (merged Token, skipped []string, err error) {
	if idToken := sent.Value("id_token"); !isIDToken(idToken) {
		return t, nil, errUnusable("it has no access token and no ID token")
	}
	if err := checkRefreshToken(sent); err != nil {
		return t, nil, err
	}
	about := jsonobject.Object{}.Edit()
	for name, value := range sent.All() {
		kind := kindOfTime(name)
		isAboutAccess := name == "access_token" || name == "token_type" || kind != notTime && kind != refreshExpiry
		if !isAboutAccess {
			about.Set(name, value)
		}
	}
	sent, _ = jsonobject.Parse(about.Text()) // cannot fail: all values were parsed before
	edit := t.object().Edit()
	skipped = setAll(edit, sent)
	updateRefreshExpiry(edit, t.object(), sent, received)
	merged, err = t.edited(edit)
	return merged, skipped, err
}

// parseReply returns a reply with the last member of each name.
func parseReply(reply []byte) (jsonobject.Object, error) {
	sent, err := jsonobject.Parse(string(reply))
	if err != nil {
		return sent, errUnusable("the reply is not a JSON object")
	}
	if sent.Len() > maxMembers {
		return sent, errUnusable("the reply has too many members for a token")
	}
	return withoutDuplicates(sent), nil
}

// setAll sets the members of a reply. It returns the names of those that cannot be saved.
func setAll(edit *jsonobject.Edit, sent jsonobject.Object) (skipped []string) {
	for name, value := range sent.All() {
		switch {
		case name == "refresh_token" && !isRefreshToken(value):
		case name == "id_token" && !isIDToken(value) && isIDToken(edit.Value(name)):
		case kindOfTime(name) != notTime && edit.Value(name) != "" && !isSet(value):
		case !utf8.ValidString(name), !utf8.ValidString(string(value)):
			skipped = append(skipped, redact.Tokens(quoteName(name)))
		case mustPrint[name] && hasControl(value.AsString()):
			skipped = append(skipped, name)
		default:
			set(edit, name, value)
		}
	}
	return skipped
}

// mustPrint are members that become part of requests. Control characters in them are an attack.
var mustPrint = map[string]bool{"instance_url": true, "id": true, "token_type": true, "scope": true}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }

// isRefreshToken reports whether the value of refresh_token is one. Servers that keep the old one send
// null, an empty string or a word for nothing.
func isRefreshToken(value jsonobject.Value) bool {
	s := value.AsString()
	return s != "" && !syntax.IsNothing(s)
}

// isIDToken reports whether the value of id_token is one. A refresh need not bring one (OpenID Connect
// Core 1.0 §12.2).
func isIDToken(value jsonobject.Value) bool {
	return value.AsString() != "" && tokenProblem(value) == ""
}

// withoutDuplicates keeps the last member of each name. Of tokens it keeps the last non-empty
// string.
func withoutDuplicates(sent jsonobject.Object) jsonobject.Object {
	if _, ok := sent.Duplicate(); !ok {
		return sent
	}
	kept := jsonobject.Object{}.Edit()
	for name, value := range sent.All() {
		if isToken(name) && !isRefreshToken(value) && kept.Value(name) != "" {
			continue
		}
		kept.Set(name, value)
	}
	object, _ := jsonobject.Parse(kept.Text()) // cannot fail: all values were parsed before
	return object
}

func isToken(member string) bool { return member == "refresh_token" || member == "access_token" }

// withRefreshToken returns t with only the refresh token replaced.
func (t Token) withRefreshToken(refreshToken string) (Token, error) {
	edit := t.object().Edit()
	set(edit, "refresh_token", jsonobject.Quote(refreshToken))
	return t.edited(edit)
}

// checkReply checks the tokens of a successful reply (RFC 6749 §5.1) before any of it is used.
func checkReply(sent jsonobject.Object) error {
	access := sent.Value("access_token")
	switch kind := access.Kind(); {
	case kind == 0, kind == 'n', access.Text() == "":
		return errUnusable("it has no access token")
	case kind != '"':
		return errUnusable("its access_token is not a string")
	}
	if problem := tokenProblem(access); problem != "" {
		return errUnusable("its access_token " + problem)
	}
	return checkRefreshToken(sent)
}

func checkRefreshToken(sent jsonobject.Object) error {
	refresh := sent.Value("refresh_token")
	if isRefreshToken(refresh) {
		if problem := tokenProblem(refresh); problem != "" {
			return errUnusable("its refresh_token " + problem)
		}
	}
	return nil
}

func errUnusable(problem string) error { return &oauth.UnusableError{Problem: problem} }

// edited returns the changed document. It parses it again: a document that cannot be loaded must
// not be saved.
func (t Token) edited(edit *jsonobject.Edit) (Token, error) {
	raw := edit.Text()
	if strings.HasPrefix(t.document().raw, byteOrderMark) {
		raw = byteOrderMark + raw
	}
	edited, err := parseToken(raw)
	if err != nil {
		return t, errUnusable("it does not fit the token document: " + err.Error())
	}
	return edited, nil
}

// set sets a member, unless the stored value is equal and only written in another way.
func set(edit *jsonobject.Edit, name string, value jsonobject.Value) {
	stored := edit.Value(name)
	value = asStoredKind(name, stored, value)
	if !stored.Equal(value) {
		edit.Set(name, value)
	}
}

// asStoredKind returns the sent value in the form that the document has: a time in its spelling, and a
// number, if it was sent in a string as all values of a form are.
func asStoredKind(name string, stored, sent jsonobject.Value) jsonobject.Value {
	kind := kindOf(name, stored)
	if kind != notTime && kind != lifetime && kind == kindOf(name, sent) {
		was, okStored := timestamp.Parse(stored, isLocalTime(name))
		is, okSent := timestamp.Parse(sent, isLocalTime(name))
		if okStored && okSent {
			return was.Format(is.Time)
		}
	}
	if kind == lifetime && stored.Kind() == '"' && sent.Kind() == '0' {
		return jsonobject.Quote(sent.Text())
	}
	if stored.Kind() == '0' && sent.Kind() == '"' {
		if n, ok := jsonobject.Number(sent.Text()); ok {
			return n
		}
	}
	return sent
}

// salvageRefreshToken finds a complete refresh_token in a body that cannot be parsed, for example
// because it was cut short. The member must be at the top level of an object and valid in a token.
func salvageRefreshToken(body []byte) (string, bool) {
	d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(body), byteOrderMark)))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return "", false
	}
	for d.More() {
		name, err := d.Token()
		var raw json.RawMessage
		if err != nil || d.Decode(&raw) != nil {
			return "", false
		}
		if value := jsonobject.Value(raw); name == "refresh_token" && value.Kind() == '"' {
			refreshToken := value.AsString()
			return refreshToken, isRefreshToken(value) && tokenProblem(value) == ""
		}
	}
	return "", false
}
