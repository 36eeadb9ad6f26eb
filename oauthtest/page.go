package oauthtest

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page.html
var pageSource string

// pages are the pages that a person sees. They need nothing but themselves, and but for form_post no script.
var pages = template.Must(template.New("").Parse(pageSource))

// view is what a page shows; each uses what it needs.
type view struct {
	App, User string
	Scopes    []scope
	UserCode  string // of a device
	Problem   string // with the code that was entered

	Error, Reason string // of a refusal
	Code          string // an authorization code to copy
	Allowed       bool

	Target string // of form_post
	Params url.Values
}

// scope is one scope, and what it means if that is known.
type scope struct{ Name, Meaning string }

var scopeMeanings = map[string]string{
	"openid":         "know who you are",
	"profile":        "read your name",
	"email":          "read your email address",
	"id":             "read your identity",
	"read":           "read your data",
	"write":          "change your data",
	"api":            "read and change your data",
	"full":           "do all that you can do",
	"web":            "open pages as you",
	"offline_access": "stay connected while you are away",
	"refresh_token":  "stay connected while you are away",
}

// question is the view that asks for c.
func (s *Server) question(c consent) view {
	v := view{App: s.cfg.ClientID, User: username}
	for _, name := range strings.Fields(c.scope) {
		v.Scopes = append(v.Scopes, scope{name, scopeMeanings[name]})
	}
	return v
}

// show sends a page.
func show(w http.ResponseWriter, status int, name string, v view) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, v); err != nil {
		panic(err) // unreachable: the tests show every page
	}
	policy := "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
	if name == "form_post" {
		policy += "; script-src 'unsafe-inline'"
	}
	header := http.Header{"Cache-Control": {"no-store"}, "Content-Security-Policy": {policy}}
	reply{status: status, contentType: "text/html; charset=utf-8", header: header, body: b.Bytes()}.send(w)
}
