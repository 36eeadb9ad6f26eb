package freshet_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/redact/redacttest"
	"github.com/freshet-dev/freshet/oauth"
)

// secretsOf returns a connection and a grant with a secret in every field that can have one, and
// the secrets by name.
func secretsOf(t *testing.T) (c freshet.Connection, g freshet.CodeExchange, saved, ofLogin map[string]string) {
	t.Helper()
	saved, ofLogin = map[string]string{}, map[string]string{}
	all := saved
	secret := func(name string) string {
		all[name] = redacttest.Secret(name)
		return all[name]
	}
	token := func(name string) string {
		all[name] = redacttest.Token(name)
		return all[name]
	}
	document, err := json.Marshal(map[string]string{
		"access_token": token("access token"), "refresh_token": token("refresh token"), "id_token": secret("id token"),
		"session_key": secret("session"), "client_secret": token("client secret of the document"),
	})
	if err != nil {
		t.Fatal(err)
	}
	options := func(kind string) freshet.RequestOptions {
		return freshet.RequestOptions{
			Params:  map[string]string{"custom": secret(kind + " parameter"), "scope": "api"},
			Headers: map[string]string{"X-Api-Key": secret(kind + " header")},
		}
	}
	c = freshet.Connection{Name: acme, Token: parse(t, string(document)), Saved: time.Now(), Registration: freshet.Registration{
		Provider: "generic", Client: oauth.Client{
			ID: "app", Secret: oauth.Secret(token("client secret")), Auth: oauth.AuthBasic,
		},
		Endpoints: oauth.Endpoints{
			Issuer: "https://op.example", Token: "https://op.example/token", Revocation: "https://op.example/revoke",
			Introspection: "https://op.example/introspect",
			Userinfo:      "https://op.example/userinfo",
		},
		Requests: freshet.Requests{Authorize: options("authorize"), Code: options("code"), Refresh: options("refresh")},
		Proxy:    "http://" + url.UserPassword("ann", secret("proxy password")).String() + "@proxy.example",
	}}
	all = ofLogin
	g = freshet.CodeExchange{
		Form:         oauth.CodeGrant(oauth.Secret(secret("code")), redirectURI, oauth.Secret(secret("verifier"))),
		Registration: c.Registration, Nonce: secret("nonce"),
	}
	g.Form.Set("device_code", secret("device code"))
	g.Form.Set("client_assertion", secret("assertion"))
	return c, g, saved, ofLogin
}

// repeating returns servers and proxies that repeat a text.
func repeating(text string) map[string]roundTrip {
	reply := func(status int, body string) roundTrip {
		return func(*http.Request) (*http.Response, error) {
			header := http.Header{"Content-Type": {"text/" + text}, "Location": {"https://" + text + "/"}}
			return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
		}
	}
	refusal, _ := json.Marshal(map[string]string{
		"error": "no " + text, "error_description": "it was " + text + ".", "error_uri": text,
	})
	claims, _ := json.Marshal(map[string]any{"iss": "no " + text, "aud": "app", "exp": 1})
	forged, _ := json.Marshal(map[string]string{
		"access_token": "a", "id_token": "x." + base64.RawURLEncoding.EncodeToString(claims) + ".x",
	})
	return map[string]roundTrip{
		"refuses":               reply(400, string(refusal)),
		"fails":                 reply(500, string(refusal)),
		"sends nothing useful":  reply(200, text),
		"redirects":             reply(307, ""),
		"sends another's token": reply(200, string(forged)),
		"cannot be reached":     func(*http.Request) (*http.Response, error) { return nil, errors.New("no route for " + text) },
	}
}

// No error, event, log, trace or saved failure shows a secret that others repeat, in any encoding.
func TestErrorsAndLogsHideSecrets(t *testing.T) {
	_, _, saved, ofLogin := secretsOf(t)
	secrets := maps.Clone(saved)
	maps.Copy(secrets, ofLogin)
	for spelled, echo := range redacttest.Encodings {
		for name, secret := range secrets {
			for how, transport := range repeating(echo(secret)) {
				synctest.Test(t, func(t *testing.T) {
					c, g, _, _ := secretsOf(t)
					store := new(freshet.MemoryStore)
					store.Put(c)
					var log sharedLog
					r := freshet.Refresher{
						Store: store, HTTP: &http.Client{Transport: transport},
						Logger: slog.New(slog.NewTextHandler(&log, nil)), Trace: &log,
					}
					keeper := freshet.NewKeeper(freshet.Config{
						Store: r.Store, HTTP: r.HTTP, Logger: r.Logger, Trace: r.Trace,
						OnEvent: func(e freshet.Event) { fmt.Fprintln(&log, e.Err) },
					})

					_, err := r.Login(t.Context(), acme, g)
					if err == nil {
						t.Errorf("a server that %s makes a login", how)
					}
					all := []error{err}
					// Secrets of the grant are only known during the login. The forged token
					// replaces those of the token.
					if _, inConnection := saved[name]; inConnection && how != "sends another's token" {
						all = append(all, askEverything(t, keeper, &r, c)...)
					}
					if strings.Contains(name, "token") && how == "cannot be reached" { // an API receives no other secret
						all = append(all, askAPI(t, keeper, transport))
					}
					if err := keeper.Close(t.Context()); err != nil {
						t.Error(err)
					}
					for _, err := range all {
						fmt.Fprint(&log, redacttest.Texts(err))
					}
					w := &world{store: store}
					for _, remembered := range []any{w.connection(t).Health, w.connection(t).History, w.pending(t)} {
						text, err := json.Marshal(remembered)
						if err != nil {
							t.Error(err)
						}
						log.Write(text)
					}
					redacttest.WantHidden(
						t, fmt.Sprintf("%s, which a server that %s repeats as %s,", name, how, spelled), log.String(),
					)
				})
			}
		}
	}
}

