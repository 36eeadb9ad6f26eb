package printing_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// Package fmt prints some values without calling their methods, as the documentation of package oauth
// says. That shows a secret, but never a token.
func TestPrintingWithoutMethods(t *testing.T) {
	token, err := freshet.ParseToken([]byte(`{"access_token":"canarybird"}`))
	if err != nil {
		t.Fatal(err)
	}
	secret := oauth.Secret("canarybird")
	request := &oauth.Request{Endpoint: "https://op.example/?canarybird"}
	type unexported struct{ field any }
	for _, test := range []struct {
		verb  string // not a constant, or go vet would report it
		value any
		shown bool
	}{
		{"%p", secret, true},
		{"%w", secret, true},
		{"%p", *request, true},
		{"%p", request, false},
		{"%s", struct{ F *struct{ G oauth.Secret } }{&struct{ G oauth.Secret }{secret}}, true},
		{"%s", struct{ F *oauth.Request }{request}, false},
		{"%v", unexported{secret}, true},
		{"%v", unexported{request}, false}, // an address
		{"%T", secret, false},
		{"%p", token, false},
		{"%w", token, false},
		{"%v", unexported{token}, false},
	} {
		text := fmt.Sprintf(test.verb, test.value)
		if shown := contains(text); shown != test.shown {
			t.Errorf("%s of a %T prints %s", test.verb, test.value, text)
		}
	}
	text, err := json.Marshal(map[oauth.Secret]int{secret: 1})
	if err != nil || !contains(string(text)) {
		t.Errorf("as a key in JSON: %s, %v", text, err)
	}
}
