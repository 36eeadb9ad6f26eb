package oauthtest

import (
	_ "embed"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed page.html
var pageTemplate string

// markup is HTML that is safe to send: a constant, or the result of escapef. This package does not use
// html/template, which calls methods by name: the linker then keeps every method of every type.
type markup string

// escapef returns format, a constant, with each %s replaced by an escaped value. A %s can stand in text
// or between double quotes.
func escapef(format markup, values ...string) markup {
	escaped := make([]any, len(values))
	for i, value := range values {
		escaped[i] = html.EscapeString(value)
	}
	return markup(fmt.Sprintf(string(format), escaped...))
}

// page is an HTML page without other resources.
type page struct {
	title, body markup
	script      markup
}

func (p page) String() string {
	return strings.NewReplacer("{{title}}", string(p.title), "{{body}}", string(p.body+p.script)).Replace(pageTemplate)
}

func show(w http.ResponseWriter, status int, p page) {
	policy := "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
	if p.script != "" {
		policy += "; script-src 'unsafe-inline'"
	}
	header := http.Header{"Cache-Control": {"no-store"}, "Content-Security-Policy": {policy}}
	reply{status: status, contentType: "text/html; charset=utf-8", header: header, body: []byte(p.String())}.send(w)
}

// scopeMeanings are what well-known scopes allow an application to do.
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

// consentPage asks the user to allow c. For a device it shows its userCode, for the user to compare.
func (s *Server) consentPage(c consent, userCode string) page {
	body := escapef(`<h1>Allow <strong id="app">%s</strong> to use your account?</h1>
<p>You are <strong id="user">%s</strong>. The application wants to:</p>
<ul id="scopes">
`, s.cfg.ClientID, username)
	for _, name := range strings.Fields(c.scope) {
		body += scopeItem(name)
	}
	body += "</ul>\n"
	if userCode != "" {
		body += escapef(`<p>Allow only if your device shows this code:</p>
<output id="user_code" class="large">%s</output>
`, userCode)
	}
	body += `<form method="post" class="buttons">
<button id="deny" name="decision" value="deny">Deny</button>
<button id="allow" name="decision" value="allow" class="main">Allow</button>
</form>
`
	return page{title: "Allow access?", body: body}
}

func scopeItem(name string) markup {
	if meaning := scopeMeanings[name]; meaning != "" {
		return escapef("<li><span>%s</span> <code>%s</code></li>\n", meaning, name)
	}
	return escapef("<li><code>%s</code></li>\n", name)
}

// devicePage asks for a user code. problem says what was wrong with the previous one.
func devicePage(problem string) page {
	body := markup("<h1>Connect a device</h1>\n")
	if problem != "" {
		body += escapef(`<p id="problem" class="bad" role="alert">%s</p>
`, problem)
	}
	body += `<form method="get">
<label for="user_code">The code that your device shows</label>
<input id="user_code" name="user_code" required autofocus autocomplete="off"
 autocapitalize="characters" spellcheck="false">
<div class="buttons"><button id="continue" class="main">Continue</button></div>
</form>
`
	return page{title: "Connect a device", body: body}
}

// decidedPage confirms the user's decision about a device.
func decidedPage(allowed bool) page {
	body := markup("<h1>You denied access</h1>\n")
	if allowed {
		body = "<h1>Your device is connected</h1>\n"
	}
	body += "<p>You can close this window, and go back to your device.</p>\n"
	return page{title: "Done", body: body}
}

// codePage shows an authorization code to copy.
func codePage(code string) page {
	return page{title: "Your code", body: escapef(`<h1>Copy this code into the application</h1>
<output id="code">%s</output>
`, code)}
}

// failurePage shows an error that is not redirected.
func failurePage(code, reason string) page {
	return page{title: "Refused", body: escapef(`<h1>The application cannot be connected</h1>
<p class="bad">The server answers: <span id="reason">%s</span></p>
<p><code id="error">%s</code></p>
`, reason, code)}
}

// formPostPage posts params to target with a script (OAuth 2.0 Form Post Response Mode §2).
func formPostPage(target string, params url.Values) page {
	body := escapef(`<h1>Going back to the application</h1>
<form method="post" action="%s">
`, webOnly(target))
	for _, name := range slices.Sorted(maps.Keys(params)) {
		for _, value := range params[name] {
			body += escapef(`<input type="hidden" name="%s" value="%s">
`, name, value)
		}
	}
	body += `<div class="buttons"><button id="continue" class="main">Continue</button></div>
</form>
`
	return page{title: "One moment", body: body, script: "<script>document.forms[0].submit()</script>\n"}
}

// webOnly returns target if it is an http or https URL, and an empty page otherwise: a browser would
// run a javascript: URL.
func webOnly(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "about:blank"
	}
	return target
}
