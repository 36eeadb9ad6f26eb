package redact

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// reader reads the characters of a text, each of which may be escaped.
type reader struct {
	text string
	// known are the spellings that were worked out, by where they begin, for each depth.
	known [maxDepth + 1]map[int][]spelling
	run   span // of base64, around the last secret in it
	steps int  // taken so far
}

// maxSteps bounds the search. No text is near it but one that is made to take long: of escape sequences that can be read in
// many ways, and a secret like it.
const maxSteps = 1 << 20

// maxDepth is how many escapings are undone that lie one around another, as in a form with HTML of a JSON string.
const maxDepth = 3

// spelling is one way to read what stands in a text: as this character, up to there.
type spelling struct {
	r   rune
	end int
}

// beginsEscape are the bytes that may begin an escape sequence.
const beginsEscape = `%&\+`

// spellings returns the ways to read the text at i: as it stands, and as an escape sequence.
func (t *reader) spellings(i int) []spelling { return t.read(i, maxDepth) }

func (t *reader) read(i, depth int) []spelling {
	if i >= len(t.text) {
		return nil
	}
	r, size := utf8.DecodeRuneInString(t.text[i:])
	plain := spelling{r, i + size}
	if depth == 0 || strings.IndexByte(beginsEscape, t.text[i]) < 0 {
		return []spelling{plain}
	}
	if all, ok := t.known[depth][i]; ok {
		return all
	}
	all := []spelling{plain}
	for _, s := range t.read(i, depth-1) {
		var more []spelling
		switch s.r {
		case '+':
			more = []spelling{{' ', s.end}}
		case '%':
			more = t.percent(s.end, depth-1)
		case '\\':
			more = t.backslash(s.end, depth-1)
		case '&':
			more = t.entity(s.end, depth-1)
		}
		for _, s := range more {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	if t.known[depth] == nil {
		t.known[depth] = map[int][]spelling{}
	}
	t.known[depth][i] = all
	return all
}

// percent reads what follows a percent sign: the bytes of one character, each but the first behind a sign of its own.
func (t *reader) percent(i, depth int) []spelling {
	first, end, ok := t.hex(i, 2, depth)
	if !ok {
		return nil
	}
	if first < utf8.RuneSelf {
		return []spelling{{first, end}}
	}
	encoded, last := []byte{byte(first)}, end
	for !utf8.FullRune(encoded) {
		b, next, ok := t.nextByte(last, depth)
		if !ok {
			break
		}
		encoded, last = append(encoded, b), next
	}
	all := []spelling{{utf8.RuneError, end}} // the byte alone
	if r, size := utf8.DecodeRune(encoded); size == len(encoded) && size > 1 {
		all = append(all, spelling{r, last})
	}
	return all
}

// nextByte reads a percent sign and a byte that continues a character (RFC 3629 §3).
func (t *reader) nextByte(i, depth int) (b byte, end int, ok bool) {
	for _, s := range t.read(i, depth) {
		if n, end, ok := t.hex(s.end, 2, depth); ok && s.r == '%' && n&0xc0 == 0x80 {
			return byte(n), end, true
		}
	}
	return 0, 0, false
}

// The letters that stand for control characters behind a backslash, and those characters.
const (
	controlLetters = "ntrbfva0"
	controls       = "\n\t\r\b\f\v\a\x00"
)

// backslash reads what follows a backslash in a string of JSON, JavaScript or Go.
func (t *reader) backslash(i, depth int) []spelling {
	var all []spelling
	for _, s := range t.read(i, depth) {
		digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[s.r]
		code, end, isCode := t.hex(s.end, digits, depth)
		control := strings.IndexRune(controlLetters, s.r)
		switch {
		case isCode:
			all = append(all, t.codePoint(code, end, depth))
			if s.r == 'x' && code >= utf8.RuneSelf { // in Go it is a byte, which is not UTF-8
				all = append(all, spelling{utf8.RuneError, end})
			}
		case control >= 0:
			all = append(all, spelling{rune(controls[control]), s.end})
		case s.r < utf8.RuneSelf && !isWord(s.r):
			all = append(all, s)
		}
	}
	return all
}

// codePoint is a character by its number, which may be the first half of a surrogate pair (RFC 8259 §7).
func (t *reader) codePoint(code rune, end, depth int) spelling {
	if !utf16.IsSurrogate(code) {
		return spelling{code, end}
	}
	for _, s := range t.read(end, depth) {
		u, ok := t.one('u', s.end, depth)
		if s.r != '\\' || !ok {
			continue
		}
		second, next, _ := t.hex(u, 4, depth)
		if r := utf16.DecodeRune(code, second); r != utf8.RuneError {
			return spelling{r, next}
		}
	}
	return spelling{utf8.RuneError, end}
}

// entity reads what follows an ampersand in HTML: a name, or a number behind a #.
func (t *reader) entity(i, depth int) []spelling {
	base := 0
	if next, ok := t.one('#', i, depth); ok {
		i, base = next, 10
		for _, x := range "xX" {
			if next, ok := t.one(x, i, depth); ok {
				i, base = next, 16
			}
		}
	}
	name, end := t.word(i, depth)
	r, ok := entityNamed(name)
	if base != 0 {
		code, err := strconv.ParseInt(name, base, 32)
		r, ok = rune(code), err == nil
	}
	end, closed := t.one(';', end, depth)
	if !ok || !closed {
		return nil
	}
	return []spelling{{r, end}}
}

// one reads the character c.
func (t *reader) one(c rune, i, depth int) (end int, ok bool) {
	for _, s := range t.read(i, depth) {
		if s.r == c {
			return s.end, true
		}
	}
	return i, false
}

// word reads letters and digits of ASCII.
func (t *reader) word(i, depth int) (word string, end int) {
	var b strings.Builder
	for b.Len() < maxEntity {
		n := b.Len()
		for _, s := range t.read(i, depth) {
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

// hex reads a hexadecimal number of so many digits, at least one.
func (t *reader) hex(i, digits, depth int) (n rune, end int, ok bool) {
	for range digits {
		ok = false
		for _, s := range t.read(i, depth) {
			if d := strings.IndexRune("0123456789abcdef", unicode.ToLower(s.r)); d >= 0 && s.r < utf8.RuneSelf {
				n, i, ok = n<<4|rune(d), s.end, true
				break
			}
		}
		if !ok {
			return 0, i, false
		}
	}
	return n, i, ok
}

// maxEntity is longer than the names below, and than any number of a character.
const maxEntity = 20

// entities are the names that HTML has for the characters of ASCII that are neither letters nor digits. A table in a constant
// costs a program nothing when it starts.
const entities = " Tab=\t NewLine=\n nbsp=\u00a0 excl=! quot=\" QUOT=\" num=# dollar=$ percnt=% amp=& AMP=& apos=' lpar=( rpar=) ast=* midast=* " +
	"plus=+ comma=, period=. sol=/ colon=: semi=; lt=< LT=< equals== gt=> GT=> quest=? commat=@ lsqb=[ lbrack=[ bsol=\\ rsqb=] rbrack=] " +
	"Hat=^ lowbar=_ UnderBar=_ grave=` lcub={ lbrace={ verbar=| vert=| VerticalLine=| rcub=} rbrace=} "

func entityNamed(name string) (r rune, ok bool) {
	_, value, ok := strings.Cut(entities, " "+name+"=")
	r, _ = utf8.DecodeRuneInString(value)
	return r, ok && name != ""
}
