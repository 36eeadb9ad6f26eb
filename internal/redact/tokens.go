package redact

import (
	"strings"

	"github.com/freshet-dev/freshet/internal/lazyregexp"
)

var (
	longWord = lazyregexp.New(`[A-Za-z0-9_+=~.-]{24,}`)
	run      = lazyregexp.New(`\S+`)
	// address matches what has a scheme, begins with a slash, or has a slash after a dot and a name.
	address = lazyregexp.New(`://|^\W*/|\.[A-Za-z]+(:\d+)?/`)
	slashed = lazyregexp.New(`[A-Za-z0-9+/_~-]{24,}=*`)
	uuid    = lazyregexp.New(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\.?$`)
)

// Tokens returns text with each word that looks like a token replaced by [Mark]: 24 characters or
// more without a dot between them, both letters and digits, or 32 letters or more that are not words.
// A slash may be in it, as in base64, except in an address. A UUID stays, because support asks for
// the id of a request.
func Tokens(text string) string {
	text = run.ReplaceAllStringFunc(text, func(run string) string {
		if address.MatchString(run) {
			return run
		}
		return slashed.ReplaceAllStringFunc(run, func(word string) string {
			if isSlashed(word) || isLetters(word) {
				return Mark
			}
			return word
		})
	})
	return longWord.ReplaceAllStringFunc(text, func(word string) string {
		if uuid.MatchString(word) {
			return word
		}
		for part := range strings.SplitSeq(word, ".") {
			if len(part) >= 24 && strings.ContainsAny(part, digits) && strings.ContainsFunc(part, isLetter) {
				return Mark
			}
		}
		return word
	})
}

const digits = "0123456789"

// isSlashed reports whether a word with a slash is random.
func isSlashed(word string) bool {
	return strings.Contains(word, "/") && strings.ContainsAny(word, digits) && strings.ContainsFunc(word, isUpper) &&
		strings.ToUpper(word) != word && looksRandom(word)
}

// isLetters reports whether a word has 32 letters or more, all of one case or random, and nothing else.
func isLetters(word string) bool {
	letters := strings.TrimRight(word, "=")
	if len(letters) < 32 || strings.ContainsFunc(letters, func(r rune) bool { return !isLetter(r) }) {
		return false
	}
	return strings.ToUpper(word) == word || strings.ToLower(word) == word || looksRandom(word)
}

// looksRandom reports whether more than a third of the characters are of another class, such as capital
// letters, than the one before. It is half of them in a token, and less than a third in camel case.
func looksRandom(word string) bool {
	changes := 0
	for i := 1; i < len(word); i++ {
		if a, b := class(rune(word[i-1])), class(rune(word[i])); a != b && a != 0 && b != 0 {
			changes++
		}
	}
	return 100*changes > 35*len(word)
}

// class returns 0 for anything but a letter or a digit.
func class(r rune) int {
	switch {
	case isUpper(r):
		return 1
	case isLetter(r):
		return 2
	case '0' <= r && r <= '9':
		return 3
	default:
		return 0
	}
}

func isLetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

func isUpper(r rune) bool { return 'A' <= r && r <= 'Z' }
