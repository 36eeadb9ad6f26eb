package redact

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// decoder decodes the characters of a text, each of which may be escaped.
type decoder struct {
	text   string
	cache  [maxDepth + 1]map[int][]decoded // results of decodeDepth, by depth and offset
	base64 span                            // the base64 around the last secret that was found in base64
	steps  int                             // of match
}

// maxSteps bounds the search. Only a text and a secret that are made for it come near: of escape
// sequences that can be decoded in many ways.
const maxSteps = 1 << 20

// maxDepth is the number of nested encodings, such as a JSON string in HTML in a form.
const maxDepth = 3

// decoded is a character of the text, and the offset after it.
type decoded struct {
	r   rune
	end int
}

// escapeStarts are the bytes that can begin an escape sequence.
const escapeStarts = `%&\+`

// decode returns the characters that may begin at i: the plain one, and those of escape sequences.
func (d *decoder) decode(i int) []decoded { return d.decodeDepth(i, maxDepth) }

// decodeDepth is like decode for up to depth nested encodings.
func (d *decoder) decodeDepth(i, depth int) []decoded {
	if i >= len(d.text) {
		return nil
	}
	r, size := utf8.DecodeRuneInString(d.text[i:])
	plain := decoded{r, i + size}
	if depth == 0 || strings.IndexByte(escapeStarts, d.text[i]) < 0 {
		return []decoded{plain}
	}
	if all, ok := d.cache[depth][i]; ok {
		return all
	}
	all := []decoded{plain}
	for _, s := range d.decodeDepth(i, depth-1) {
		var more []decoded
		switch s.r {
		case '+':
			more = []decoded{{' ', s.end}}
		case '%':
			more = d.percent(s.end, depth-1)
		case '\\':
			more = d.backslash(s.end, depth-1)
		case '&':
			more = d.entity(s.end, depth-1)
		}
		for _, s := range more {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	if d.cache[depth] == nil {
		d.cache[depth] = map[int][]decoded{}
	}
	d.cache[depth][i] = all
	return all
}

// percent decodes what follows a percent sign: the bytes of one character, with a percent sign
// before each further byte.
func (d *decoder) percent(i, depth int) []decoded {
	first, end, ok := d.hex(i, 2, depth)
	if !ok {
		return nil
	}
	if first < utf8.RuneSelf {
		return []decoded{{first, end}}
	}
	encoded, last := []byte{byte(first)}, end
	for !utf8.FullRune(encoded) {
		b, next, ok := d.nextByte(last, depth)
		if !ok {
			break
		}
		encoded, last = append(encoded, b), next
	}
	all := []decoded{{utf8.RuneError, end}} // the first byte alone
	if r, size := utf8.DecodeRune(encoded); size == len(encoded) && size > 1 {
		all = append(all, decoded{r, last})
	}
	return all
}

// nextByte decodes a percent sign and a continuation byte of UTF-8 (RFC 3629 §3).
func (d *decoder) nextByte(i, depth int) (b byte, end int, ok bool) {
	for _, s := range d.decodeDepth(i, depth) {
		if n, end, ok := d.hex(s.end, 2, depth); ok && s.r == '%' && n&0xc0 == 0x80 {
			return byte(n), end, true
		}
	}
	return 0, 0, false
}

// After a backslash, controlLetters stand for the characters in controls.
const (
	controlLetters = "ntrbfva0"
	controls       = "\n\t\r\b\f\v\a\x00"
)

// backslash decodes what follows a backslash in a string of JSON, JavaScript or Go.
func (d *decoder) backslash(i, depth int) []decoded {
	var all []decoded
	for _, s := range d.decodeDepth(i, depth) {
		digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[s.r]
		code, end, isCode := d.hex(s.end, digits, depth)
		control := strings.IndexRune(controlLetters, s.r)
		switch {
		case isCode:
			all = append(all, d.codePoint(code, end, depth))
			if s.r == 'x' && code >= utf8.RuneSelf { // in Go, a byte that is not UTF-8
				all = append(all, decoded{utf8.RuneError, end})
			}
		case control >= 0:
			all = append(all, decoded{rune(controls[control]), s.end})
		case s.r < utf8.RuneSelf && !isWord(s.r):
			all = append(all, s)
		}
	}
	return all
}

// codePoint returns the character of the code, which may be the first of a surrogate pair (RFC 8259
// §7).
func (d *decoder) codePoint(code rune, end, depth int) decoded {
	if !utf16.IsSurrogate(code) {
		return decoded{code, end}
	}
	for _, s := range d.decodeDepth(end, depth) {
		u, ok := d.char('u', s.end, depth)
		if s.r != '\\' || !ok {
			continue
		}
		second, next, _ := d.hex(u, 4, depth)
		if r := utf16.DecodeRune(code, second); r != utf8.RuneError {
			return decoded{r, next}
		}
	}
	return decoded{utf8.RuneError, end}
}

// entity decodes what follows an ampersand in HTML: a name, or a number after a #.
func (d *decoder) entity(i, depth int) []decoded {
	base := 0
	if next, ok := d.char('#', i, depth); ok {
		i, base = next, 10
		for _, x := range "xX" {
			if next, ok := d.char(x, i, depth); ok {
				i, base = next, 16
			}
		}
	}
	name, end := d.word(i, depth)
	r, ok := entityNamed(name)
	if base != 0 {
		code, err := strconv.ParseInt(name, base, 32)
		r, ok = rune(code), err == nil
	}
	end, closed := d.char(';', end, depth)
	if !ok || !closed {
		return nil
	}
	return []decoded{{r, end}}
}

// char reads the character c.
func (d *decoder) char(c rune, i, depth int) (end int, ok bool) {
	for _, s := range d.decodeDepth(i, depth) {
		if s.r == c {
			return s.end, true
		}
	}
	return i, false
}

// word reads ASCII letters and digits.
func (d *decoder) word(i, depth int) (word string, end int) {
	var b strings.Builder
	for b.Len() < maxEntity {
		n := b.Len()
		for _, s := range d.decodeDepth(i, depth) {
			if s.r < utf8.RuneSelf && isWord(s.r) && b.Len() == n {
				b.WriteRune(s.r)
				i = s.end
			}
		}
		if b.Len() == n {
			break
		}
	}
	return b.String(), i
}

// hex reads a hexadecimal number with the given number of digits. ok is false if that is 0.
func (d *decoder) hex(i, digits, depth int) (n rune, end int, ok bool) {
	for range digits {
		ok = false
		for _, s := range d.decodeDepth(i, depth) {
			if v := strings.IndexRune("0123456789abcdef", unicode.ToLower(s.r)); v >= 0 && s.r < utf8.RuneSelf {
				n, i, ok = n<<4|rune(v), s.end, true
				break
			}
		}
		if !ok {
			return 0, i, false
		}
	}
	return n, i, ok
}

// maxEntity is more than the length of the names below and of any code point.
const maxEntity = 20

// entities are HTML's names for the ASCII characters that are neither letters nor digits. A
// constant, unlike a map, costs nothing when a program starts.
const entities = " Tab=\t NewLine=\n nbsp=\u00a0 excl=! quot=\" QUOT=\" num=# dollar=$ percnt=% amp=& AMP=& apos=' " +
	"lpar=( rpar=) ast=* midast=* plus=+ comma=, period=. sol=/ colon=: semi=; lt=< LT=< equals== gt=> GT=> quest=? " +
	"commat=@ lsqb=[ lbrack=[ bsol=\\ rsqb=] rbrack=] Hat=^ lowbar=_ UnderBar=_ grave=` " +
	"lcub={ lbrace={ verbar=| vert=| VerticalLine=| rcub=} rbrace=} "

func entityNamed(name string) (r rune, ok bool) {
	_, value, ok := strings.Cut(entities, " "+name+"=")
	r, _ = utf8.DecodeRuneInString(value)
	return r, ok && name != ""
}
