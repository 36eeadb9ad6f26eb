package freshet

import (
	"bytes"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tailscale/hujson"

	"github.com/freshet-dev/freshet/oauth"
)

// MaxDocument is the largest token document that is read, in bytes.
const MaxDocument = 1 << 20

var byteOrderMark = []byte("\xef\xbb\xbf")

// ParseToken reads a saved token document: one JSON object in UTF-8, with or without a byte order mark. It keeps every
// byte. The error is a [*Problem]; it quotes nothing of the document.
func ParseToken(data []byte) (Token, error) {
	if err := checkEncoding(data); err != nil {
		return Token{}, err
	}
	text := bytes.TrimPrefix(data, byteOrderMark)
	value, err := hujson.Parse(bytes.Clone(text))
	if err != nil {
		return Token{}, notJSON(err)
	}
	if !value.IsStandard() {
		return Token{}, &Problem{
			What:   "it holds comments or a trailing comma, which JSON does not have",
			Remedy: "take them out: the program that reads this file next may not understand them either",
		}
	}
	if _, ok := value.Value.(*hujson.Object); !ok {
		return Token{}, &Problem{What: "it is not a JSON object", Remedy: "a token file is the provider's token response: { \"access_token\": … }"}
	}
	t := Token{&document{raw: bytes.Clone(data), value: value}}
	if name, ok := t.duplicate(); ok {
		return Token{}, &Problem{What: "it has two members named " + quoted(name), Remedy: "remove the one that is wrong: programs differ in which of them they use"}
	}
	if err := t.decode(); err != nil {
		return Token{}, err
	}
	return t, nil
}

func checkEncoding(data []byte) error {
	switch {
	case len(data) > MaxDocument:
		return &Problem{What: "it is larger than 1 MiB, which no token is", Remedy: "check that this is the token file"}
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")), bytes.IndexByte(data, 0) >= 0:
		return &Problem{What: "it is UTF-16 or binary, not UTF-8", Remedy: "save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8)"}
	case len(bytes.TrimSpace(bytes.TrimPrefix(data, byteOrderMark))) == 0:
		return &Problem{What: "it is empty", Remedy: "if a program was interrupted while it wrote the file, log in again (a backup may hold a refresh token that was replaced since, and using that ends the login)"}
	case !utf8.Valid(data):
		return &Problem{What: "it is not UTF-8", Remedy: "save it as UTF-8"}
	}
	return nil
}

// notJSON keeps the position of a syntax error and drops the rest, which quotes the input.
func notJSON(err error) error {
	what := "it is not JSON"
	if at := strings.Index(err.Error(), "line "); at >= 0 {
		if position, _, ok := strings.Cut(err.Error()[at:], ":"); ok {
			what += " (" + position + ")"
		}
	}
	return &Problem{What: what, Remedy: "correct it there; if it was cut short, log in again (a backup may hold a refresh token that was replaced since)", Err: errors.New("syntax error")}
}

func (t Token) duplicate() (string, bool) {
	seen := map[string]bool{}
	for _, name := range t.Names() {
		if seen[name] {
			return name, true
		}
		seen[name] = true
	}
	return "", false
}

func (t Token) decode() error {
	for _, name := range []string{"access_token", "refresh_token"} {
		s, kind := t.literal(name)
		switch {
		case kind == '"' && strings.ContainsFunc(s, unicode.IsControl):
			return &Problem{What: "its " + name + " holds control characters", Remedy: "it was damaged when it was copied: save the token again"}
		case kind != '"' && kind != 'n' && t.lookup(name) != nil:
			return &Problem{What: "its " + name + " is not a string", Remedy: "save the provider's response as it was sent"}
		}
	}
	t.doc.accessToken = t.Member("access_token")
	t.doc.refreshToken = oauth.Secret(t.Member("refresh_token"))
	return nil
}

// quoted makes a member's name safe to show: names are not secret, but may be long or odd.
func quoted(name string) string {
	name = oauth.Printable(name)
	if len(name) > 40 {
		name = name[:40] + "…"
	}
	return `"` + name + `"`
}
