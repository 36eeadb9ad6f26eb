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
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// Token is a saved token response: one JSON object, kept byte for byte (RFC 6749 §5.1 defines its
// usual members). A Token is immutable; [Token.Merge] returns a new one. The zero Token is empty.
//
// A Token prints as "[token]" and cannot be marshaled. A store saves [Token.Bytes].
type Token struct{ doc *document }

type document struct {
	raw    string // unchanged, with any byte order mark and final newline; the other strings share its memory
	object jsonobject.Object

	accessToken  string // decoded
	refreshToken oauth.Secret

	header, accessTokenHash, refreshTokenHash lazy[string]
	times                                     lazy[*tokenTimes]
}

var emptyDocument document

func (t Token) document() *document {
	if t.doc == nil {
		return &emptyDocument
	}
	return t.doc
}

// lazy is a value that is computed at its first use. Concurrent first uses may compute it twice.
type lazy[T any] struct{ value atomic.Pointer[T] }

func (l *lazy[T]) get(compute func() T) T {
	if p := l.value.Load(); p != nil {
		return *p
	}
	value := compute()
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

// Equal reports whether t and other are the same document, byte for byte. By it, a [Save] decides
// whether the token changed.
func (t Token) Equal(other Token) bool { return t.document().raw == other.document().raw }

// AccessToken returns the access token as plain text, or "" if there is none.
func (t Token) AccessToken() string { return t.document().accessToken }

// RefreshToken returns the refresh token, or "" if there is none.
func (t Token) RefreshToken() oauth.Secret { return t.document().refreshToken }

// Type returns the authentication scheme of the token type (RFC 6749 §7.1). It is "Bearer" unless
// token_type names another scheme: some servers send BearerToken or null.
func (t Token) Type() string {
	if s := t.Member("token_type"); syntax.Scheme(s) && !strings.EqualFold(s, "bearer") {
		return s
	}
	return "Bearer"
}

// isDPoP reports whether the token can only be used with a private key (RFC 9449 §5).
func (t Token) isDPoP() bool { return strings.EqualFold(t.Member("token_type"), "DPoP") }

// authorizationHeader returns the value of an Authorization header with the access token (RFC 6750
// §2.1).
func (t Token) authorizationHeader() string {
	return t.document().header.get(func() string { return t.Type() + " " + t.AccessToken() })
}

// Member returns the named member if it is a JSON string, decoded, or else "".
func (t Token) Member(name string) string { return t.value(name).AsString() }

// Text returns the named member if it is a string, decoded, or a number, as it is written, or else
// "".
func (t Token) Text(name string) string {
	if v := t.value(name); v.Kind() == '"' || v.Kind() == '0' {
		return v.Text()
	}
	return ""
}

// Names returns the names of the document's members in their order.
func (t Token) Names() []string {
	var names []string
	for name := range t.object().All() {
		names = append(names, name)
	}
	return names
}

// RefreshTokenHash returns the SHA-256 of the refresh token in hex, to find out whether the token
// was replaced. Without a refresh_token it returns the hash of the whole document, which may have
// the refresh token in another member ([provider.Reply]). It returns "" for the zero Token.
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
	var buffer [512]byte // usually enough, so that the result is the only allocation
	sum := sha256.Sum256(append(buffer[:0], secret...))
	return string(hex.AppendEncode(buffer[:0], sum[:]))
}

func (t Token) object() jsonobject.Object { return t.document().object }

func (t Token) value(name string) jsonobject.Value { return t.object().Value(name) }

// String returns "[token]".
func (t Token) String() string { return "[token]" }

// GoString redacts like String.
func (t Token) GoString() string { return t.String() }

// Format redacts like String, with every verb.
func (t Token) Format(f fmt.State, _ rune) { fmt.Fprint(f, t.String()) }

// LogValue redacts like String.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// ErrTokenMarshal is returned when a Token is marshaled. A store that saved a redacted token would
// lose the grant.
var ErrTokenMarshal = errors.New("a token cannot be marshaled: save Token.Bytes and read it with ParseToken")

// MarshalText fails with [ErrTokenMarshal].
func (t Token) MarshalText() ([]byte, error) { return nil, ErrTokenMarshal }

// MarshalJSON fails with [ErrTokenMarshal].
func (t Token) MarshalJSON() ([]byte, error) { return nil, ErrTokenMarshal }

// GobEncode fails with [ErrTokenMarshal].
func (t Token) GobEncode() ([]byte, error) { return nil, ErrTokenMarshal }

// MaxDocument is the size limit of a token document in bytes.
const MaxDocument = 1 << 20

const byteOrderMark = "\ufeff"

// ParseToken parses a saved token document: one JSON object in UTF-8, with an optional byte order
// mark. It keeps every byte. The error is a [*SetupError] without any value from the document.
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
		return Token{}, &SetupError{
			What:   "it has two members named " + quoteName(name),
			Remedy: "remove the wrong one: programs differ in which of the two they use",
		}
	}
	t := Token{&document{raw: raw, object: object}}
	for _, name := range []string{"access_token", "refresh_token"} {
		if err := checkToken(name, t.value(name)); err != nil {
			return Token{}, err
		}
	}
	t.doc.accessToken = t.Member("access_token")
	t.doc.refreshToken = oauth.Secret(t.Member("refresh_token"))
	return t, nil
}

func checkEncoding(raw string) error {
	switch {
	case len(raw) > MaxDocument:
		return &SetupError{What: "larger than 1 MiB, too large for a token", Remedy: "check that this is the token file"}
	case strings.HasPrefix(raw, "\xff\xfe"), strings.HasPrefix(raw, "\xfe\xff"), strings.IndexByte(raw, 0) >= 0:
		return &SetupError{
			What:   "it is UTF-16 or binary, not UTF-8",
			Remedy: "save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8)",
		}
	case strings.TrimSpace(strings.TrimPrefix(raw, byteOrderMark)) == "":
		return &SetupError{
			What: "it is empty",
			Remedy: "if a program was interrupted while it wrote the file, remove the file and {login again}: the refresh token of a " +
				"backup may have been replaced since, and using it would end the login",
		}
	case !utf8.ValidString(raw):
		return &SetupError{What: "it is not UTF-8", Remedy: "save it as UTF-8"}
	}
	return nil
}

func notObject(err error) *SetupError {
	var invalid *jsonobject.SyntaxError
	switch {
	case errors.As(err, &invalid):
		return &SetupError{
			What: fmt.Sprintf("it is not JSON (line %d, column %d)", invalid.Line, invalid.Column),
			Remedy: "correct it there; if it was cut short, remove the file and {login again}: " +
				"the refresh token of a backup may have been replaced since",
			Err: errors.New("syntax error"),
		}
	case errors.Is(err, jsonobject.ErrExtended):
		return &SetupError{
			What:   "it has comments or a trailing comma, which are not JSON",
			Remedy: "remove them: other programs that read this file may not accept them either",
		}
	default:
		return &SetupError{
			What:   "it is not a JSON object",
			Remedy: "a token file is the provider's token response: {{ \"access_token\": … }}",
		}
	}
}

func checkToken(name string, value jsonobject.Value) error {
	switch value.Kind() {
	case 0, 'n':
		return nil
	case '"':
		if problem := tokenProblem(value); problem != "" {
			return &SetupError{
				What:   "its " + name + " " + problem,
				Remedy: "it was damaged when it was saved or copied: save the token again, or remove the file and {login again}",
			}
		}
		return nil
	default:
		return &SetupError{What: "its " + name + " is not a string", Remedy: "save the provider's response as it was sent"}
	}
}

// tokenProblem says, as a clause, why a JSON string cannot be a token, or returns "". The empty
// string means that there is none.
func tokenProblem(value jsonobject.Value) string {
	switch s := value.AsString(); {
	case s == "":
		return ""
	case !value.IsUnicode():
		return "is not Unicode"
	default:
		return syntax.Token(s)
	}
}

// quoteName returns a member's name for a message: printable, quoted and at most 40 bytes long.
func quoteName(name string) string {
	name = text.Printable(name)
	if len(name) > 40 {
		name = name[:40] + "…"
	}
	return `"` + name + `"`
}
