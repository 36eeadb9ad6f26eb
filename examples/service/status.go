package main

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"

	"github.com/freshet-dev/freshet"
)

//go:embed status.html
var statusText string

var statusPage = template.Must(template.New("status").Funcs(template.FuncMap{"loginPage": loginPage}).Parse(statusText))

// loginPage leads to the login of a connection.
func loginPage(connection string) string {
	provider, _, _ := strings.Cut(connection, ".")
	return "/" + provider + "/connect"
}

// overview is for the operator: all connections, and how they are. Nothing is asked for it but the store.
func (p *pages) overview(w http.ResponseWriter, r *http.Request) {
	connections, err := p.store.List(r.Context())
	if err != nil && len(connections) == 0 {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	p.show(w, http.StatusOK, connections)
}

// loginAgain tells a customer what happened, and where to log in again.
func (p *pages) loginAgain(w http.ResponseWriter, r *http.Request, a account) {
	c, err := p.store.Get(r.Context(), a.connection)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	p.show(w, http.StatusForbidden, []freshet.Connection{c})
}

func (p *pages) show(w http.ResponseWriter, status int, connections []freshet.Connection) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = statusPage.Execute(w, map[string]any{"Connections": connections, "Providers": p.providers})
}
