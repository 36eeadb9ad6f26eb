package freshet_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// A reply in form encoding has its members elsewhere just as one in JSON has: the next refresh presents what it brought.
func TestAFormHasItsMembersElsewhere(t *testing.T) {
	store := new(freshet.MemoryStore)
	store.Put(freshet.Connection{
		Name: acme, Token: parse(t, `{"access_token":"a-1","refresh_token":"a-1"}`), Saved: time.Now(), Registration: freshet.Registration{
			Provider: "facebook", Client: oauth.Client{ID: "1"}, Endpoints: oauth.Endpoints{Token: "http://127.0.0.1:1/token"},
		},
	})
	server := &answering{status: 200, body: "access_token=a-2&expires=5184000"}
	refresher := &freshet.Refresher{Store: store, HTTP: &http.Client{Transport: server}}
	answer, err := refresher.Ask(t.Context(), acme, freshet.Demand{Forced: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Connection.Token; got.AccessToken() != "a-2" || got.RefreshToken() != oauth.Secret("a-2") || !answer.Rotated {
		t.Errorf("the next refresh presents %q, which ends with the login's 60 days", string(got.RefreshToken()))
	}
}
