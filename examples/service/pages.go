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

// pages are what the customers see.
type pages struct {
	keeper    *freshet.Keeper
	store     freshet.Store
	providers map[string]provider
	log       *slog.Logger
	url       string   // where the customers' browsers find them
	logins    sync.Map // that were begun, by their state; an application keeps them in the customer's session
}

func (p *pages) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.overview)
	mux.HandleFunc("GET /{provider}", p.of((*pages).data))
	mux.HandleFunc("GET /{provider}/connect", p.of((*pages).connect))
	mux.HandleFunc("GET /{provider}/callback", p.of((*pages).callback))
	return mux
}

// account is a customer's at a provider.
type account struct {
	provider
	connection string // its name in the store
	callback   string // where the provider sends the customer back to, as it is registered there
}

// of is a page about the customer's account. A connection's name is the application's to choose: never take it from an address,
// where everybody could write another customer's.
func (p *pages) of(page func(*pages, http.ResponseWriter, *http.Request, account)) http.HandlerFunc {
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

// customer is whoever is logged in to the application, as its session knows.
func customer(*http.Request) string { return "acme" }

// data calls the API. A stale token, one that the API refuses and one that another replica has replaced are the client's business.
func (p *pages) data(w http.ResponseWriter, r *http.Request, a account) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, a.path, nil)
	if err != nil {
		p.apologize(w, r, http.StatusInternalServerError, err)
		return
	}
	response, err := p.keeper.Client(a.connection).Do(request)
	switch {
	case errors.Is(err, freshet.ErrNotFound):
		http.Redirect(w, r, r.URL.Path+"/connect", http.StatusSeeOther)
	case errors.Is(err, freshet.ErrLoginRequired):
		p.loginAgain(w, a)
	case err != nil:
		p.apologize(w, r, http.StatusBadGateway, err)
	default:
		defer response.Body.Close()
		w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
		w.WriteHeader(response.StatusCode)
		_, _ = io.Copy(w, response.Body)
	}
}

// apologize tells a customer that something did not work, and the operator what. An error speaks of files, hosts and clients, which
// are no business of a customer's.
func (p *pages) apologize(w http.ResponseWriter, r *http.Request, status int, err error) {
	p.log.Error("a page failed", "path", r.URL.Path, "error", err)
	http.Error(w, "this did not work; please try again later", status)
}

// login is one that was begun.
type login struct {
	connection string
	verifier   oauth.Secret // RFC 7636 §4.1
}

// connect sends the customer to the provider.
func (p *pages) connect(w http.ResponseWriter, r *http.Request, a account) {
	state, begun := rand.Text(), login{a.connection, oauth.NewVerifier()}
	address, err := oauth.Authorization{
		Endpoint: a.addresses().Authorization, ClientID: a.Client.ID, RedirectURI: a.callback, Scopes: a.Scopes, State: state,
		Challenge: oauth.Challenge(begun.verifier, "S256"), ChallengeMethod: "S256",
	}.URL()
	if err != nil {
		p.apologize(w, r, http.StatusInternalServerError, err)
		return
	}
	p.logins.Store(state, begun)
	http.SetCookie(w, &http.Cookie{Name: "login", Value: state, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// callback is where the customer comes back with a code. An application that has such a page keeps it, and hands over the token
// response as it is. One that has none takes login.Begin, and login.Exchange with the keeper, which lose no token even if the
// process dies before it is saved.
func (p *pages) callback(w http.ResponseWriter, r *http.Request, a account) {
	state := r.FormValue("state")
	found, _ := p.logins.LoadAndDelete(state)
	begun, _ := found.(login)
	if cookie, err := r.Cookie("login"); err != nil || cookie.Value != state || begun.connection != a.connection {
		http.Error(w, "this login was not begun here, or is over", http.StatusBadRequest)
		return
	}
	code := r.FormValue("code")
	if code == "" { // RFC 6749 §4.1.2.1
		p.log.Warn("a login was refused", "connection", a.connection, "error", r.FormValue("error"))
		http.Error(w, "the provider did not grant the access", http.StatusForbidden)
		return
	}
	ctx := context.WithoutCancel(r.Context()) // the customer may leave, but the code is spent
	response, err := p.exchange(ctx, a, oauth.Secret(code), begun.verifier)
	if err == nil {
		err = p.keeper.Add(ctx, a.connection, a.Registration, response)
	}
	if err != nil {
		p.apologize(w, r, http.StatusBadGateway, err)
		return
	}
	http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/callback"), http.StatusSeeOther)
}

// exchange returns the provider's answer to the code (RFC 6749 §4.1.3). If it is a refusal, [freshet.Keeper.Add] says so.
func (p *pages) exchange(ctx context.Context, a account, code, verifier oauth.Secret) ([]byte, error) {
	client := a.Client
	var err error
	if client.Secret, err = secret.Read(ctx, a.SecretFrom); err != nil {
		return nil, err
	}
	request := oauth.Request{
		Endpoint: a.addresses().Token, Client: client, Form: oauth.CodeGrant(code, a.callback, verifier),
	}
	reply, err := request.Send(ctx, oauth.NewHTTPClient())
	return reply.Body, err
}

// addresses are the endpoints, also those that follow from the provider.
func (a account) addresses() oauth.Endpoints {
	return freshet.Connection{Registration: a.Registration}.Addresses()
}
