package oauth_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
)

func TestParseEndpoint(t *testing.T) {
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
		if _, err := oauth.ParseEndpoint(endpoint); (err == nil) != ok {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

func TestAnEndpointThatIsNoURLIsNotQuoted(t *testing.T) {
	_, err := oauth.ParseEndpoint("https://user:hunter2@op.example/\x7f")
	if err == nil || !strings.Contains(err.Error(), "the token endpoint is not a URL: ") || strings.Contains(err.Error(), "hunter") {
		t.Errorf("got %v", err)
	}
}

func TestEndpointsHaveTheNamesOfRFC8414(t *testing.T) {
	document, err := json.Marshal(oauth.Endpoints{Token: "https://op.example/token", JWKS: "https://op.example/keys"})
	if err != nil || string(document) != `{"token_endpoint":"https://op.example/token","jwks_uri":"https://op.example/keys"}` {
		t.Errorf("%s, %v", document, err)
	}
}