// sharedLog is written by several goroutines.
type sharedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *sharedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *sharedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// askEverything sends every request that a connection can send, and returns the errors.
func askEverything(t *testing.T, keeper *freshet.Keeper, r *freshet.Refresher, c freshet.Connection) []error {
	t.Helper()
	_, errRefresh := keeper.Refresh(t.Context(), acme, "")
	_, errIntrospect := r.Introspect(t.Context(), acme)
	_, errIdentify := r.Identify(t.Context(), c)
	_, errRevoke := r.Revoke(t.Context(), acme)
	return []error{errRefresh, errIntrospect, errIdentify, errRevoke}
}

func askAPI(t *testing.T, keeper *freshet.Keeper, base http.RoundTripper) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://op.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&freshet.Transport{Source: keeper.Source(acme), Hosts: []string{"op.example"}, Base: base}).RoundTrip(req)
	return err
}

// quoting is a store whose errors quote the connection, as those of databases do.
type quoting struct {
	*freshet.MemoryStore
	left int // saves that will succeed
}

func (q *quoting) Update(ctx context.Context, name string, change freshet.Change) error {
	return q.MemoryStore.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		return change(ctx, c, func(next freshet.Connection) error {
			if q.left--; q.left >= 0 {
				return save(next)
			}
			return fmt.Errorf("failing row contains (%s, %s): %w", next.Token.Bytes(), next.Proxy, io.ErrShortWrite)
		})
	})
}

func (q *quoting) Create(_ context.Context, c freshet.Connection) error {
	return fmt.Errorf("failing row contains (%s): %w", c.Token.Bytes(), io.ErrShortWrite)
}

func (q *quoting) Quarantine(_ context.Context, _ string, reply []byte) (string, error) {
	return "", fmt.Errorf("no room for %q", reply)
}

func TestErrorsOfStoreHideSecrets(t *testing.T) {
	new2 := `{"access_token":"a2-hunter2","refresh_token":"r2-hunter2"}`
	for saves := range 3 {
		for status, body := range map[int]string{200: new2, 400: `{"error":"invalid_request"}`, 500: ""} {
			synctest.Test(t, func(t *testing.T) {
				c, g, _, _ := secretsOf(t)
				store := &quoting{new(freshet.MemoryStore), saves}
				store.Put(c)
				var log sharedLog
				r := freshet.Refresher{
					Store: store, HTTP: &http.Client{Transport: &answering{status: status, body: body}},
					Logger: slog.New(slog.NewTextHandler(&log, nil)),
				}
				keeper := freshet.NewKeeper(freshet.Config{
					Store: r.Store, HTTP: r.HTTP, Logger: r.Logger,
					OnEvent: func(e freshet.Event) { fmt.Fprintln(&log, e.Err) },
				})
				_, err := keeper.Refresh(t.Context(), acme, "")
				synctest.Wait() // for OnEvent, which has a goroutine of its own
				if saves == 0 && !errors.Is(err, io.ErrShortWrite) {
					t.Errorf("%v is another error than the store's", err)
				}
				fmt.Fprintln(&log, err)
				store.left = saves
				_, err = r.Login(t.Context(), acme, g)
				fmt.Fprintln(&log, err)
				_, err = r.Revoke(t.Context(), acme)
				fmt.Fprintln(&log, err)
				reg := c.Registration
				reg.SecretFrom = "env:X"
				err = keeper.Create(t.Context(), "new", reg, []byte(new2))
				synctest.Wait()
				fmt.Fprintln(&log, err)
				err = keeper.Close(t.Context())
				synctest.Wait()
				fmt.Fprintln(&log, err)
				redacttest.WantHidden(
					t, fmt.Sprintf("after %d saves, status %d, a store's error", saves, status), log.String(),
				)
			})
		}
	}
}
