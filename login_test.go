package freshet_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

const redirectURI = "http://127.0.0.1:8484/callback"

// consented lets the server issue a code, and returns a grant with it.
func (w *world) consented(t *testing.T, params map[string]string) freshet.CodeExchange {
	t.Helper()
	verifier := oauth.NewVerifier()
	address, err := oauth.Authorization{
		Endpoint: w.server.URL() + "/authorize", ClientID: w.server.ClientID(), RedirectURI: redirectURI, State: "s",
		Challenge: oauth.Challenge(verifier, "S256"), ChallengeMethod: "S256", Params: params,
	}.URL()
	if err != nil {
		t.Fatal(err)
	}
	page := httptest.NewRecorder()
	w.server.ServeHTTP(page, httptest.NewRequest(http.MethodGet, address, nil))
	to, err := url.Parse(page.Header().Get("Location"))
	if err != nil || to.Query().Get("code") == "" {
		t.Fatalf("status %d, redirected to %v, %v", page.Code, to, err)
	}
	return freshet.CodeExchange{
		Form: oauth.CodeGrant(oauth.Secret(to.Query().Get("code")), redirectURI, verifier),
		Registration: freshet.Registration{
			Provider:  "generic",
			Endpoints: oauth.Endpoints{Issuer: w.server.URL(), Token: w.server.TokenEndpoint()},
			Client:    oauth.Client{ID: w.server.ClientID()},
			Redirect:  map[string]string{"realmId": "7"},
		},
	}
}

func (w *world) get(t *testing.T, name string) freshet.Connection {
	t.Helper()
	c, err := w.store.Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLoginCreatesConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow})
		result, err := w.Login(t.Context(), "new", w.consented(t, nil))
		if err != nil || result.Outcome != freshet.LoggedIn {
			t.Fatalf("%v, %v", result.Outcome, err)
		}
		c := w.get(t, "new")
		if !w.server.ValidRefresh(string(c.Token.RefreshToken())) || c.Redirect["realmId"] != "7" {
			t.Errorf("%+v", c.Registration)
		}
		h := c.History.Entries
		if len(h) != 1 || h[0].Outcome != freshet.LoggedIn || h[0].Fingerprint != c.History.Fingerprint(c.Token) {
			t.Errorf("history %+v", h)
		}
		result, err = w.Token(t.Context(), "new", freshet.Options{Forced: true})
		if err != nil || result.Outcome != freshet.Refreshed {
			t.Errorf("%v, %v", result.Outcome, err)
		}
		h = w.get(t, "new").History.Entries
		if len(h) != 2 || h[1].Fingerprint == h[0].Fingerprint || h[1].Fingerprint == "" {
			t.Errorf("history after a rotation: %+v", h)
		}
	})
}

// A failed login leaves the token, the registration and the health.
func TestFailedLoginChangesNothing(t *testing.T) {
	for _, test := range []struct {
		name   string
		config oauthtest.Config
		spoil  func(*freshet.CodeExchange)
		kind   oauth.Kind
		says   string
	}{
		{
			name: "a code of another", spoil: func(g *freshet.CodeExchange) { g.Form.Set("code", "no") },
			kind: oauth.LoginRequired, says: "did not accept the login's code",
		},
		{
			name:  "another verifier",
			spoil: func(g *freshet.CodeExchange) { g.Form.Set("code_verifier", strings.Repeat("v", 43)) },
			kind:  oauth.LoginRequired, says: "did not accept the login's code",
		},
		{
			name: "no answer", config: oauthtest.Config{Faults: []oauthtest.Fault{{Name: "lost", Count: 1}}},
			kind: oauth.Unknown, says: "not known whether the provider made the grant",
		},
		{
			name:   "an answer without a token",
			config: oauthtest.Config{Faults: []oauthtest.Fault{{Name: "no-token", Count: 1}}},
			kind:   oauth.Unknown, says: "no access token",
		},
		{
			name: "no refresh token", config: oauthtest.Config{NoRefreshToken: true}, kind: oauth.Misconfigured,
			says: "no refresh token; the one that is saved was kept",
		},
		{
			name: "another login's nonce", spoil: func(g *freshet.CodeExchange) { g.Nonce = "other" },
			kind: oauth.LoginRequired, says: "id_token",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.config.Rotate, test.config.Consent = true, oauthtest.Allow
				w := newWorld(t, test.config)
				before := w.connection(t)
				grant := w.consented(t, map[string]string{"scope": "openid", "nonce": "n"})
				grant.Registration.Client.Auth = oauth.AuthNone
				if test.spoil != nil {
					test.spoil(&grant)
				}
				_, err := w.Login(t.Context(), acme, grant)
				failed := refreshError(t, err)
				if failed.Kind != test.kind || !strings.Contains(failed.Cause, test.says) {
					t.Errorf("%v: %v", failed.Kind, failed)
				}
				after := w.connection(t)
				if string(after.Token.Bytes()) != string(before.Token.Bytes()) ||
					after.Client.Auth != before.Client.Auth || after.Health.LastFailure != nil {
					t.Error("the connection changed")
				}
				if w.pending(t) != nil {
					t.Error("an interrupted refresh is pending")
				}
				if h := after.History.Entries; len(h) != 1 || h[0].Outcome != freshet.Failed || h[0].Kind != test.kind {
					t.Errorf("history %+v", h)
				}
			})
		})
	}
}

