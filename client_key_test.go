package freshet_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// claimSigner keeps the claims that it was given. It returns err, if that is not nil.
type claimSigner struct {
	claims []map[string]any
	err    error
}

func (s *claimSigner) Sign(_ context.Context, claims map[string]any) (string, error) {
	s.claims = append(s.claims, claims)
	return "signed-by-" + claims["iss"].(string), s.err
}

// newKeyWorld is newWorld with a client that authenticates by a key. Its HTTP client answers each
// request, which the returned function has.
func newKeyWorld(t *testing.T, signer *claimSigner, status int, body string) (w *world, sent func() http.Request) {
	t.Helper()
	w = newWorld(t, oauthtest.Config{})
	reply := &answering{status: status, body: body}
	var last http.Request
	w.HTTP.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		last = *r
		return reply.RoundTrip(r)
	})
	if signer != nil {
		w.Keys = func(_ context.Context, key freshet.ClientKey) (oauth.Signer, error) {
			if key.From != "file:/key.pem" || key.ID != "k1" {
				t.Errorf("asked for the key %+v", key)
			}
			return signer, nil
		}
	}
	return w, func() http.Request { return last }
}

func keyRegistration() freshet.Registration {
	return freshet.Registration{
		Endpoints: oauth.Endpoints{Token: "https://id.example.com/token"},
		Client:    oauth.Client{ID: "client"},
		Key:       freshet.ClientKey{From: "file:/key.pem", ID: "k1"},
	}
}

const newToken = `{"access_token":"a2","expires_in":3600}`

func TestClientKey(t *testing.T) {
	const endpoint = "https://id.example.com/token"
	for name, test := range map[string]struct {
		change   func(r *freshet.Registration)
		audience string // "" if the client does not authenticate by the key
	}{
		"key":    {func(*freshet.Registration) {}, endpoint},
		"issuer": {func(r *freshet.Registration) { r.Endpoints.Issuer = "https://id.example.com" }, "https://id.example.com"},
		"audience": {func(r *freshet.Registration) {
			r.Client.Audience, r.Endpoints.Issuer = "https://other.example.com", "https://id.example.com"
		}, "https://other.example.com"},
		"metadata": {func(r *freshet.Registration) {
			r.AuthMethods.AtToken = []string{"client_secret_basic", "private_key_jwt"}
		}, endpoint},
		"client credentials": {func(r *freshet.Registration) {
			r.RenewBy = []freshet.GrantType{freshet.GrantClientCredentials}
		}, endpoint},
		"what another client proved": {func(r *freshet.Registration) { r.ProvenAuth = oauth.AuthBody }, endpoint},
		"public client":              {func(r *freshet.Registration) { r.Client.Auth = oauth.AuthNone }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				signer := new(claimSigner)
				w, sent := newKeyWorld(t, signer, 200, newToken)
				r := keyRegistration()
				test.change(&r)
				w.store.Put(freshet.Connection{Name: acme, Token: w.first, Registration: r})
				result, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true})
				if err != nil {
					t.Fatal(err)
				}
				request := sent()
				if request.PostForm.Get("client_id") != "client" || request.PostForm.Has("client_secret") ||
					request.Header.Get("Authorization") != "" {
					t.Errorf("the request has %v", request.PostForm)
				}
				if test.audience == "" {
					if len(signer.claims) > 0 || request.PostForm.Has("client_assertion") {
						t.Error("the request is signed")
					}
					return
				}
				if request.PostForm.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" ||
					request.PostForm.Get("client_assertion") != "signed-by-client" {
					t.Errorf("the request has %v", request.PostForm)
				}
				claims, now := signer.claims[0], time.Now().Unix()
				if claims["iss"] != "client" || claims["sub"] != "client" || claims["aud"] != test.audience ||
					claims["iat"] != now || claims["exp"] != now+60 || len(claims["jti"].(string)) < 20 || len(claims) != 6 {
					t.Errorf("the claims are %v", claims)
				}
				saved := w.connection(t)
				if saved.Client.Key != nil || saved.ProvenAuth != oauth.AuthPrivateKeyJWT || saved.Token.AccessToken() != "a2" {
					t.Errorf("saved a key, or not how the client authenticated: %s", saved.ProvenAuth)
				}
				if result.Outcome != freshet.Refreshed {
					t.Errorf("the outcome is %s", result.Outcome)
				}
			})
		})
	}
}

// A server accepts an assertion once (RFC 7523 §3).
func TestEachAttemptHasItsOwnAssertion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer := new(claimSigner)
		w, _ := newKeyWorld(t, signer, 429, `{"error":"slow_down"}`)
		w.store.Put(freshet.Connection{Name: acme, Token: w.first, Registration: keyRegistration()})
		if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err == nil {
			t.Fatal("no error")
		}
		seen := map[any]bool{}
		for _, claims := range signer.claims {
			seen[claims["jti"]] = true
		}
		if len(signer.claims) < 2 || len(seen) != len(signer.claims) {
			t.Errorf("%d assertions with %d ids", len(signer.claims), len(seen))
		}
	})
}

