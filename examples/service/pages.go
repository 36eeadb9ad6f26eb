package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
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

// login is a started login.
type login struct {
	connection string
	verifier   oauth.Secret // RFC 7636 §4.1
}

// connect sends the customer to the provider.
func (p *pages) connect(w http.ResponseWriter, r *http.Request, a account) {
	state, started := rand.Text(), login{a.connection, oauth.NewVerifier()}
	target, err := oauth.Authorization{
		Endpoint: a.endpoints().Authorization, ClientID: a.Client.ID, RedirectURI: a.callback,
		Scopes: a.Scopes, State: state,
		Challenge: oauth.Challenge(started.verifier, "S256"), ChallengeMethod: "S256",
	}.URL()
	if err != nil {
		p.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	p.logins.Store(state, started)
	cookie := http.Cookie{Name: "login", Value: state, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	http.SetCookie(w, &cookie)
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// callback receives the code. An application that already has such a page keeps it, and passes the token
// response to Keeper.Put unchanged. Another one can use login.Begin and login.Exchange, which lose no token even
// if the process is killed before the token is saved.
func (p *pages) callback(w http.ResponseWriter, r *http.Request, a account) {
	state := r.FormValue("state")
	found, _ := p.logins.LoadAndDelete(state)
	started, _ := found.(login)
	if cookie, err := r.Cookie("login"); err != nil || cookie.Value != state || started.connection != a.connection {
		http.Error(w, "this login was not started here, or has ended", http.StatusBadRequest)
		return
	}
	code := r.FormValue("code")
	if code == "" { // RFC 6749 §4.1.2.1
		p.log.Warn("a login was refused", "connection", a.connection, "error", r.FormValue("error"))
		http.Error(w, "the provider did not grant the access", http.StatusForbidden)
		return
	}
	ctx := context.WithoutCancel(r.Context()) // the code is spent even if the customer leaves
	response, err := p.exchange(ctx, a, oauth.Secret(code), started.verifier)
	if err == nil {
		err = p.keeper.Put(ctx, a.connection, a.Registration, response)
	}
	if err != nil {
		p.fail(w, r, http.StatusBadGateway, err)
		return
	}
	http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/callback"), http.StatusSeeOther)
}

// exchange returns the reply to the code (RFC 6749 §4.1.3). If it is an error, [freshet.Keeper.Put] returns it.
func (p *pages) exchange(ctx context.Context, a account, code, verifier oauth.Secret) ([]byte, error) {
	client := a.Client
	var err error
	if client.Secret, err = secret.Read(ctx, a.SecretFrom); err != nil {
		return nil, err
	}
	request := oauth.Request{
		Endpoint: a.endpoints().Token, Client: client, Form: oauth.CodeGrant(code, a.callback, verifier),
	}
	reply, err := request.Send(ctx, oauth.NewHTTPClient())
	return reply.Body, err
}

// endpoints returns all endpoints, including those that follow from the provider.
func (a account) endpoints() oauth.Endpoints {
	return freshet.Connection{Registration: a.Registration}.ResolvedEndpoints()
}
