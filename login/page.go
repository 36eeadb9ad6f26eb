package login

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed page.html
var pageSource string

// pages are what a person sees on coming back. They need nothing but themselves.
var pages = template.Must(template.New("").Parse(pageSource))

// show sends a page, with err as its reason.
func show(w http.ResponseWriter, status int, name string, err error) {
	reason := ""
	if err != nil {
		reason = shown(err.Error(), 1000)
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, reason); err != nil {
		panic(err) // unreachable: the tests show every page
	}
	send(w, status, b.Bytes())
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