// A server may ignore the scope openid, or the nonce of a plain OAuth login.
func TestLoginWithoutIDTokenIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow})
		grant := w.consented(t, map[string]string{"scope": "read", "nonce": "n"})
		grant.Nonce = "n"
		result, err := w.Login(t.Context(), acme, grant)
		if err != nil || result.Warning == nil || !strings.Contains(result.Warning.Error(), "sent none") {
			t.Fatalf("warning %v, error %v", result.Warning, err)
		}
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("the token was not kept")
		}
	})
}

func TestInterruptedLoginIsAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow})
		killed := errors.New("killed")
		r := *w.Refresher
		r.Store = interrupted{w.store, killed}
		grant := w.consented(t, nil)
		grant.Registration.Scopes = []string{"read"}
		if _, err := r.Login(t.Context(), acme, grant); !errors.Is(err, killed) {
			t.Fatal(err)
		}
		old := w.connection(t)
		if len(old.Scopes) != 0 {
			t.Error("the registration is new and the token old")
		}
		result, err := w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || result.Outcome != freshet.Recovered {
			t.Fatalf("%v, %v", result.Outcome, err)
		}
		c := w.connection(t)
		if !w.server.ValidRefresh(string(c.Token.RefreshToken())) ||
			c.Token.RefreshTokenHash() == old.Token.RefreshTokenHash() || len(c.Scopes) != 1 {
			t.Errorf("the reply to the login was not adopted; scopes %v", c.Scopes)
		}
		w.wantRequests(t, 1)
	})
}

// A login sends no refresh token. So if it is interrupted, the saved refresh token is still valid.
func TestInterruptedLoginIsNoInterruptedRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow, TTL: time.Hour})
		died := errors.New("died")
		r := *w.Refresher
		r.Store, r.HTTP = announcing{w.store, died}, nil
		if _, err := r.Login(t.Context(), acme, w.consented(t, nil)); !errors.Is(err, died) {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Minute)
		result, err := w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || result.Outcome != freshet.Refreshed || result.Warning != nil {
			t.Errorf("%v, %v, warning %v", result.Outcome, err, result.Warning)
		}
	})
}

// announcing is a store whose process is killed when a login was announced.
type announcing struct {
	*freshet.MemoryStore
	err error
}

func (s announcing) Update(ctx context.Context, name string, change freshet.Change) error {
	return s.MemoryStore.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		return change(ctx, c, func(c freshet.Connection) error { return errors.Join(save(c), s.err) })
	})
}

// After a failed login, an earlier interrupted refresh is still pending.
func TestFailedLoginKeepsInterruptedRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(
			t,
			oauthtest.Config{
				Rotate: true, Consent: oauthtest.Allow, Faults: []oauthtest.Fault{{Name: "lost", Count: 1}},
			},
		)
		_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
		if refreshError(t, err).Kind != oauth.Unknown {
			t.Fatal(err)
		}
		died := errors.New("died")
		r := *w.Refresher
		r.Store = announcing{w.store, died}
		if _, err := r.Login(t.Context(), acme, w.consented(t, nil)); !errors.Is(err, died) {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Minute)
		requests := w.server.Stats().Requests
		if result, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil || result.Warning == nil {
			t.Errorf("%v, %v, warning %v", result.Outcome, err, result.Warning)
		}
		w.wantRequests(t, requests)
	})
}

// A login that another run completes does not use the secret of the previous client.
func TestAdoptedLoginHasOwnSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow})
		killed := errors.New("killed")
		r := *w.Refresher
		r.Store = interrupted{w.store, killed}
		grant := w.consented(t, nil)
		grant.Registration.SecretFrom = "env:NEW"
		r.Secrets = func(context.Context, string) (oauth.Secret, error) { return oauth.Secret(w.server.ClientSecret()), nil }
		if _, err := r.Login(t.Context(), acme, grant); !errors.Is(err, killed) {
			t.Fatal(err)
		}
		var asked []string
		w.Secrets = func(_ context.Context, from string) (oauth.Secret, error) {
			asked = append(asked, from)
			return oauth.Secret(w.server.ClientSecret()), nil
		}
		time.Sleep(2 * time.Hour)
		result, err := w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || result.Outcome != freshet.Refreshed || len(asked) != 1 || asked[0] != "env:NEW" {
			t.Errorf("%v, %v, asked for %q", result.Outcome, err, asked)
		}
	})
}

