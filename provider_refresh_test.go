package freshet_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// With each provider's file, the sample of its login is refreshed with the sample of its refresh. The new
// tokens are saved where the RFCs have them, and a refresh token that is not replaced stays.
func TestEveryProviderIsRefreshed(t *testing.T) {
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.IsGeneric() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("provider", "testdata", "replies", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var samples struct{ Login, Refresh struct{ Body string } }
			if err := json.Unmarshal(text, &samples); err != nil {
				t.Fatal(err)
			}
			before, after := standardToken(t, p, samples.Login.Body), standardToken(t, p, samples.Refresh.Body)
			if before.RefreshToken() == "" {
				if !p.AccessToken.PermanentWithoutExpiresIn {
					t.Error("the sample of a login has no refresh token")
				}
				return
			}
			want := after.RefreshToken()
			if want == "" {
				want = before.RefreshToken()
			}
			client := oauth.Client{ID: "c", Secret: "s"}
			if p.Client.IDHeader != "" {
				client = oauth.Client{ID: "c", Auth: oauth.AuthNone}
			}
			store := new(freshet.MemoryStore)
			store.Put(freshet.Connection{
				Name: acme, Token: before,
				Registration: freshet.Registration{
					Provider: name, Client: client, Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
				},
			})
			requests := 0
			r := &freshet.Refresher{Store: store, HTTP: scripted(&requests, samples.Refresh.Body)}
			if _, err := r.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
				t.Fatal(err)
			}
			c, err := store.Get(t.Context(), acme)
			if err != nil {
				t.Fatal(err)
			}
			if c.Token.AccessToken() != after.AccessToken() || c.Token.RefreshToken() != want || requests != 1 {
				t.Errorf("%d requests: saved %q and %q, want %q and %q", requests,
					c.Token.AccessToken(), string(c.Token.RefreshToken()), after.AccessToken(), string(want))
			}
		})
	}
}

func standardToken(t *testing.T, p *provider.Provider, reply string) freshet.Token {
	t.Helper()
	object, err := oauth.Reply{Status: http.StatusOK, Body: replies.Standard(p, []byte(reply))}.Object()
	if err != nil {
		t.Fatal(err)
	}
	token, err := freshet.ParseToken(object)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
