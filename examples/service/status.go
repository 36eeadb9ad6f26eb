package main

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed status.html
var statusText string

var (
	functions  = template.FuncMap{"loginPage": loginPage}
	statusPage = template.Must(template.New("status").Funcs(functions).Parse(statusText))

	loginAgainPage = template.Must(template.New("login again").Funcs(functions).Parse(
		`<p>This account is no longer connected. <a href="{{loginPage .}}">Log in again</a></p>`))
)

// loginPage returns the URL of the page that starts a login for a connection.
func loginPage(connection string) string {
	provider, _, _ := strings.Cut(connection, ".")
	return "/" + provider + "/connect"
}

// overview shows the state of all connections to the operator. It only reads the store.
func (p *pages) overview(w http.ResponseWriter, r *http.Request) {
	connections, err := p.store.List(r.Context())
	if err != nil && len(connections) == 0 {
		p.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = statusPage.Execute(w, map[string]any{"Connections": connections, "Providers": p.providers})
}

// loginAgain asks a customer to log in again. The reason is in the log and on the operator's page.
func (p *pages) loginAgain(w http.ResponseWriter, a account) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	_ = loginAgainPage.Execute(w, a.connection)
}
