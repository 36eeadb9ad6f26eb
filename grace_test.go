package freshet_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/provider"
)

// A reply that was lost is asked for again while the server still accepts the spent token. After
// that, asking again would end the grant.
func TestLostReplyIsAskedForWithinGrace(t *testing.T) {
	for name, test := range map[string]struct {
		provider   string
		definition *provider.Provider
		grace      time.Duration
	}{
		"of a built-in provider": {provider: "xero", grace: 30 * time.Minute},
		"of the registration": {
			definition: &provider.Provider{
				Name: "op", Title: "OP", Documentation: []string{"https://op.example/docs"},
				RefreshToken: provider.RefreshToken{
					Rotation: provider.Always, Grace: provider.Duration(30 * time.Second),
				},
			},
			grace: 30 * time.Second,
		},
		"short, of the registration": {
			definition: &provider.Provider{
				Name: "op", Title: "OP", Documentation: []string{"https://op.example/docs"},
				RefreshToken: provider.RefreshToken{
					Rotation: provider.Always, Grace: provider.Duration(5 * time.Second),
				},
			},
			grace: 5 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := oauthtest.Config{Provider: test.provider, Rotate: true, Grace: test.grace}
				server := oauthtest.NewHandler(config, "http://127.0.0.1:1")
				keeper := freshet.NewKeeper(freshet.Config{
					Store: new(freshet.MemoryStore), HTTP: &http.Client{Transport: server.Transport()},
				})
				defer func() {
					if err := keeper.Close(context.Background()); err != nil {
						t.Error(err)
					}
				}()
				r := freshet.Registration{
					Provider: test.provider, Definition: test.definition,
					Client:    oauth.Client{ID: server.ClientID()},
					Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
				}
				if err := keeper.Create(t.Context(), acme, r, server.Document()); err != nil {
					t.Fatal(err)
				}
				defer running(t, keeper)()
				server.Fail(oauthtest.Fault{Name: "lost", Count: 1})
				time.Sleep(3 * time.Hour)
				_, err := keeper.Token(t.Context(), acme)
				if s := server.Stats(); err != nil || s.GrantsRevoked > 0 {
					t.Errorf("after one lost reply: %v; %d reuses, %d grants revoked", err, s.Reuses, s.GrantsRevoked)
				}
			})
		})
	}
}