// If nothing can be signed, nothing is sent, and no refresh is under way.
func TestSigningFails(t *testing.T) {
	for name, test := range map[string]struct {
		err     error
		keys    bool // whether there is Refresher.Keys
		readErr error
		kind    oauth.Kind
		what    string
	}{
		"signer":   {errors.New("no card"), true, nil, oauth.Misconfigured, "could not be signed: no card; nothing was sent"},
		"deadline": {context.DeadlineExceeded, true, nil, oauth.Temporary, "could not be signed"},
		"problem": {
			&freshet.SetupError{Kind: oauth.Temporary, What: "the card is busy"}, true, nil, oauth.Temporary, "the card is busy",
		},
		"source": {nil, true, errors.New("no such file"), oauth.Misconfigured, "the client key cannot be read: no such file"},
		"no Keys": {
			nil, false, nil, oauth.Misconfigured, "the client key is kept in file:/key.pem, and nothing here reads it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, sent := newKeyWorld(t, &claimSigner{err: test.err}, 200, newToken)
				switch {
				case !test.keys:
					w.Keys = nil
				case test.readErr != nil:
					w.Keys = func(context.Context, freshet.ClientKey) (oauth.Signer, error) { return nil, test.readErr }
				}
				w.store.Put(freshet.Connection{Name: acme, Token: w.first, Registration: keyRegistration()})
				_, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true})
				problem, ok := errors.AsType[*freshet.SetupError](err)
				if !ok || problem.Kind != test.kind || !strings.Contains(problem.What, test.what) {
					t.Errorf("the error is %#v", err)
				}
				c := w.connection(t)
				if request := sent(); request.URL != nil || w.pending(t) != nil || c.Health.LastFailure != nil {
					t.Error("a request was sent, or a mark stays")
				}
			})
		})
	}
}

// A secret can sign, too.
func TestClientSecretJWT(t *testing.T) {
	for name, change := range map[string]func(r *freshet.Registration){
		"by the user":     func(r *freshet.Registration) { r.Client.Auth = oauth.AuthSecretJWT },
		"by the metadata": func(r *freshet.Registration) { r.AuthMethods.AtToken = []string{"none", "client_secret_jwt"} },
	} {
		t.Run(name, func(t *testing.T) {
			w, sent := newKeyWorld(t, nil, 200, newToken)
			w.Secrets = func(context.Context, string) (oauth.Secret, error) { return "hush", nil }
			r := keyRegistration()
			r.Key, r.SecretFrom = freshet.ClientKey{}, "env:SECRET"
			change(&r)
			w.store.Put(freshet.Connection{Name: acme, Token: w.first, Registration: r})
			if _, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
				t.Fatal(err)
			}
			request := sent()
			jwt := request.PostForm.Get("client_assertion")
			if strings.Count(jwt, ".") != 2 || request.PostForm.Has("client_secret") {
				t.Errorf("the request has %v", request.PostForm)
			}
		})
	}
}

// A failure counts only for the same key.
func TestAnotherKeyIsAnotherRequest(t *testing.T) {
	w, _ := newKeyWorld(t, new(claimSigner), 401, `{"error":"invalid_client"}`)
	w.store.Put(freshet.Connection{Name: acme, Token: w.first, Registration: keyRegistration()})
	if _, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err == nil {
		t.Fatal("no error")
	}
	c := w.connection(t)
	if c.CurrentHealth().LastFailure == nil {
		t.Error("the failure does not count for the same key")
	}
	c.Key.ID = "k2"
	if c.CurrentHealth().LastFailure != nil {
		t.Error("the failure counts for another key")
	}
}

// What a predecessor left is saved first. After that the client still has its key.
func TestClientKeyAfterAPredecessor(t *testing.T) {
	const (
		refusal  = `{"error":"temporarily_unavailable"}`
		recovery = `{"access_token":"a1","refresh_token":"r1","expires_in":3600}`
	)
	refresh := func(o freshet.Options) func(*world) error {
		return func(w *world) error {
			_, err := w.Refresh(context.Background(), acme, o)
			return err
		}
	}
	for name, test := range map[string]struct {
		status int
		reply  string
		login  bool // the reply is that of a login with the same key
		call   func(*world) error
	}{
		"a reply whose token an API rejects": {200, recovery, false, refresh(freshet.Options{Rejected: "a1"})},
		"a refusal":                          {503, refusal, false, refresh(freshet.Options{Forced: true, Insist: true})},
		"a login whose token an API rejects": {200, recovery, true, refresh(freshet.Options{Rejected: "a1"})},
		"a reply, and the grant is revoked": {200, recovery, false, func(w *world) error {
			_, err := w.Revoke(context.Background(), acme)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w, sent := newKeyWorld(t, new(claimSigner), 200, newToken)
			r := keyRegistration()
			r.Endpoints.Revocation = "https://id.example.com/revoke"
			c := freshet.Connection{Name: acme, Token: w.first, Registration: r}
			began := time.Now().Add(-time.Hour / 2)
			c.Pending = &freshet.Pending{
				Spent: w.first.RefreshTokenHash(), Since: began, Received: began,
				Reply: &oauth.Reply{Host: "id.example.com", Status: test.status, ContentType: "application/json", Body: []byte(test.reply)},
			}
			if test.login {
				c.Pending.Login = &freshet.PendingLogin{Name: acme, Registration: r}
			}
			w.store.Put(c)
			if err := test.call(w); err != nil {
				t.Fatal(err)
			}
			if request := sent(); request.PostForm.Get("client_assertion") != "signed-by-client" {
				t.Errorf("the request has %v", request.PostForm)
			}
		})
	}
}
