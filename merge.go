package freshet

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/oauth"
)

// maxMembers is more than any provider sends. Merging takes the square of their number.
const maxMembers = 500

// Merge returns t with the members of a successful reply in it, which is a JSON object received at the given time. All
// other bytes stay as they are: order, indentation, escapes, unknown members.
//
// A reply whose refresh_token is absent, null or empty keeps the stored one (RFC 6749 §6). When the reply has an
// expires_in, the member that says when the token expires is brought up to date in its own spelling, or one named
// expires_at, in Unix seconds, is added. The error is an [*oauth.UnusableError]; t is then as it was.
func (t Token) Merge(reply []byte, received time.Time) (Token, error) {
	sent, err := jsonobject.Parse(string(reply))
	if err != nil {
		return t, errUnusable("the reply is not a JSON object")
	}
	if sent.Len() > maxMembers {
		return t, errUnusable("the reply has more members than any token")
	}
	sent = distinct(sent)
	if err := usable(sent); err != nil {
		return t, err
	}
	edit := t.object().Edit()
	for name, value := range sent.All() {
		if name != "refresh_token" || value.AsString() != "" {
			set(edit, name, value)
		}
	}
	if lifetime, ok := seconds(sent.Value("expires_in")); ok {
		setExpiry(edit, sent, received.Add(lifetime))
	}
	return t.edited(edit)
}

// distinct keeps one member of each name: the last, but of a token the last that is one.
func distinct(sent jsonobject.Object) jsonobject.Object {
	if _, ok := sent.Duplicate(); !ok {
		return sent
	}
	kept := jsonobject.Object{}.Edit()
	for name, value := range sent.All() {
		if isToken(name) && value.AsString() == "" && kept.Value(name) != "" {
			continue // not a token: the one before it stays
		}
		kept.Set(name, value)
	}
	object, _ := jsonobject.Parse(kept.Text()) // of values that were parsed
	return object
}

func isToken(member string) bool { return member == "refresh_token" || member == "access_token" }

// withRefreshToken returns t with another refresh token and nothing else changed.
func (t Token) withRefreshToken(refreshToken string) (Token, error) {
	edit := t.object().Edit()
	set(edit, "refresh_token", jsonobject.Quote(refreshToken))
	return t.edited(edit)
}

// usable checks what a successful reply must have, before any of it is believed (RFC 6749 §5.1).
func usable(sent jsonobject.Object) error {
	for _, name := range []string{"access_token", "refresh_token", "token_type", "scope", "instance_url", "id"} {
		value := sent.Value(name)
		switch kind := value.Kind(); {
		case kind == 0 || kind == 'n':
		case kind != '"' && (name != "scope" && name != "id" && name != "instance_url"):
			return errUnusable("its " + name + " is not a string")
		case isToken(name) || name == "token_type":
			if problem := unpresentable(value); problem != "" {
				return errUnusable("its " + name + " " + problem)
			}
		case holdsControl(value.AsString()):
			return errUnusable("its " + name + " holds control characters")
		}
	}
	if sent.Value("access_token").AsString() == "" {
		return errUnusable("it holds no access token")
	}
	return nil
}

func errUnusable(problem string) error { return &oauth.UnusableError{Problem: problem} }

// edited returns the changed document. It is parsed as any other, so that nothing can be saved that could not be loaded.
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

// set gives the member its value. One that means the same as the stored one leaves its spelling alone.
func set(edit *jsonobject.Edit, name string, value jsonobject.Value) {
	stored := edit.Value(name)
	value = inKindOf(stored, value)
	if !stored.Equal(value) {
		edit.Set(name, value)
	}
}

// inKindOf spells a number that was sent as a string (every value of a form is one) as a number where the document has
// a number.
func inKindOf(stored, sent jsonobject.Value) jsonobject.Value {
	if stored.Kind() == '0' && sent.Kind() == '"' {
		if n, ok := jsonobject.Number(sent.Text()); ok {
			return n
		}
	}
	return sent
}

// setExpiry brings the document's own expiry members up to date, but not one that the server sent.
func setExpiry(edit *jsonobject.Edit, sent jsonobject.Object, at time.Time) {
	found := false
	for _, name := range expiryMembers {
		stored := edit.Value(name)
		found = found || stored != ""
		if stored.IsLiteral() && sent.Value(name) == "" {
			edit.Set(name, respell(stored, at))
		}
	}
	if !found {
		edit.Set("expires_at", jsonobject.Int(at.Unix()))
	}
}

// salvage finds a complete, usable refresh_token in a body that is otherwise of no use, cut short perhaps. It is
// believed only at the top level of an object, and only if it can be saved as it was sent.
func salvageRefreshToken(body []byte) (string, bool) {
	text := strings.TrimPrefix(string(body), byteOrderMark)
	d := json.NewDecoder(strings.NewReader(text))
	depth, name, isName := 0, "", false
	for {
		before := d.InputOffset()
		token, err := d.Token()
		if err != nil {
			return "", false
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else {
				depth--
			}
			if depth == 0 || depth == 1 && v == '[' {
				return "", false
			}
			isName = depth == 1
			continue
		case string:
			if depth == 1 && isName {
				name, isName = v, false
				continue
			}
			if depth == 1 && name == "refresh_token" {
				spelled := jsonobject.Value(strings.TrimLeft(text[before:d.InputOffset()], ": \t\r\n"))
				return v, v != "" && unpresentable(spelled) == ""
			}
		}
		if depth == 0 {
			return "", false
		}
		isName = depth == 1
	}
}
