package urls_test

import (
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/urls"
)

func TestParse(t *testing.T) {
	for endpoint, ok := range map[string]bool{
		"https://op.example/token":        true,
		"https://op.example:8443/token":   true,
		"http://127.0.0.1:8080/token":     true,
		"http://localhost/token":          true,
		"http://[::1]:1/token":            true,
		"http://op.example/token":         false,
		"http://127.0.0.1.evil.example/":  false,
		"http://localhost.evil.example/":  false,
		"https://user:pass@op.example/":   false,
		"https://op.example/token#f":      false,
		"https:///token":                  false,
		"ftp://op.example/":               false,
		"op.example/token":                false,
		"https://op.example/\x7f":         false,
		"http://10.0.0.1/token":           false,
		"file:///etc/passwd":              false,
		"http://0.0.0.0/":                 false,
		"http://user@127.0.0.1:8080/path": false,
	} {
		if _, err := urls.Parse("the token endpoint", endpoint); (err == nil) != ok {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

func TestParseDoesNotQuoteURL(t *testing.T) {
	_, err := urls.Parse("the token endpoint", "https://user:hunter2@op.example/\x7f")
	if err == nil || !strings.Contains(err.Error(), "the token endpoint is not a URL: ") ||
		strings.Contains(err.Error(), "hunter") {
		t.Errorf("got %v", err)
	}
}
