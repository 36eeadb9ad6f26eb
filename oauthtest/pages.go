package oauthtest

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// scopeMeanings says what a scope lets an application do, if that is known.
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

// consentPage asks for c. A device has a userCode, for the user to compare.
func (s *Server) consentPage(c consent, userCode string) page {
	body := fill(`<h1>Allow <strong id="app">%s</strong> to use your account?</h1>
<p>You are <strong id="user">%s</strong>. The application wants to:</p>
<ul id="scopes">
`, s.cfg.ClientID, username)
	for _, name := range strings.Fields(c.scope) {
		body += scopeItem(name)
	}
	body += "</ul>\n"
	if userCode != "" {
		body += fill(`<p>Allow only if your device shows this code:</p>
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
		return fill("<li><span>%s</span> <code>%s</code></li>\n", meaning, name)
	}
	return fill("<li><code>%s</code></li>\n", name)
}

// devicePage asks for a user code, and says what was wrong with the one before.
func devicePage(problem string) page {
	body := markup("<h1>Connect a device</h1>\n")
	if problem != "" {
		body += fill(`<p id="problem" class="bad" role="alert">%s</p>
`, problem)
	}
	body += `<form method="get">
<label for="user_code">The code that your device shows</label>
<input id="user_code" name="user_code" required autofocus autocomplete="off" autocapitalize="characters" spellcheck="false">
<div class="buttons"><button id="continue" class="main">Continue</button></div>
</form>
`
	return page{title: "Connect a device", body: body}
}

// decidedPage says that a device has its answer.
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
	return page{title: "Your code", body: fill(`<h1>Copy this code into the application</h1>
<output id="code">%s</output>
`, code)}
}

// failurePage shows a refusal that is not redirected: its error code and the reason.
func failurePage(code, reason string) page {
	return page{title: "Refused", body: fill(`<h1>The application cannot be connected</h1>
<p class="bad">The server answers: <span id="reason">%s</span></p>
<p><code id="error">%s</code></p>
`, reason, code)}
}

// formPostPage posts params to target by itself (OAuth 2.0 Form Post Response Mode §2).
func formPostPage(target string, params url.Values) page {
	body := fill(`<h1>Going back to the application</h1>
<form method="post" action="%s">
`, webOnly(target))
	for _, name := range slices.Sorted(maps.Keys(params)) {
		for _, value := range params[name] {
			body += fill(`<input type="hidden" name="%s" value="%s">
`, name, value)
		}
	}
	body += `<div class="buttons"><button id="continue" class="main">Continue</button></div>
</form>
`
	return page{title: "One moment", body: body, script: "<script>document.forms[0].submit()</script>\n"}
}

// webOnly is target if it leads to a web server, and an empty page otherwise: a browser would run a javascript: URL.
func webOnly(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "about:blank"
	}
	return target
}
