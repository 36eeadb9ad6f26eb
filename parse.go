package freshet

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// MaxDocument is the largest token document that is read, in bytes.
const MaxDocument = 1 << 20

const byteOrderMark = "\ufeff"

// ParseToken reads a saved token document: one JSON object in UTF-8, with or without a byte order mark. It keeps every
// byte. The error is a [*Problem]; it quotes nothing of the document.
func ParseToken(data []byte) (Token, error) { return parseToken(string(data)) }

func parseToken(raw string) (Token, error) {
	if err := checkEncoding(raw); err != nil {
		return Token{}, err
	}
	object, err := jsonobject.Parse(strings.TrimPrefix(raw, byteOrderMark))
	if err != nil {
		return Token{}, notObject(err)
	}
	if name, ok := object.Duplicate(); ok {
		return Token{}, &Problem{What: "it has two members named " + quoted(name), Remedy: "remove the one that is wrong: programs differ in which of them they use"}
	}
	t := Token{&document{raw: raw, object: object}}
	for _, name := range []string{"access_token", "refresh_token"} {
		if err := checkToken(name, t.value(name)); err != nil {
			return Token{}, err
		}
	}
	// The Authorization header begins with it.
	if problem := unpresentable(t.value("token_type")); problem != "" {
		return Token{}, &Problem{What: "its token_type " + problem, Remedy: "log in again, or write the type that the provider documents: Bearer at most"}
	}
	t.doc.accessToken = t.Member("access_token")
	t.doc.refreshToken = oauth.Secret(t.Member("refresh_token"))
	return t, nil
}

func checkEncoding(raw string) error {
	switch {
	case len(raw) > MaxDocument:
		return &Problem{What: "it is larger than 1 MiB, which no token is", Remedy: "check that this is the token file"}
	case strings.HasPrefix(raw, "\xff\xfe"), strings.HasPrefix(raw, "\xfe\xff"), strings.IndexByte(raw, 0) >= 0:
		return &Problem{What: "it is UTF-16 or binary, not UTF-8", Remedy: "save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8)"}
	case strings.TrimSpace(strings.TrimPrefix(raw, byteOrderMark)) == "":
		return &Problem{What: "it is empty", Remedy: "if a program was interrupted while it wrote the file, log in again (a backup may hold a refresh token that was replaced since, and using that ends the login)"}
	case !utf8.ValidString(raw):
		return &Problem{What: "it is not UTF-8", Remedy: "save it as UTF-8"}
	}
	return nil
}

func notObject(err error) *Problem {
	var syntax *jsonobject.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return &Problem{
			What:   fmt.Sprintf("it is not JSON (line %d, column %d)", syntax.Line, syntax.Column),
			Remedy: "correct it there; if it was cut short, log in again (a backup may hold a refresh token that was replaced since)",
			Err:    errors.New("syntax error"),
		}
	case errors.Is(err, jsonobject.ErrExtended):
		return &Problem{
			What:   "it holds comments or a trailing comma, which JSON does not have",
			Remedy: "take them out: the program that reads this file next may not understand them either",
		}
	default:
		return &Problem{What: "it is not a JSON object", Remedy: "a token file is the provider's token response: { \"access_token\": … }"}
	}
}

func checkToken(name string, value jsonobject.Value) error {
	switch value.Kind() {
	case 0, 'n':
		return nil
	case '"':
		if problem := unpresentable(value); problem != "" {
			return &Problem{What: "its " + name + " " + problem, Remedy: "it was damaged when it was copied: save the token again"}
		}
		return nil
	default:
		return &Problem{What: "its " + name + " is not a string", Remedy: "save the provider's response as it was sent"}
	}
}

// unpresentable says why a string cannot be presented as it is, as a clause; "" if it can, or is no string. A line break would end the
// header that it stands in, and what does not print would do as it likes with a terminal (RFC 6749 §A.12 allows printable ASCII alone).
func unpresentable(value jsonobject.Value) string {
	s := value.AsString()
	switch {
	case isPrintableASCII(s): // nearly always
		return ""
	case holdsControl(s):
		return "holds control characters"
	case text.Printable(s) != s:
		return "holds characters that do not print"
	case value.Kind() == '"' && !value.IsUnicode():
		return "is not Unicode"
	}
	return ""
}

func holdsControl(s string) bool {
	return !isPrintableASCII(s) && strings.ContainsFunc(s, unicode.IsControl)
}

func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// quoted makes a member's name safe to show: names are not secret, but may be long or odd.
func quoted(name string) string {
	name = text.Printable(name)
	if len(name) > 40 {
		name = name[:40] + "…"
	}
	return `"` + name + `"`
}
