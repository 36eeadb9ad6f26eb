package login

import (
	_ "embed"
	"html"
	"net/http"
	"strconv"
	"strings"
)

// frame is what the pages have in common. There is no html/template: it looks methods up by name, so that a program with it
// keeps every method of every type.
//
//go:embed page.html
var frame string

// page is what a person sees on coming back. It needs nothing but itself.
type page struct {
	title string
	mood  string // good, bad or neither
	next  string // what to do now
}

var (
	allowed  = page{"You are logged in", "good", "You can close this window."}
	denied   = page{"You are not logged in", "bad", "You can close this window, and try again where you came from."}
	stranger = page{
		"This is not the login that is waited for", "bad",
		"Nothing has changed. Finish the login in the window where you began it, or begin it again.",
	}
	answered = page{"This login has been answered already", "", "You can close this window."}
)

// show sends the page, with the reason for it.
func (p page) show(w http.ResponseWriter, status int, reason string) {
	filled := strings.NewReplacer(
		"{{title}}", p.title, "{{mood}}", p.mood, "{{next}}", p.next, "{{reason}}", html.EscapeString(shown(reason, 1000)),
	).Replace(frame)
	send(w, status, []byte(filled))
}

// send sends HTML that is neither kept nor framed, fetches nothing and tells nobody its address, which has the code in it.
func send(w http.ResponseWriter, status int, html []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(html)))
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(html) // whoever has left does not need it
}
