package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// match reports whether the text from start on decodes to the pattern, with mapping applied to each
// character of the text, and returns the end of the longest match. Unprintable characters may be
// missing or added. A text that ends within the pattern, after wordLength characters, matches too
// unless the pattern must be whole: it may have been cut.
func (d *decoder) match(p pattern, start int, mapping func(rune) rune) (end int, ok bool) {
	at := []int{start} // where the next character may begin, sorted: escapes can be ambiguous
	for n, want := range p.runes {
		if d.steps += len(at); d.steps > maxSteps {
			return 0, false
		}
		if i := at[0]; len(at) == 1 && i < len(d.text) && isPlain(d.text[i]) && unicode.IsPrint(want) {
			if mapping(rune(d.text[i])) != want {
				return 0, false
			}
			at[0]++
			continue
		}
		at = d.skip(at)
		if at[len(at)-1] == len(d.text) && n >= wordLength && !p.whole {
			return len(d.text), true
		}
		var next []int
		for _, i := range at {
			for _, s := range d.decode(i) {
				if mapping(s.r) == want {
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

// isPlain reports whether c is a printable ASCII character that begins no escape sequence.
func isPlain(c byte) bool { return isPrintableASCII(c) && strings.IndexByte(escapeStarts, c) < 0 }

func isPrintableASCII(c byte) bool { return ' ' <= c && c <= '~' }

// skip adds the positions after unprintable characters. The result is sorted.
func (d *decoder) skip(at []int) []int {
	for n := 0; n < len(at); n++ {
		i := at[n]
		if i == len(d.text) || isPrintableASCII(d.text[i]) {
			continue
		}
		if r, size := utf8.DecodeRuneInString(d.text[i:]); !unicode.IsPrint(r) {
			at = append(at, i+size)
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// isAlone reports whether no letter or digit is next to the span.
func (d *decoder) isAlone(start, end int) bool {
	notWord := func(r rune) bool { return !isWord(r) }
	_, before := d.before(start, notWord)
	_, after := d.after(end, notWord)
	return (before || start == 0) && (after || end == len(d.text))
}

// widen extends s on both sides by the characters that satisfy is.
func (d *decoder) widen(s span, is func(rune) bool) span {
	for {
		start, ok := d.before(s.start, is)
		if !ok {
			break
		}
		s.start = start
	}
	for {
		end, ok := d.after(s.end, is)
		if !ok {
			return s
		}
		s.end = end
	}
}

// maxEscape bounds the length of an escape sequence in bytes. Nested escapes are long.
const maxEscape = 48

// before returns the start of the character that ends at i, if it satisfies is.
func (d *decoder) before(i int, is func(rune) bool) (start int, ok bool) {
	for start := max(i-maxEscape, 0); start < i-1; start++ {
		if strings.IndexByte(escapeStarts, d.text[start]) < 0 {
			continue
		}
		for _, s := range d.decode(start) {
			if s.end == i && is(s.r) {
				return start, true
			}
		}
	}
	r, size := utf8.DecodeLastRuneInString(d.text[:i])
	return i - size, size > 0 && is(r)
}

// after returns the end of the character that begins at i, if it satisfies is.
func (d *decoder) after(i int, is func(rune) bool) (end int, ok bool) {
	for _, s := range d.decode(i) {
		if is(s.r) {
			end, ok = max(end, s.end), true
		}
	}
	return end, ok
}
