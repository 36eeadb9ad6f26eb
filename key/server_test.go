package key_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/key"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// publicPEM returns the public key of a key file.
func publicPEM(t *testing.T, dir, name string) []byte {
	t.Helper()
	openssl(t, dir, "pkey -in "+name+" -pubout -out "+name+".pub")
	return read(t, dir, name+".pub")
}

// replaying returns the same JWT for all claims.
type replaying struct {
	oauth.Signer
	jwt string
}

func (r *replaying) Sign(ctx context.Context, claims map[string]any) (jwt string, err error) {
	if r.jwt == "" {
		r.jwt, err = r.Signer.Sign(ctx, claims)
	}
	return r.jwt, err
}

// The server checks what is signed: as the client's authentication, and as the grant.
func TestServerChecksWhatIsSigned(t *testing.T) {
	dir := makeKeys(t)
	registered := publicPEM(t, dir, "rsa.pem")
	authenticated := func(r *freshet.Registration) { r.RenewBy = []freshet.GrantType{freshet.GrantClientCredentials} }
	granted := func(r *freshet.Registration) { r.RenewBy = []freshet.GrantType{freshet.GrantJWTBearer} }
	both := func(r *freshet.Registration) {
		granted(r)
		r.Client.Auth = oauth.AuthPrivateKeyJWT
	}
	for _, test := range []struct {
		name   string
		file   string // of the key
		skew   time.Duration
		change func(*freshet.Registration)
		replay bool
		cause  string // "" if a token comes
	}{
		{"authenticated", "rsa.pem", 0, authenticated, false, ""},
		{"granted", "rsa.pem", 0, granted, false, ""},
		{"both", "rsa.pem", 0, both, false, ""},
		{"a wrong key", "other.pem", 0, authenticated, false, "signature of the client assertion is wrong"},
		{"a wrong key for a grant", "other.pem", 0, granted, false, "the provider refused the assertion that the client signed"},
		{"a wrong kind of key", "p256.pem", 0, authenticated, false, "signature of the client assertion is wrong"},
		{"server 5 minutes ahead", "rsa.pem", 5 * time.Minute, authenticated, false, "the clock of this machine is 5m0s behind that of 127.0.0.1:1"},
		{"server 5 minutes behind", "rsa.pem", -5 * time.Minute, authenticated, false, "the clock of this machine is 5m0s ahead of that of 127.0.0.1:1"},
		{"ahead, for a grant", "rsa.pem", 5 * time.Minute, granted, false, "the clock of this machine is 5m0s behind that of"},
		{"behind, for a grant", "rsa.pem", -5 * time.Minute, granted, false, "the clock of this machine is 5m0s ahead of that of"},
		{"an expired assertion", "rsa.pem", 50 * time.Second, func(r *freshet.Registration) {
			granted(r)
			r.Assertion.Lifetime = 40 * 1e9
		}, false, "refused the assertion"},
		{"another audience", "rsa.pem", 0, func(r *freshet.Registration) {
			granted(r)
			r.Assertion.Audience = "https://other.example.com"
		}, false, "the audience of the client assertion is another server"},
		{"another issuer", "rsa.pem", 0, func(r *freshet.Registration) {
			granted(r)
			r.Assertion.Issuer = "other"
		}, false, "must be the client"},
		{"a replayed assertion", "rsa.pem", 0, authenticated, true, "was used before"},
		{"a replayed assertion for a grant", "rsa.pem", 0, granted, true, "was used before"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := oauthtest.NewHandler(oauthtest.Config{ClientKeys: registered, ClockSkew: test.skew}, "http://127.0.0.1:1")
				signer, err := key.Parse(read(t, dir, test.file), "")
				if err != nil {
					t.Fatal(err)
				}
				used := &replaying{Signer: signer}
				store := new(freshet.MemoryStore)
				r := freshet.Registration{
					Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()}, Client: oauth.Client{ID: server.ClientID()},
					Key: freshet.ClientKey{From: "file:key.pem"}, Scopes: []string{"read"},
				}
				test.change(&r)
				refresher := &freshet.Refresher{
					Store: store, HTTP: &http.Client{Transport: server.Transport()},
					Keys: func(context.Context, freshet.ClientKey) (oauth.Signer, error) {
						if test.replay {
							return used, nil
						}
						return signer, nil
					},
				}
				_, err = refresher.Login(t.Context(), "acme", freshet.CodeExchange{Registration: r})
				if test.replay && err == nil {
					_, err = refresher.Refresh(t.Context(), "acme", freshet.Options{Forced: true})
				}
				c, _ := store.Get(t.Context(), "acme")
				if test.cause == "" {
					if err != nil || !server.ValidAccess(c.Token.AccessToken()) || c.Token.Member("scope") != "read" {
						t.Errorf("no token: %v", err)
					}
					return
				}
				failed, ok := errors.AsType[*freshet.RefreshError](err)
				if !ok || failed.Kind != oauth.Misconfigured || !strings.Contains(failed.Cause, test.cause) || failed.Remedy == "" {
					t.Errorf("the error is %v", err)
				}
			})
		})
	}
}

// A keeper renews by assertions, one request at a time, also after an unknown outcome.
func TestKeeperRenewsByAssertions(t *testing.T) {
	dir := makeKeys(t)
	registered := publicPEM(t, dir, "p256.pem")
	synctest.Test(t, func(t *testing.T) {
		server := oauthtest.NewHandler(oauthtest.Config{ClientKeys: registered, TTL: time.Hour}, "http://127.0.0.1:1")
		server.Fail(oauthtest.Fault{Name: "lost", Count: 1})
		store := new(freshet.MemoryStore)
		store.Put(freshet.Connection{Name: "acme", Registration: freshet.Registration{
			Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()}, Client: oauth.Client{ID: server.ClientID()},
			Key: freshet.ClientKey{From: "file:" + dir + "/p256.pem"}, RenewBy: []freshet.GrantType{freshet.GrantJWTBearer},
		}})
		keeper := freshet.NewKeeper(freshet.Config{
			Store: store, HTTP: &http.Client{Transport: server.Transport()}, Keys: key.Read,
		})
		defer keeper.Close(t.Context())
		for range 3 {
			token, err := keeper.Source("acme").Token(t.Context())
			if err != nil || !server.ValidAccess(token.AccessToken()) {
				t.Fatalf("no token: %v", err)
			}
			time.Sleep(61 * time.Minute)
		}
		if c, _ := store.Get(t.Context(), "acme"); c.Token.RefreshToken() != "" || c.Client.Key != nil {
			t.Error("a refresh token or a key was saved")
		}
		if n := server.Stats().Requests; n != 4 {
			t.Errorf("%d requests, want 4", n)
		}
	})
}