// A token that a program without the lock saves during a login stays, and the login fails.
func TestLoginKeepsTokenOfOtherProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow, Latency: time.Second})
		foreign := parse(t, string(w.server.Document()))
		grant := w.consented(t, nil)
		go func() {
			time.Sleep(time.Second / 2)
			w.put(foreign)
		}()
		_, err := w.Login(t.Context(), acme, grant)
		failed := refreshError(t, err)
		if !errors.Is(err, freshet.ErrChanged) || !strings.Contains(failed.Cause, "during the login") {
			t.Error(err)
		}
		if got := w.connection(t).Token; string(got.Bytes()) != string(foreign.Bytes()) || w.pending(t) != nil {
			t.Error("the token of the other program is gone, or the login is pending")
		}
	})
}

// A provider that is recognized by its endpoints may use another issuer in id_tokens than the one
// in the registration: Entra does for a tenant that is named by its domain.
func TestIDTokenOfRecognizedProviderMayHaveOtherIssuer(t *testing.T) {
	const tenant = "https://login.microsoftonline.com/acme.onmicrosoft.com"
	claims, err := json.Marshal(map[string]any{
		"iss": "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", "aud": "c",
		"exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	reply := `{"access_token":"a","refresh_token":"r","expires_in":3600,"id_token":"e30.` + base64.RawURLEncoding.EncodeToString(claims) + `.e30"}`
	r := &freshet.Refresher{
		Store: new(freshet.MemoryStore), HTTP: &http.Client{Transport: &answering{status: 200, body: reply}},
	}
	_, err = r.Login(t.Context(), "new", freshet.CodeExchange{
		Form: oauth.CodeGrant("code", redirectURI, oauth.NewVerifier()),
		Registration: freshet.Registration{
			Client: oauth.Client{ID: "c"}, Endpoints: oauth.Endpoints{Issuer: tenant + "/v2.0"},
		},
	})
	if err != nil {
		t.Error(err)
	}
}

// A login has the kind of error that a refresh has, and its remedy is another login.
func TestFailedLoginIsExplained(t *testing.T) {
	for _, test := range []struct {
		name, fault string
		kind        oauth.Kind
		says        string
	}{
		{"server error", "500", oauth.Unknown, "not known whether the provider made the grant"},
		{"reply that is cut off", "truncated", oauth.Unknown, ""},
		{"web page", "huge", oauth.Unknown, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fault := []oauthtest.Fault{{Name: test.fault, Count: 1}}
				w := newWorld(t, oauthtest.Config{Consent: oauthtest.Allow, Faults: fault})
				_, err := w.Login(t.Context(), acme, w.consented(t, nil))
				failed := refreshError(t, err)
				if failed.Kind != test.kind || !strings.Contains(failed.Cause, test.says) || failed.Remedy != "{login again}" {
					t.Errorf("%v: %v; %v", failed.Kind, failed, failed.Remedy)
				}
				if n := w.server.Stats().Requests; n != 1 {
					t.Errorf("%d requests: the code may be spent", n)
				}
			})
		})
	}
}

// A login is repeated where a refresh is: the server cannot have acted, or says so.
func TestLoginIsRepeated(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []oauthtest.Fault
		wait   time.Duration // at least
	}{
		{"503 with Retry-After", []oauthtest.Fault{{Name: "503", Count: 1}}, time.Second},
		{"429 twice", []oauthtest.Fault{{Name: "429", Count: 2}}, time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{Consent: oauthtest.Allow, Faults: test.faults})
				began := time.Now()
				result, err := w.Login(t.Context(), acme, w.consented(t, nil))
				if err != nil || result.Outcome != freshet.LoggedIn || time.Since(began) < test.wait {
					t.Errorf("%v after %v, %v", result.Outcome, time.Since(began), err)
				}
			})
		})
	}
}

// The server knows the client, since it issued the code.
func TestLoginOfClientWithoutItsSecret(t *testing.T) {
	w := newWorld(t, oauthtest.Config{Consent: oauthtest.Allow, RequireSecret: true})
	grant := w.consented(t, nil)
	grant.Registration.Client.Secret = ""
	_, err := w.Login(t.Context(), acme, grant)
	failed := refreshError(t, err)
	if failed.Kind != oauth.Misconfigured || !strings.HasPrefix(failed.Cause, "this client needs a secret (") {
		t.Errorf("%v: %v", failed.Kind, failed)
	}
}
