package main

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
)

// pages serves the pages of the customers.
type pages struct {
	keeper    *freshet.Keeper
	store     freshet.Store
	providers map[string]provider
	log       *slog.Logger
	url       string   // base URL of the pages
	logins    sync.Map // started logins by state; an application keeps them in the customer's session
}

func (p *pages) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.overview)
	mux.HandleFunc("GET /{provider}", p.forAccount((*pages).data))
	mux.HandleFunc("GET /{provider}/connect", p.forAccount((*pages).connect))
	mux.HandleFunc("GET /{provider}/callback", p.forAccount((*pages).callback))
	return mux
}

// account is a customer's account at a provider.
type account struct {
	provider
	connection string // its name in the store
	callback   string // the redirect URI, as it is registered with the provider
}

// forAccount passes the customer's account to a page. The application chooses the names of connections. Never
// take a name from a URL, which could have the name of another customer.
func (p *pages) forAccount(page func(*pages, http.ResponseWriter, *http.Request, account)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("provider")
		provider, ok := p.providers[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		page(p, w, r, account{provider, name + "." + customer(r), p.url + "/" + name + "/callback"})
	}
}

// customer returns the customer of the application's session.
func customer(*http.Request) string { return "acme" }

// data calls the API. The HTTP client replaces tokens that are stale, refused by the API, or replaced by another
// replica.
func (p *pages) data(w http.ResponseWriter, r *http.Request, a account) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, a.path, nil)
	if err != nil {
		p.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	response, err := p.keeper.Client(a.connection).Do(request)
	switch {
	case errors.Is(err, freshet.ErrNotFound):
		http.Redirect(w, r, r.URL.Path+"/connect", http.StatusSeeOther)
	case errors.Is(err, freshet.ErrLoginRequired):
		p.loginAgain(w, a)
	case err != nil:
		p.fail(w, r, http.StatusBadGateway, err)
	default:
		defer response.Body.Close()
		w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
		w.WriteHeader(response.StatusCode)
		_, _ = io.Copy(w, response.Body)
	}
}

// fail shows the customer a fixed sentence and logs the error for the operator. The error may name files, hosts
// and clients, which a customer must not see.
func (p *pages) fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	p.log.Error("a page failed", "path", r.URL.Path, "error", err)
	http.Error(w, "this did not work; please try again later", status)
}

// started is a login that the customer has not finished yet.
type started struct {
	connection string
	attempt    login.Attempt
}

// connect sends the customer to the provider.
func (p *pages) connect(w http.ResponseWriter, r *http.Request, a account) {
	attempt, err := login.Begin(a.Registration, login.Options{RedirectURI: a.callback})
	if err != nil {
		p.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	p.logins.Store(attempt.State, started{a.connection, attempt})
	http.SetCookie(w, &http.Cookie{
		Name: "login", Value: attempt.State, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, attempt.URL, http.StatusSeeOther)
}

// callback receives the answer. When Exchange returns, the token is saved. A customer who leaves
// earlier does not stop that. An application that exchanges the code itself passes the token
// response to Keeper.Put instead, unchanged.
func (p *pages) callback(w http.ResponseWriter, r *http.Request, a account) {
	state := r.FormValue("state")
	cookie, err := r.Cookie("login")
	if err != nil || cookie.Value != state { // any page can send such a request; the login goes on
		http.Error(w, "this login was not started here, or has ended", http.StatusBadRequest)
		return
	}
	found, _ := p.logins.LoadAndDelete(state) // each attempt is for one answer
	begun, _ := found.(started)
	if begun.connection != a.connection {
		http.Error(w, "this login was not started here, or has ended", http.StatusBadRequest)
		return
	}
	_, err = login.Exchange(r.Context(), p.keeper, a.connection, a.Registration, begun.attempt, r.Form)
	if err != nil { // the provider refused, or the customer
		p.fail(w, r, http.StatusBadGateway, err)
		return
	}
	http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/callback"), http.StatusSeeOther)
}
