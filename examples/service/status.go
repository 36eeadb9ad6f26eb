package main

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed status.html
var statusText string

var statusPage = template.Must(template.New("status").Funcs(template.FuncMap{"loginPage": loginPage}).Parse(statusText))

var loginAgainPage = template.Must(template.New("login again").Funcs(template.FuncMap{"loginPage": loginPage}).Parse(
	`<p>This account is no longer connected. <a href="{{loginPage .}}">Log in again</a></p>`))

// loginPage leads to the login of a connection.
func loginPage(connection string) string {
	provider, _, _ := strings.Cut(connection, ".")
	return "/" + provider + "/connect"
}

// overview is for the operator: all connections, and how they are. Nothing is asked for it but the store.
func (p *pages) overview(w http.ResponseWriter, r *http.Request) {
	connections, err := p.store.List(r.Context())
	if err != nil && len(connections) == 0 {
		p.apologize(w, r, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = statusPage.Execute(w, map[string]any{"Connections": connections, "Providers": p.providers})
}

// loginAgain tells a customer where to log in again. Why is in the log, and on the operator's page.
func (p *pages) loginAgain(w http.ResponseWriter, a account) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	_ = loginAgainPage.Execute(w, a.connection)
}
