package redact

import (
	"regexp"
	"strings"
)

var (
	longWord = regexp.MustCompile(`[A-Za-z0-9_+=~.-]{24,}`)
	uuid     = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\.?$`)
)

// Tokens returns text with each word that looks like a token replaced by [Mark]: 24 characters or
// more without a dot between them, both letters and digits. A UUID stays, because support asks for
// the id of a request.
func Tokens(text string) string {
	return longWord.ReplaceAllStringFunc(text, func(word string) string {
		if uuid.MatchString(word) {
			return word
		}
		for part := range strings.SplitSeq(word, ".") {
			if len(part) >= 24 && strings.ContainsAny(part, "0123456789") && strings.ContainsFunc(part, isLetter) {
				return Mark
			}
		}
		return word
	})
}

func isLetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }
