// Package redact removes secrets from text of servers and proxies. An answer to a request may
// repeat the secrets in it, in the same encoding or in another.
package redact

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mark replaces a secret.
const Mark = "[secret]"

const (
	// minLength is the least length of a secret, in bytes. Shorter ones would match in any
	// sentence.
	minLength = 3
	// wordLength is the least length, in bytes, of a secret that is found within words and in
	// base64. A shorter secret is found only if no letter or digit is next to it.
	wordLength = 8
	// maxText is the length, in bytes, at which a text is cut. The time to search it is quadratic
	// at worst.
	maxText = 4 << 10
)

// Redactor finds a set of secrets in text. It recognizes them percent-encoded as in a form or a
// path, escaped as in JSON, Go or HTML, in up to three of these encodings one within another, and
// in base64 or base64url together with other data.
//
// A Redactor is immutable and safe for concurrent use. The nil Redactor finds nothing.
type Redactor struct {
	plain  map[rune][]pattern // by first character
	base64 map[rune][]pattern // by first character
}

// pattern is a secret, or the part of its base64 that does not depend on the data around it.
type pattern struct {
	runes []rune // U+FFFD for each byte that is not UTF-8, as in printed text
	alone bool   // matches only without a letter or digit next to it
	whole bool   // its beginning alone is no secret
}

// New returns a Redactor for the secrets. It ignores those of less than three bytes.
func New(secrets ...string) *Redactor {
	r := &Redactor{plain: map[rune][]pattern{}, base64: map[rune][]pattern{}}
	slices.Sort(secrets)
	for _, secret := range slices.Compact(secrets) {
		r.add(secret)
	}
	return r
}

func (r *Redactor) add(secret string) {
	// Unprintable characters may be missing in the text. match skips them within a secret, so only
	// those at its ends are removed here.
	length := printableLength(secret)
	if length < minLength {
		return
	}
	runes := []rune(strings.TrimFunc(secret, func(r rune) bool { return !unicode.IsPrint(r) }))
	// "id:secret" and "https://..." begin with what may be shown.
	p := pattern{runes: runes, alone: length < wordLength, whole: strings.Contains(secret, ":")}
	r.plain[runes[0]] = append(r.plain[runes[0]], p)
	for _, text := range []string{secret, url.QueryEscape(secret)} { // escaped as in RFC 6749 §2.3.1
		if len(text) < wordLength {
			continue
		}
		for before := range 3 {
			part := innerBase64(text, before)
			r.base64[part[0]] = append(r.base64[part[0]], pattern{runes: part})
		}
	}
}

// printableLength returns the number of bytes in printable characters.
func printableLength(s string) (n int) {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if unicode.IsPrint(r) {
			n += size
		}
		i += size
	}
	return n
}

// innerBase64 returns the base64 of text after before other bytes, without the characters at its
// ends that depend on other bytes, too.
func innerBase64(text string, before int) []rune {
	encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), text...))
	first, last := (before*8+5)/6, (before+len(text))*8/6
	return []rune(encoded[first:last])
}

// Text returns text with each secret replaced by [Mark]. It cuts a text after 4 KiB. If a text
// takes too long to search, Text returns a Mark only.
func (r *Redactor) Text(text string) string { return r.Replace(text, Mark) }

// Replace is like Text with another mark.
func (r *Redactor) Replace(text, mark string) string {
	text, ellipsis := cut(text)
	var b strings.Builder
	end := 0
	for _, s := range r.find(text, mark) {
		b.WriteString(text[end:s.start])
		b.WriteString(mark)
		end = s.end
	}
	if end == 0 && ellipsis == "" {
		return text
	}
	b.WriteString(text[end:])
	b.WriteString(ellipsis)
	return b.String()
}

// cut returns the beginning of the text, and "…" if there is more.
func cut(text string) (beginning, ellipsis string) {
	if len(text) <= maxText {
		return text, ""
	}
	end := maxText
	for end > maxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end], "…"
}

// Holds reports whether Text would change the text.
func (r *Redactor) Holds(text string) bool { return r.Text(text) != text }

// span is a range of bytes in a text.
type span struct{ start, end int }

// find returns the spans of the text that contain secrets, in order and without overlap.
func (r *Redactor) find(text, mark string) []span {
	if r == nil || len(r.plain) == 0 {
		return nil
	}
	d := &decoder{text: text}
	var found []span
	marked := 0 // the end of the last mark in the text: a secret such as "secret" is not searched within it
	for i := 0; i < len(text); {
		for _, m := range []string{Mark, mark} {
			if strings.HasPrefix(text[i:], m) {
				marked = max(marked, i+len(m))
			}
		}
		if s, ok := r.longestAt(d, i); ok && s.end > marked {
			found = append(found, s)
		}
		if d.steps > maxSteps {
			return []span{{0, len(text)}}
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	merged := found[:0]
	for _, s := range found {
		if n := len(merged); n > 0 && s.start < merged[n-1].end {
			merged[n-1].end = max(merged[n-1].end, s.end)
		} else {
			merged = append(merged, s)
		}
	}
	return merged
}

// longestAt returns the longest span from i on that is a secret. For a secret in base64, the span
// is all of the base64 around it.
func (r *Redactor) longestAt(d *decoder, i int) (s span, ok bool) {
	same := func(r rune) rune { return r }
	for _, first := range d.decode(i) {
		for _, p := range r.plain[first.r] {
			if end, found := d.match(p, i, same); found && end > s.end && (!p.alone || d.isAlone(i, end)) {
				s, ok = span{i, end}, true
			}
		}
		for _, p := range r.base64[standardBase64(first.r)] {
			if end, found := d.match(p, i, standardBase64); found && end > s.end {
				if end > d.base64.end {
					d.base64 = d.widen(span{i, end}, isBase64)
				}
				s, ok = d.base64, true
			}
		}
	}
	return s, ok
}

// standardBase64 maps a character of base64url to the standard alphabet (RFC 4648 §5).
func standardBase64(r rune) rune {
	switch r {
	case '-':
		return '+'
	case '_':
		return '/'
	default:
		return r
	}
}

func isBase64(r rune) bool {
	return r < utf8.RuneSelf && (isWord(r) || strings.ContainsRune("+/-_=", r))
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// Error returns err, or a redacted error if the text of err holds a secret. The redacted error
// matches the same errors with [errors.Is] and is a timeout if err is one. It does not unwrap, and
// [errors.As] finds only itself, because the errors within err hold the secret.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := r.Text(text); clean != text {
		return &redactedError{clean, err}
	}
	return err
}

type redactedError struct {
	text string
	raw  error // for Is and Timeout only
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Is(target error) bool { return errors.Is(e.raw, target) }

// Timeout and Temporary implement [net.Error].
func (e *redactedError) Timeout() bool {
	var timeout interface{ Timeout() bool }
	return errors.As(e.raw, &timeout) && timeout.Timeout()
}

func (e *redactedError) Temporary() bool { return e.Timeout() }

// Format keeps verbs such as %#v from printing the raw error.
func (e *redactedError) Format(f fmt.State, verb rune) {
	text := e.text
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(f, text)
}
