package freshet

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/tailscale/hujson"

	"github.com/freshet-dev/freshet/oauth"
)

// Merge returns t with the members of a successful reply in it, which is a JSON object received at the given time. All
// other bytes stay as they are: order, indentation, escapes, unknown members.
//
// A reply whose refresh_token is absent, null or empty keeps the stored one (RFC 6749 §6). When the reply has an
// expires_in, the member that says when the token expires is brought up to date in its own spelling, or one named
// expires_at, in Unix seconds, is added. The error is an [*oauth.UnusableError]; t is then as it was.
func (t Token) Merge(reply []byte, received time.Time) (Token, error) {
	value, err := hujson.Parse(bytes.Clone(reply))
	object, ok := value.Value.(*hujson.Object)
	if err != nil || !ok || !value.IsStandard() {
		return t, unusable("the reply is not a JSON object")
	}
	object.Members = distinct(object.Members)
	sent := Token{&document{value: value}}
	if err := sent.usable(); err != nil {
		return t, err
	}
	return t.edit(func(e *edit) {
		for _, m := range object.Members {
			if memberName(m) != "refresh_token" || sent.Member("refresh_token") != "" {
				e.set(memberName(m), m.Value.Value)
			}
		}
		if lifetime, ok := sent.seconds("expires_in"); ok {
			e.setExpiry(sent, received.Add(lifetime))
		}
	})
}

// distinct keeps one member of each name: the last, but of a token the last that is one.
func distinct(members []hujson.ObjectMember) []hujson.ObjectMember {
	var kept []hujson.ObjectMember
	at := map[string]int{}
	for _, m := range members {
		name := memberName(m)
		i, again := at[name]
		switch l, _ := m.Value.Value.(hujson.Literal); {
		case !again:
			at[name] = len(kept)
			kept = append(kept, m)
		case (name == "refresh_token" || name == "access_token") && (l.Kind() != '"' || string(l) == `""`):
			// Not a token: the one before it stays.
		default:
			kept[i] = m
		}
	}
	return kept
}

// withRefreshToken returns t with another refresh token and nothing else changed.
func (t Token) withRefreshToken(refreshToken string) (Token, error) {
	return t.edit(func(e *edit) { e.set("refresh_token", hujson.String(refreshToken)) })
}

// usable checks what a successful reply must have, before any of it is believed (RFC 6749 §5.1).
func (t Token) usable() error {
	for _, name := range []string{"access_token", "refresh_token", "token_type", "scope", "instance_url", "id"} {
		s, kind := t.literal(name)
		switch {
		case t.lookup(name) == nil || kind == 'n':
		case kind != '"' && (name != "scope" && name != "id" && name != "instance_url"):
			return unusable("its " + name + " is not a string")
		case strings.ContainsFunc(s, unicode.IsControl):
			return unusable("its " + name + " holds control characters")
		}
	}
	if t.Member("access_token") == "" {
		return unusable("it holds no access token")
	}
	return nil
}

func unusable(problem string) error { return &oauth.UnusableError{Problem: problem} }

// edit is a document being changed: a copy of the members, of which those that change are replaced.
type edit struct{ object *hujson.Object }

func (t Token) edit(change func(*edit)) (Token, error) {
	if t.doc == nil {
		t.doc = &document{raw: []byte("{}"), value: hujson.Value{Value: &hujson.Object{}}}
	}
	value := t.doc.value.Clone()
	change(&edit{value.Value.(*hujson.Object)})
	var raw []byte
	if bytes.HasPrefix(t.doc.raw, byteOrderMark) {
		raw = append(raw, byteOrderMark...)
	}
	// Parsed again, so that nothing can be saved that could not be loaded.
	edited, err := ParseToken(append(raw, value.Pack()...))
	if err != nil {
		return t, unusable("it does not fit the token document: " + err.Error())
	}
	return edited, nil
}

// set replaces the value of the member, or appends one in the layout of the last. A value that means the same as the
// stored one leaves its spelling alone.
func (e *edit) set(name string, value hujson.ValueTrimmed) {
	members := e.object.Members
	for i := range members {
		if memberName(members[i]) == name {
			value = inKindOf(members[i].Value.Value, value)
			if !sameMeaning(members[i].Value.Value, value) {
				members[i].Value.Value = value
			}
			return
		}
	}
	added := hujson.ObjectMember{Name: hujson.Value{Value: hujson.String(name)}, Value: hujson.Value{Value: value}}
	if len(members) > 0 {
		last := members[len(members)-1]
		added.Name.BeforeExtra = bytes.Clone(last.Name.BeforeExtra)
		added.Name.AfterExtra = bytes.Clone(last.Name.AfterExtra)
		added.Value.BeforeExtra = bytes.Clone(last.Value.BeforeExtra)
	}
	e.object.Members = append(members, added)
}

// inKindOf spells a number that was sent as a string (every value of a form is one) as a number where the document has
// a number.
func inKindOf(stored, sent hujson.ValueTrimmed) hujson.ValueTrimmed {
	if l, ok := sent.(hujson.Literal); ok && l.Kind() == '"' && stored.Kind() == '0' {
		if n := hujson.Literal(l.String()); n.Kind() == '0' && n.IsValid() {
			return n
		}
	}
	return sent
}

func sameMeaning(a, b hujson.ValueTrimmed) bool {
	decode := func(v hujson.ValueTrimmed) (decoded any) {
		d := json.NewDecoder(bytes.NewReader(hujson.Value{Value: v}.Pack()))
		d.UseNumber()
		if d.Decode(&decoded) != nil {
			return nil
		}
		return decoded
	}
	return a.Kind() == b.Kind() && reflect.DeepEqual(decode(a), decode(b))
}

// setExpiry brings the document's own expiry members up to date, but not one that the server sent.
func (e *edit) setExpiry(sent Token, at time.Time) {
	found := false
	for i := range e.object.Members {
		m := &e.object.Members[i]
		if name := memberName(*m); isAbsoluteExpiry(name) {
			found = true
			if l, ok := m.Value.Value.(hujson.Literal); ok && sent.lookup(name) == nil {
				m.Value.Value = respell(l, at)
			}
		}
	}
	if !found {
		e.set("expires_at", hujson.Int(at.Unix()))
	}
}

// salvage finds a complete, usable refresh_token in a body that is otherwise of no use, cut short perhaps. It is
// believed only at the top level of an object.
func salvage(body []byte) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark)))
	depth, name, isName := 0, "", false
	for {
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
				return v, v != "" && !strings.ContainsFunc(v, unicode.IsControl)
			}
		}
		if depth == 0 {
			return "", false
		}
		isName = depth == 1
	}
}
