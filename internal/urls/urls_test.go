package urls_test

import (
	"net/url"
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

func TestIsSecure(t *testing.T) {
	insecure := []string{
		"keycloak.auth.svc:8080", "Api.svc", "10.0.0.5:9000", "[fd00::1]:8080", ".wild.svc", "*.star.svc", "",
	}
	for address, want := range map[string]bool{
		"https://op.example/":                      true,
		"https://keycloak.auth.svc:8080/":          true,
		"http://127.0.0.1:1/":                      true,
		"http://keycloak.auth.svc:8080/token":      true,
		"HTTP://KEYCLOAK.auth.svc:8080":            true,
		"http://api.svc/":                          true,
		"http://api.svc:80/":                       true,
		"http://10.0.0.5:9000/":                    true,
		"http://[fd00::1]:8080/":                   true,
		"http://keycloak.auth.svc/":                false, // another port
		"http://keycloak.auth.svc:80801/":          false,
		"http://api.svc:443/":                      false,
		"http://x.keycloak.auth.svc:8080/":         false,
		"http://keycloak.auth.svc.evil.example/":   false,
		"http://keycloak.auth.svc:8080.evil.test/": false,
		"http://keycloak.auth.svc:8080@evil.test/": false,
		"http://keycloak.auth.svc.:8080/":          false,
		"http://a.wild.svc/":                       false,
		"http://wild.svc/":                         false,
		"http://a.star.svc/":                       false,
		"http://op.example/":                       false,
		"http://10.0.0.5/":                         false,
		"http:///token":                            false,
		"ws://keycloak.auth.svc:8080/":             false,
		"keycloak.auth.svc:8080":                   false,
	} {
		u, err := url.Parse(address)
		if got := err == nil && urls.IsSecure(u, insecure); got != want {
			t.Errorf("%s: %t", address, got)
		}
		if err == nil && u.Scheme == "http" && !urls.IsLoopback(u.Hostname()) && urls.IsSecure(u, nil) {
			t.Errorf("%s is allowed although no host is named", address)
		}
	}
}

func TestCheckInsecureHost(t *testing.T) {
	for host, ok := range map[string]bool{
		"keycloak.auth.svc:8080": true, "api": true, "my_service:80": true, "10.0.0.5:9000": true, "[fd00::1]:8080": true,
		"": false, ":8080": false, "*": false, "*.svc": false, ".svc": false, "a b": false, "a,b": false,
		"http://keycloak.auth.svc:8080": false, "keycloak.auth.svc:8080/": false, "user@keycloak.auth.svc": false,
		"keycloak.auth.svc:http": false, "keycloak.auth.svc?": false, "keycloak.auth.svc#": false, "fd00::1": false,
	} {
		if err := urls.CheckInsecureHost(host); (err == nil) != ok {
			t.Errorf("%q: %v", host, err)
		}
	}
}
