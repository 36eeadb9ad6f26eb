// Package redact removes secrets from text that others wrote. A server or a proxy that refuses a request may repeat what was
// in it, as it came or in an encoding of its own.
package redact

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mark stands where a secret was.
const Mark = "[secret]"

const (
	// minLength is the length, in bytes, below which a secret is not looked for: it would be found in any sentence.
	minLength = 3
	// anywhere is the length from which a secret is found in the middle of a word and in base64. A shorter one must stand
	// alone, with no letter or digit next to it.
	anywhere = 8
	// maxText bounds how much of a text is kept, in bytes. The time to search is at worst the square of it.
	maxText = 4 << 10
)

// Redactor finds the secrets that it was made with, in every encoding that it knows: plain, percent-encoded as in a form or
// a path, escaped as in JSON, Go or HTML, also one around another; base64 and base64url, with whatever stands around the
// secret there. A Redactor never changes, and is safe for use by many goroutines. The nil Redactor finds nothing.
type Redactor struct {
	plain  map[rune][]pattern // by their first character
	base64 map[rune][]pattern
}

// pattern is a secret, or the part of its base64 that depends on nothing else.
type pattern struct {
	runes []rune // a byte that is not UTF-8 is U+FFFD, as it becomes when text is printed
	alone bool
}

// New returns a Redactor for the secrets. Empty ones and those of one or two bytes are ignored.
func New(secrets ...string) *Redactor {
	r := &Redactor{plain: map[rune][]pattern{}, base64: map[rune][]pattern{}}
	slices.Sort(secrets)
	for _, secret := range slices.Compact(secrets) {
		r.add(secret)
	}
	return r
}

func (r *Redactor) add(secret string) {
	// What does not print may have been removed from the text. In the middle of a secret a match allows for that.
	length := printableLength(secret)
	if length < minLength {
		return
	}
	runes := []rune(strings.TrimFunc(secret, func(r rune) bool { return !unicode.IsPrint(r) }))
	r.plain[runes[0]] = append(r.plain[runes[0]], pattern{runes, length < anywhere})
	for _, text := range []string{secret, url.QueryEscape(secret)} { // the second as in HTTP Basic (RFC 6749 §2.3.1)
		if len(text) < anywhere {
			continue
		}
		for before := range 3 {
			part := innerBase64(text, before)
			r.base64[part[0]] = append(r.base64[part[0]], pattern{runes: part})
		}
	}
}

// printableLength counts the bytes of the characters that print.
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

// innerBase64 returns the characters that the text has in base64 behind so many other bytes, less those that depend on its
// neighbours too.
func innerBase64(text string, before int) []rune {
	encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), text...))
	first, last := (before*8+5)/6, (before+len(text))*8/6
	return []rune(encoded[first:last])
}

// Text returns the text with [Mark] in place of each secret. A text of more than 4 KiB is cut there, and one that takes too
// long to search is nothing but a Mark.
func (r *Redactor) Text(text string) string { return r.Replace(text, Mark) }

// Replace is Text with another mark.
func (r *Redactor) Replace(text, mark string) string {
	text, rest := cut(text)
	var b strings.Builder
	end := 0
	for _, s := range r.find(text, mark) {
		b.WriteString(text[end:s.start])
		b.WriteString(mark)
		end = s.end
	}
	if end == 0 && rest == "" {
		return text
	}
	b.WriteString(text[end:])
	b.WriteString(rest)
	return b.String()
}

// cut returns the beginning of the text, and what stands for the rest.
func cut(text string) (beginning, rest string) {
	if len(text) <= maxText {
		return text, ""
	}
	end := maxText
	for end > maxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end], "…"
}

// Holds reports whether the text holds a secret.
func (r *Redactor) Holds(text string) bool { return r.Text(text) != text }

// span is a piece of a text, from start to end.
type span struct{ start, end int }

// find returns the pieces of the text that repeat a secret, in their order, none overlapping another.
func (r *Redactor) find(text, mark string) []span {
	if r == nil || len(r.plain) == 0 {
		return nil
	}
	t := &reader{text: text}
	var found []span
	marked := 0 // end of a mark that is in the text already: a secret inside it is only a word of ours
	for i := 0; i < len(text); {
		for _, m := range []string{Mark, mark} {
			if strings.HasPrefix(text[i:], m) {
				marked = max(marked, i+len(m))
			}
		}
		if s, ok := r.at(t, i); ok && s.end > marked {
			found = append(found, s)
		}
		if t.steps > maxSteps {
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

// at returns the longest piece of the text that repeats a secret from i on.
func (r *Redactor) at(t *reader, i int) (s span, ok bool) {
	for _, first := range t.spellings(i) {
		for _, p := range r.plain[first.r] {
			if end, found := t.match(p.runes, i, asItIs); found && end > s.end && (!p.alone || t.alone(i, end)) {
				s, ok = span{i, end}, true
			}
		}
		for _, p := range r.base64[standardBase64(first.r)] {
			if end, found := t.match(p.runes, i, standardBase64); found && end > s.end {
				if end > t.run.end {
					t.run = t.widen(span{i, end}, isBase64)
				}
				s, ok = t.run, true
			}
		}
	}
	return s, ok
}

func asItIs(r rune) rune { return r }

// standardBase64 returns the character of the standard alphabet for one of base64url (RFC 4648 §5).
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
