package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// match reports whether the text spells the pattern from start on, and where the longest such spelling ends. What does not
// print may be missing, and may stand in between. A text that ends within the pattern, having much of it, was cut short.
func (t *reader) match(pattern []rune, start int, as func(rune) rune) (end int, ok bool) {
	at := []int{start}
	for n, want := range pattern {
		if t.steps += len(at); t.steps > maxSteps {
			return 0, false
		}
		if i := at[0]; len(at) == 1 && i < len(t.text) && isPlain(t.text[i]) && unicode.IsPrint(want) {
			if as(rune(t.text[i])) != want {
				return 0, false
			}
			at[0]++
			continue
		}
		at = t.skip(at)
		if at[len(at)-1] == len(t.text) && n >= anywhere {
			return len(t.text), true
		}
		var next []int
		for _, i := range at {
			for _, s := range t.spellings(i) {
				if as(s.r) == want {
					next = append(next, s.end)
				}
			}
		}
		if !unicode.IsPrint(want) {
			next = append(next, at...)
		}
		if len(next) == 0 {
			return 0, false
		}
		slices.Sort(next)
		at = slices.Compact(next)
	}
	return at[len(at)-1], true
}

// isPlain reports whether the byte is a printable character by itself, and begins no escape sequence.
func isPlain(c byte) bool { return isASCII(c) && strings.IndexByte(beginsEscape, c) < 0 }

// isASCII reports whether the byte is a printable character of ASCII.
func isASCII(c byte) bool { return ' ' <= c && c <= '~' }

// skip adds the positions behind characters that do not print. The result is sorted.
func (t *reader) skip(at []int) []int {
	for n := 0; n < len(at); n++ {
		i := at[n]
		if i == len(t.text) || isASCII(t.text[i]) {
			continue
		}
		if r, size := utf8.DecodeRuneInString(t.text[i:]); !unicode.IsPrint(r) {
			at = append(at, i+size)
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// alone reports whether neither a letter nor a digit stands next to the piece of the text.
func (t *reader) alone(start, end int) bool {
	other := func(r rune) bool { return !isWord(r) }
	_, before := t.before(start, other)
	_, after := t.after(end, other)
	return (before || start == 0) && (after || end == len(t.text))
}

// widen adds the characters around s of which is is true.
func (t *reader) widen(s span, is func(rune) bool) span {
	for {
		start, ok := t.before(s.start, is)
		if !ok {
			break
		}
		s.start = start
	}
	for {
		end, ok := t.after(s.end, is)
		if !ok {
			return s
		}
		s.end = end
	}
}

// maxEscape is how far before a character its escape sequence may begin, in bytes: an escaped escape sequence is longer.
const maxEscape = 48

// before returns where a character begins that ends at i, if is is true of it.
func (t *reader) before(i int, is func(rune) bool) (start int, ok bool) {
	for start := max(i-maxEscape, 0); start < i-1; start++ {
		if strings.IndexByte(beginsEscape, t.text[start]) < 0 {
			continue
		}
		for _, s := range t.spellings(start) {
			if s.end == i && is(s.r) {
				return start, true
			}
		}
	}
	r, size := utf8.DecodeLastRuneInString(t.text[:i])
	return i - size, size > 0 && is(r)
}

// after returns where a character ends that begins at i, if is is true of it.
func (t *reader) after(i int, is func(rune) bool) (end int, ok bool) {
	for _, s := range t.spellings(i) {
		if is(s.r) {
			end, ok = max(end, s.end), true
		}
	}
	return end, ok
}
