package oauthtest

import (
	_ "embed"
	"fmt"
	"html"
	"net/http"
	"strings"
)

// frame is what the pages have in common.
//
//go:embed page.html
var frame string

// markup is HTML that is safe to send. A constant becomes one by itself, because we wrote it; any other text by fill.
// There is no html/template: it looks methods up by name, so that a program with it keeps every method of every type.
type markup string

// fill is format, a constant, with each %s replaced by a value. It may stand in text or between double quotes, and is
// shown as it is.
func fill(format markup, values ...string) markup {
	escaped := make([]any, len(values))
	for i, value := range values {
		escaped[i] = html.EscapeString(value)
	}
	return markup(fmt.Sprintf(string(format), escaped...))
}

// page is what a person sees. It needs nothing but itself.
type page struct {
	title, body markup
	script      markup
}

func (p page) String() string {
	return strings.NewReplacer("{{title}}", string(p.title), "{{body}}", string(p.body+p.script)).Replace(frame)
}

// show sends p.
func show(w http.ResponseWriter, status int, p page) {
	policy := "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
	if p.script != "" {
		policy += "; script-src 'unsafe-inline'"
	}
	header := http.Header{"Cache-Control": {"no-store"}, "Content-Security-Policy": {policy}}
	reply{status: status, contentType: "text/html; charset=utf-8", header: header, body: []byte(p.String())}.send(w)
}
