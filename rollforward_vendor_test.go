package freshet_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// A journalled reply may be read only with its vendor's file, which another host has, or which somebody is just editing. Without
// the file it is kept for whoever has it: it holds the only refresh token that is alive.
func TestAJournalledReplyWaitsForItsVendorsFile(t *testing.T) {
	store := new(freshet.MemoryStore)
	token := parse(t, `{"access_token":"a-1","refresh_token":"r-1","expires_in":3600}`)
	store.Put(freshet.Connection{Name: acme, Token: token, Saved: time.Now(), Registration: freshet.Registration{
		Provider: "acme-of-another-host", Client: oauth.Client{ID: "c"}, Endpoints: oauth.Endpoints{Token: "https://id.acme.example/token"},
	}})
	err := store.Update(t.Context(), acme, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Pending = &freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: "another", PID: 7}
		if err := save(c); err != nil {
			return err
		}
		pending := *c.Pending
		pending.Received = time.Now()
		pending.Reply = &oauth.Reply{Status: 200, Body: []byte(`{"data":{"access_token":"a-2","refresh_token":"r-2"}}`)}
		c.Pending = &pending
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
	unused := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("not to be used") })}
	refresher := &freshet.Refresher{Store: store, HTTP: unused}
	for range 2 {
		if _, err := refresher.Ask(t.Context(), acme, freshet.Demand{Forced: true}); err == nil || !strings.Contains(err.Error(), "acme-of-another-host") {
			t.Errorf("%v, want it to say which file is missing", err)
		}
	}
	err = store.Update(t.Context(), acme, func(_ context.Context, c freshet.Connection, _ freshet.Save) error {
		if c.Pending == nil || c.Pending.Reply == nil || !strings.Contains(string(c.Pending.Reply.Body), "r-2") {
			t.Errorf("the reply with the next refresh token is gone: %+v", c.Pending)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
