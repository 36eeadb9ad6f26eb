package freshet_test

import (
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// An application gives all its connections one registration; which shop or data centre a connection is of was saved with it.
func TestPartsAreTheConnectionsOwn(t *testing.T) {
	const document = `{"access_token":"a","refresh_token":"r"}`
	parts := map[string]string{"host": "accounts.zoho.eu"}
	saved, err := freshet.Connection{Registration: freshet.Registration{Provider: "zoho", Parts: parts}}.Record()
	if err != nil {
		t.Fatal(err)
	}
	c := freshet.Connection{Registration: freshet.Registration{Provider: "zoho", Client: oauth.Client{ID: "c"}}}
	if err := c.Restore([]byte(document), saved); err != nil {
		t.Fatal(err)
	}
	if request, err := c.Request(); err != nil || request.Endpoint != "https://accounts.zoho.eu/oauth/v2/token" {
		t.Errorf("the refresh token would go to %s, %v", request.Endpoint, err)
	}
}
