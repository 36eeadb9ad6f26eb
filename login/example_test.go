package login_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"sync"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A web application with two pages that connect a user's account. It may use any kind of session;
// this one is kept on the server.
func ExampleBegin() {
	provider := oauthtest.NewServer(oauthtest.Config{Consent: oauthtest.Allow})
	defer provider.Close()
	registration := freshet.Registration{
		Client:    oauth.Client{ID: provider.ClientID()},
		Endpoints: oauth.Endpoints{Authorization: provider.AuthorizationEndpoint(), Token: provider.TokenEndpoint()},
	}
	refresher := &freshet.Refresher{Store: new(freshet.MemoryStore)} // use a filestore.Store to keep tokens
	app := http.NewServeMux()
	server := httptest.NewServer(app)
	defer server.Close()
	var sessions sessions

	app.HandleFunc("GET /connect", func(w http.ResponseWriter, r *http.Request) {
		attempt, err := login.Begin(registration, login.Options{RedirectURI: server.URL + "/callback"})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		sessions.put(w, attempt)
		http.Redirect(w, r, attempt.URL, http.StatusFound)
	})
	app.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		result, err := login.Exchange(r.Context(), refresher, "acme", registration, sessions.take(r), r.URL.Query())
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintln(w, "connected:", provider.ValidAccess(result.Connection.Token.AccessToken()))
	})

	browse(server.URL + "/connect")
	// Output: connected: true
}

// A program on a machine without a browser.
func ExampleDevice() {
	provider := oauthtest.NewServer(oauthtest.Config{DeviceInterval: 1})
	defer provider.Close()
	registration := freshet.Registration{
		Client:    oauth.Client{ID: provider.ClientID()},
		Endpoints: oauth.Endpoints{Device: provider.DeviceEndpoint(), Token: provider.TokenEndpoint()},
	}
	refresher := &freshet.Refresher{Store: new(freshet.MemoryStore)}

	_, err := login.Device(context.Background(), refresher, "acme", registration, func(d login.DeviceAttempt) {
		// Show the person d.VerificationURI and d.UserCode. Here the confirmation is simulated:
		provider.ApproveDevice(d.UserCode)
	})
	if err != nil {
		log.Fatal(err)
	}
	connection, err := refresher.Store.Get(context.Background(), "acme")
	fmt.Println(connection.Name, provider.ValidAccess(connection.Token.AccessToken()), err)
	// Output: acme true <nil>
}

// A program on the person's own machine.
func ExampleLoopback() {
	provider := oauthtest.NewServer(oauthtest.Config{Consent: oauthtest.Allow})
	defer provider.Close()
	registration := freshet.Registration{
		Client:    oauth.Client{ID: provider.ClientID()},
		Endpoints: oauth.Endpoints{Authorization: provider.AuthorizationEndpoint(), Token: provider.TokenEndpoint()},
	}
	refresher := &freshet.Refresher{Store: new(freshet.MemoryStore)}
	ctx := context.Background()

	listener, err := login.Loopback{}.Listen(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer listener.Close()
	attempt, err := login.Begin(registration, login.Options{RedirectURI: listener.RedirectURI()})
	if err != nil {
		log.Fatal(err)
	}
	go http.Get(attempt.URL) // in place of login.OpenBrowser(ctx, attempt.URL, "")
	err = listener.Wait(ctx, attempt, func(callback url.Values) error {
		_, err := login.Exchange(ctx, refresher, "acme", registration, attempt, callback)
		return err
	})
	fmt.Println("logged in:", err == nil)
	// Output: logged in: true
}

// sessions keeps the attempts of the users by cookie.
type sessions struct{ all sync.Map }

func (s *sessions) put(w http.ResponseWriter, a login.Attempt) {
	http.SetCookie(w, &http.Cookie{Name: "session", Value: a.State, HttpOnly: true})
	s.all.Store(a.State, a)
}

func (s *sessions) take(r *http.Request) login.Attempt {
	cookie, err := r.Cookie("session")
	if err != nil {
		return login.Attempt{} // an attempt that no answer matches
	}
	a, _ := s.all.LoadAndDelete(cookie.Value)
	attempt, _ := a.(login.Attempt)
	return attempt
}

// browse opens a page as a browser does, and prints it.
func browse(address string) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	response, err := (&http.Client{Jar: jar}).Get(address)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(page))
}
