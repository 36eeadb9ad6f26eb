package urls

import (
	"slices"
	"strings"
)

// MatchHost reports whether host, without a port, is one of names or, for a name with a leading
// dot, is below it. It is false for anything that is not a host name: url.Parse accepts hosts such
// as "[fe80::1%25.example.com]" and "evil.example;.example.com".
func MatchHost(host string, names []string) bool {
	if len(names) == 0 || !IsHost(host) {
		return false
	}
	host = strings.ToLower(host)
	return slices.ContainsFunc(names, func(name string) bool {
		if strings.HasPrefix(name, ".") {
			return len(host) > len(name) && strings.HasSuffix(host, name)
		}
		return host == name
	})
}

// IsHost reports whether host consists of labels of ASCII letters, digits and hyphens (RFC 1123
// §2.1), and no label is an A-label, which stands for other characters (RFC 5890 §2.3.1).
func IsHost(host string) bool {
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		switch {
		case label == "", len(label) > 63, strings.Trim(label, "-") != label:
			return false
		case strings.HasPrefix(strings.ToLower(label), "xn--"):
			return false
		case strings.ContainsFunc(label, func(r rune) bool { return !isLetterOrDigit(r) && r != '-' }):
			return false
		}
	}
	return true
}

func isLetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
