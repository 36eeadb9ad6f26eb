package freshet

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/freshet-dev/freshet/oauth"
)

// Token is a provider's token response as somebody saved it: one JSON object, kept byte for byte (RFC 6749 §5.1 names its
// usual members). It is immutable; [Token.Merge] makes a new one. The zero Token is empty.
//
// A Token redacts itself wherever it might be printed, and refuses to be marshalled: a store saves [Token.Bytes].
type Token struct{ doc *document }

type document struct {
	raw   []byte // with byte order mark and final newline, as found
	value hujson.Value
	// What is asked for most, decoded once.
	accessToken  string
	refreshToken oauth.Secret
}

// Bytes returns the document byte for byte. The caller must not change it.
func (t Token) Bytes() []byte {
	if t.doc == nil {
		return nil
	}
	return t.doc.raw
}

// IsZero reports whether t is the zero Token.
func (t Token) IsZero() bool { return t.doc == nil }

// AccessToken returns the access token in clear, or "" if there is none.
func (t Token) AccessToken() string {
	if t.doc == nil {
		return ""
	}
	return t.doc.accessToken
}

// RefreshToken returns the refresh token, or "" if there is none.
func (t Token) RefreshToken() oauth.Secret {
	if t.doc == nil {
		return ""
	}
	return t.doc.refreshToken
}

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
func (t Token) AuthorizationHeader() string { return t.Type() + " " + t.AccessToken() }

// Member returns a member of the document that is a JSON string, decoded; "" for any other or none.
func (t Token) Member(name string) string {
	if m := t.lookup(name); m != nil {
		if l, ok := m.Value.Value.(hujson.Literal); ok && l.Kind() == '"' {
			return l.String()
		}
	}
	return ""
}

// Text returns a member that is a string or a number: the string decoded, or the number as it is spelled; "" for any
// other or none.
func (t Token) Text(name string) string {
	if s, kind := t.literal(name); kind == '"' || kind == '0' {
		return s
	}
	return ""
}

// Names lists the document's members in their order.
func (t Token) Names() []string {
	var names []string
	for _, m := range t.members() {
		names = append(names, memberName(m))
	}
	return names
}

// RefreshTokenHash returns the SHA-256 of the refresh token in hex: enough to tell whether it was replaced, too little to
// use it. It is "" without a refresh token.
func (t Token) RefreshTokenHash() string { return hashOf(string(t.RefreshToken())) }

func (t Token) accessTokenHash() string { return hashOf(t.AccessToken()) }

func hashOf(secret string) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (t Token) members() []hujson.ObjectMember {
	if t.doc == nil {
		return nil
	}
	return t.doc.value.Value.(*hujson.Object).Members
}

func (t Token) lookup(name string) *hujson.ObjectMember {
	members := t.members()
	for i := range members {
		if memberName(members[i]) == name {
			return &members[i]
		}
	}
	return nil
}

func memberName(m hujson.ObjectMember) string { return m.Name.Value.(hujson.Literal).String() }

// literal returns the member's raw JSON when it is a string or a number, decoded in the first case, and its kind.
func (t Token) literal(name string) (string, hujson.Kind) {
	if m := t.lookup(name); m != nil {
		if l, ok := m.Value.Value.(hujson.Literal); ok {
			return l.String(), l.Kind()
		}
	}
	return "", 0
}

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
