package oauthtest

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
)

// faultKind is what a fault does. A kind with answer replies at once; any other lets the server act first.
type faultKind struct {
	name      string
	takesText bool // the name is followed by "=" and a text

	answer  func(d dialect, text string) reply
	keeps   bool                                                     // the grant does not rotate
	claims  func(members) members                                    // changes the id_token of a success
	reshape func(members, issue) members                             // changes a success
	deliver func(*Server, http.ResponseWriter, *http.Request, reply) // sends the reply, or does not

	redirect func(params url.Values, text string) // spoils a redirect of the authorization endpoint, and nothing else
}

var faultKinds = []faultKind{
	{name: "429", answer: func(dialect, string) reply {
		return retryLater(http.StatusTooManyRequests, "text/plain", "Too many requests.\n")
	}},
	{name: "500", answer: func(dialect, string) reply {
		return downPage(http.StatusInternalServerError, "Internal Server Error")
	}},
	{name: "503", answer: func(dialect, string) reply {
		down := downPage(http.StatusServiceUnavailable, "Down for Maintenance")
		return retryLater(down.status, down.contentType, string(down.body))
	}},
	{name: "huge", answer: func(d dialect, _ string) reply {
		return reply{status: http.StatusOK, contentType: d.contentType, body: bytes.Repeat([]byte(" "), 2<<20)}
	}},
	{name: "redirect", answer: func(dialect, string) reply {
		return reply{status: http.StatusTemporaryRedirect, contentType: "text/plain", header: http.Header{"Location": {redirectPath}}}
	}},
	{name: "error200", answer: func(d dialect, _ string) reply {
		return jsonReply(http.StatusOK, d.contentType, deadToken.members())
	}},
	{name: "unknown", answer: func(d dialect, _ string) reply {
		return jsonReply(http.StatusBadRequest, d.contentType, refusal{"unknown_error", "retry your request"}.members())
	}},
	{name: "grant", takesText: true, answer: func(d dialect, text string) reply {
		return jsonReply(http.StatusBadRequest, d.contentType, refusal{"invalid_grant", text}.members())
	}},

	{name: "lost", deliver: deliverNothing},
	{name: "reset", deliver: deliverReset},
	{name: "slow", deliver: deliverSlowly},
	{name: "truncated", deliver: deliverHalf},
	{name: "content-type", deliver: deliverAsHTML},
	{name: "form", deliver: deliverAsForm},

	{name: "no-token", reshape: func(m members, _ issue) members { return m.without("access_token") }},
	{name: "bad-member", reshape: func(m members, _ issue) members { return m.with("access_token", 42) }},
	{name: "control", reshape: func(m members, i issue) members {
		half := len(i.access) / 2 // inside, where no trimming can save the client
		return m.with("access_token", i.access[:half]+"\n"+i.access[half:])
	}},
	{name: "string-expiry", reshape: func(m members, i issue) members {
		return m.with("expires_in", strconv.Itoa(i.secondsLeft()))
	}},
	{name: "null-refresh", keeps: true, reshape: func(m members, _ issue) members { return m.with("refresh_token", nil) }},
	{name: "empty-refresh", keeps: true, reshape: func(m members, _ issue) members { return m.with("refresh_token", "") }},
	{name: "same-refresh", keeps: true, reshape: func(m members, i issue) members {
		if i.presented == "" {
			return m // the first one is always new
		}
		return m.with("refresh_token", i.presented)
	}},
	{name: "nonce-wrong", claims: func(m members) members { return m.with("nonce", "wrong") }},

	{name: "state-wrong", redirect: func(params url.Values, _ string) { params.Set("state", "wrong") }},
	{name: "state-missing", redirect: func(params url.Values, _ string) { params.Del("state") }},
	{name: "iss-wrong", redirect: func(params url.Values, _ string) { params.Set("iss", "https://wrong.example") }},
	{name: "iss-missing", redirect: func(params url.Values, _ string) { params.Del("iss") }},
	{name: "code-missing", redirect: func(params url.Values, _ string) { params.Del("code") }},
	{name: "authorize-error", takesText: true, redirect: func(params url.Values, text string) {
		params.Del("code")
		params.Set("error", text)
	}},
}

// downPage is what a load balancer says for a server that cannot.
func downPage(status int, title string) reply {
	body := "<!DOCTYPE html>\n<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n"
	return reply{status: status, contentType: "text/html;charset=UTF-8", body: []byte(body)}
}

func retryLater(status int, contentType, body string) reply {
	return reply{status: status, contentType: contentType, header: http.Header{"Retry-After": {"1"}}, body: []byte(body)}
}
