package freshet_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// expires_in counts from when the provider made the reply (RFC 6749 §4.2.2), which was before it arrived.
func TestATokenExpiresByTheProvidersClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const latency = 10 * time.Second
		w := newWorld(t, oauthtest.Config{TTL: time.Hour, Latency: latency})
		keeper := freshet.NewKeeper(*w.Refresher)
		defer keeper.Close(t.Context())
		token, err := keeper.Refresh(t.Context(), acme, "")
		if err != nil {
			t.Fatal(err)
		}
		w.server.Fail(oauthtest.Fault{Name: "503"}) // from now on
		time.Sleep(time.Hour - latency/2)
		if w.server.ValidAccess(token.AccessToken()) {
			t.Fatal("the token should have expired")
		}
		if _, err := keeper.Token(t.Context(), acme); err == nil {
			t.Error("a token was handed out that expired seconds ago at the provider")
		}
	})
}
