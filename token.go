package freshet

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// Token is a provider's token response as somebody saved it: one JSON object, kept byte for byte (RFC 6749 §5.1 names its
// usual members). It is immutable; [Token.Merge] makes a new one. The zero Token is empty.
//
// A Token redacts itself wherever it might be printed, and refuses to be marshalled: a store saves [Token.Bytes].
type Token struct{ doc *document }

type document struct {
	raw    string // with byte order mark and final newline, as found; all else that is text shares its memory if it can
	object jsonobject.Object
	// What is asked for most, decoded once.
	accessToken  string
	refreshToken oauth.Secret
	// And what takes time to work out.
	header, accessTokenHash, refreshTokenHash lazy[string]
	jwtExpiry                                 lazy[time.Time]
}

// empty is the document of the zero Token.
var empty document

func (t Token) document() *document {
	if t.doc == nil {
		return &empty
	}
	return t.doc
}

// lazy is worked out when it is first asked for. Two who ask at the same time may both do it: the result is the same.
type lazy[T any] struct{ value atomic.Pointer[T] }

func (l *lazy[T]) get(workOut func() T) T {
	if known := l.value.Load(); known != nil {
		return *known
	}
	value := workOut()
	l.value.Store(&value)
	return value
}

// Bytes returns a copy of the document, byte for byte.
func (t Token) Bytes() []byte {
	if t.doc == nil {
		return nil
	}
	return []byte(t.doc.raw)
}

// IsZero reports whether t is the zero Token.
func (t Token) IsZero() bool { return t.doc == nil }

// AccessToken returns the access token in clear, or "" if there is none.
func (t Token) AccessToken() string { return t.document().accessToken }

// RefreshToken returns the refresh token, or "" if there is none.
func (t Token) RefreshToken() oauth.Secret { return t.document().refreshToken }

// Type returns the token type (RFC 6749 §7.1), "Bearer" when the document does not say.
func (t Token) Type() string {
	if s := t.Member("token_type"); s != "" && !strings.EqualFold(s, "bearer") {
		return s
	}
	return "Bearer"
}

// bound reports whether the token is of use only to the holder of a key (RFC 9449).
func (t Token) bound() bool { return strings.EqualFold(t.Type(), "DPoP") }

// AuthorizationHeader returns the value of an Authorization header that presents the access token (RFC 6750 §2.1).
func (t Token) AuthorizationHeader() string {
	return t.document().header.get(func() string { return t.Type() + " " + t.AccessToken() })
}

// Member returns a member of the document that is a JSON string, decoded; "" for any other or none.
func (t Token) Member(name string) string { return t.value(name).AsString() }

// Text returns a member that is a string or a number: the string decoded, or the number as it is spelled; "" for any
// other or none.
func (t Token) Text(name string) string {
	if v := t.value(name); v.Kind() == '"' || v.Kind() == '0' {
		return v.Text()
	}
	return ""
}

// Names lists the document's members in their order.
func (t Token) Names() []string {
	var names []string
	for name := range t.object().All() {
		names = append(names, name)
	}
	return names
}

// RefreshTokenHash returns the SHA-256 of the refresh token in hex: enough to tell whether it was replaced, too little to
// use it. Of a document without a refresh_token it is that of the document, in which the refresh token may stand elsewhere; of
// no document it is "".
func (t Token) RefreshTokenHash() string {
	d := t.document()
	return d.refreshTokenHash.get(func() string { return hashOf(cmp.Or(string(d.refreshToken), d.raw)) })
}

func (t Token) accessTokenHash() string {
	return t.document().accessTokenHash.get(func() string { return hashOf(t.AccessToken()) })
}

func hashOf(secret string) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (t Token) object() jsonobject.Object { return t.document().object }

// value returns a member's value, "" if there is none.
func (t Token) value(name string) jsonobject.Value { return t.object().Value(name) }

// String returns "[token]".
func (t Token) String() string { return "[token]" }

// GoString redacts like String.
func (t Token) GoString() string { return t.String() }

// Format redacts under every verb and flag.
func (t Token) Format(f fmt.State, _ rune) { fmt.Fprint(f, t.String()) }

// LogValue redacts for log/slog.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// ErrTokenMarshal is returned when a Token is marshalled: a redacted token in somebody's store is a lost grant.
var ErrTokenMarshal = errors.New("a token does not marshal itself: save Token.Bytes, and read it back with ParseToken")

// MarshalText fails with [ErrTokenMarshal].
func (t Token) MarshalText() ([]byte, error) { return nil, ErrTokenMarshal }

// MarshalJSON fails with [ErrTokenMarshal].
func (t Token) MarshalJSON() ([]byte, error) { return nil, ErrTokenMarshal }

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
