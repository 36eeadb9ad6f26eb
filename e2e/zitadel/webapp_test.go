package zitadel_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/e2e/zitadel"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
)

// webApp is a web application that connects its users' accounts. A session holds a started login as JSON.
type webApp struct {
	*httptest.Server
	refresher    *freshet.Refresher
	registration freshet.Registration
	sessions     sync.Map // of []byte, by cookie
	done         chan error
}

func newWebApp(t *testing.T, s *zitadel.Server) *webApp {
	t.Helper()
	metadata, err := oauth.Discover(t.Context(), http.DefaultClient, s.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	a := &webApp{
		refresher: &freshet.Refresher{
			Store:   new(freshet.MemoryStore),
			Secrets: func(context.Context, string) (oauth.Secret, error) { return oauth.Secret(s.Secret), nil },
		},
		registration: freshet.Registration{
			Client:     oauth.Client{ID: s.ConfidentialID, Auth: oauth.AuthBasic},
			SecretFrom: "the application's own configuration",
			Endpoints:  metadata.Endpoints,
			Scopes:     []string{"openid", "email", "offline_access"},
		},
		done: make(chan error, 10),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /connect", a.connect)
	mux.HandleFunc("GET /callback", a.callback)
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	s.AllowRedirect(a.URL + "/callback")
	return a
}

func (a *webApp) connect(w http.ResponseWriter, r *http.Request) {
	attempt, err := login.Begin(a.registration, login.Options{RedirectURI: a.URL + "/callback"})
	session, errMarshal := json.Marshal(attempt)
	if err := errors.Join(err, errMarshal); err != nil {
		a.done <- err
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "session", Value: attempt.State, HttpOnly: true})
	a.sessions.Store(attempt.State, session)
	http.Redirect(w, r, attempt.URL, http.StatusFound)
}

func (a *webApp) callback(w http.ResponseWriter, r *http.Request) {
	var attempt login.Attempt
	if cookie, err := r.Cookie("session"); err == nil {
		if session, ok := a.sessions.LoadAndDelete(cookie.Value); ok {
			err = json.Unmarshal(session.([]byte), &attempt)
		}
		if err != nil {
			a.done <- err
			return
		}
	}
	_, err := login.Exchange(r.Context(), a.refresher, "alice", a.registration, attempt, r.URL.Query())
	if err != nil {
		http.Error(w, "not connected", http.StatusBadRequest)
	}
	a.done <- err
}

func TestWebApplication(t *testing.T) {
	s := zitadel.Start(t)
	app := newWebApp(t, s)
	c := confidentialClient(t, s)
	if err := errors.Join(browse(app.URL+"/connect"), <-app.done); err != nil {
		t.Fatal(err)
	}
	connection, err := app.refresher.Store.Get(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	if got := connection.Account(); got != "alice@example.com" {
		t.Errorf("account %q", got)
	}
	if status, about := c.userinfo(connection.Token.AccessToken()); status != http.StatusOK ||
		about["sub"] != "alice" {
		t.Errorf("the server does not accept the token: status %d: %v", status, about)
	}

	result, err := app.refresher.Token(t.Context(), "alice", freshet.Options{Forced: true})
	if err != nil || !result.Rotated || s.Refreshes() != 1 {
		t.Fatalf("%d refreshes, rotated %t, error %v", s.Refreshes(), result.Rotated, err)
	}
	if status, _ := c.userinfo(result.Connection.Token.AccessToken()); status != http.StatusOK {
		t.Errorf("after a refresh: status %d", status)
	}
}

// A callback without a session is not a login of this user.
func TestWebApplicationRefusesForeignCallback(t *testing.T) {
	s := zitadel.Start(t)
	app := newWebApp(t, s)
	foreign := app.URL + "/callback?code=theirs&state=theirs"
	if err := browse(foreign); err == nil {
		t.Error("the page reports success")
	}
	if err := <-app.done; !errors.Is(err, login.ErrForeign) {
		t.Errorf("error %v", err)
	}
	if _, err := app.refresher.Store.Get(t.Context(), "alice"); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}
