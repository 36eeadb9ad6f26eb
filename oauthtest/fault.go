package oauthtest

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is a fault of the token endpoint, or of a redirect from the authorization endpoint. The package
// documentation lists them.
type Fault struct {
	// Name is one of FaultNames. In those that end in "=TEXT", any text can replace TEXT.
	Name string

	// Count is how many replies get the fault. 0 means all further replies, so that the faults queued
	// after it are never used.
	Count int
}

// ParseFault reads NAME or NAME:COUNT, where COUNT is at least 1. Only digits after the last colon are
// a count, so that the text of "grant=TEXT" can contain colons.
func ParseFault(s string) (Fault, error) {
	f := Fault{Name: s}
	if name, digits, ok := cutCount(s); ok {
		count, err := strconv.Atoi(digits)
		if err != nil || count < 1 {
			return Fault{}, fmt.Errorf("fault %q: the count must be a whole number, 1 or more", s)
		}
		f = Fault{Name: name, Count: count}
	}
	if _, _, ok := findFault(f.Name); !ok {
		return Fault{}, fmt.Errorf("unknown fault %q: want NAME or NAME:COUNT, with one of the names %s",
			s, strings.Join(FaultNames(), ", "))
	}
	return f, nil
}

func cutCount(s string) (name, digits string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || i == len(s)-1 || strings.Trim(s[i+1:], "0123456789") != "" {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// FaultNames returns the names that [ParseFault] accepts, with "=TEXT" after those that take a text.
func FaultNames() []string {
	names := make([]string, len(faultKinds))
	for i, kind := range faultKinds {
		names[i] = kind.name
		if kind.takesText {
			names[i] += "=TEXT"
		}
	}
	return names
}

// findFault returns the kind of fault with this name, and the text after "=" if it takes one.
func findFault(name string) (kind faultKind, text string, ok bool) {
	for _, kind := range faultKinds {
		if kind.takesText {
			if text, ok := strings.CutPrefix(name, kind.name+"="); ok {
				return kind, text, true
			}
		} else if name == kind.name {
			return kind, "", true
		}
	}
	return faultKind{}, "", false
}

// Fail queues faults after those that are still queued. Faults of redirects have their own queue. Fail
// panics if a fault has an unknown name or a negative count.
func (s *Server) Fail(faults ...Fault) {
	var ofToken, ofRedirect []Fault
	for _, f := range faults {
		kind, _, ok := findFault(f.Name)
		switch {
		case !ok || f.Count < 0:
			panic(fmt.Sprintf("oauthtest: no such fault: %+v", f))
		case kind.redirect != nil:
			ofRedirect = append(ofRedirect, f)
		default:
			ofToken = append(ofToken, f)
		}
	}
	s.faults.add(ofToken)
	s.redirectFaults.add(ofRedirect)
}

type faultQueue struct {
	mu     sync.Mutex
	queued []Fault
}

func (q *faultQueue) add(faults []Fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queued = append(q.queued, faults...)
}

// next returns the fault for one reply. The zero value is none.
func (q *faultQueue) next() (kind faultKind, text string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queued) == 0 {
		return faultKind{}, ""
	}
	kind, text, _ = findFault(q.queued[0].Name)
	switch q.queued[0].Count {
	case 0:
	case 1:
		q.queued = q.queued[1:]
	default:
		q.queued[0].Count--
	}
	return kind, text
}

// faultKind is what a fault does. With reply the server does not act. With redirect it is a fault of
// the authorization endpoint.
type faultKind struct {
	name      string
	takesText bool // the name is followed by "=" and a text

	reply      func(p *profile, text string) reply
	keepsToken bool                                 // the refresh token is not replaced
	addsToken  bool                                 // a token of the client's own comes with a refresh token
	claims     func(members) members                // changes the id_token of a success
	members    func(members, tokenResponse) members // changes a success
	deliver    func(*Server, http.ResponseWriter, *http.Request, reply)

	redirect func(params url.Values, text string)
}

var faultKinds = []faultKind{
	{name: "429", reply: func(*profile, string) reply {
		return retryLater(http.StatusTooManyRequests, "text/plain", "Too many requests.\n")
	}},
	{name: "500", reply: func(*profile, string) reply {
		return errorPage(http.StatusInternalServerError, "Internal Server Error")
	}},
	{name: "503", reply: func(*profile, string) reply {
		down := errorPage(http.StatusServiceUnavailable, "Down for Maintenance")
		return retryLater(down.status, down.contentType, string(down.body))
	}},
	{name: "huge", reply: func(p *profile, _ string) reply {
		return reply{status: http.StatusOK, contentType: p.ContentType, body: bytes.Repeat([]byte(" "), 2<<20)}
	}},
	{name: "redirect", reply: func(*profile, string) reply {
		header := http.Header{"Location": {redirectPath}}
		return reply{status: http.StatusTemporaryRedirect, contentType: "text/plain", header: header}
	}},
	{name: "error200", reply: func(p *profile, _ string) reply {
		return jsonReply(http.StatusOK, p.ContentType, invalidRefreshToken.members())
	}},
	{name: "unknown", reply: func(p *profile, _ string) reply {
		e := oauthError{"unknown_error", "retry your request"}
		return jsonReply(http.StatusBadRequest, p.ContentType, e.members())
	}},
	{name: "grant", takesText: true, reply: func(p *profile, text string) reply {
		return jsonReply(http.StatusBadRequest, p.ContentType, oauthError{"invalid_grant", text}.members())
	}},

	{name: "lost", deliver: deliverNothing},
	{name: "reset", deliver: deliverReset},
	{name: "slow", deliver: deliverSlowly},
	{name: "truncated", deliver: deliverHalf},
	{name: "content-type", deliver: deliverAsHTML},
	{name: "form", deliver: deliverAsForm},

	{name: "no-token", members: func(m members, _ tokenResponse) members { return m.without("access_token") }},
	{name: "bad-member", members: func(m members, _ tokenResponse) members { return m.with("access_token", 42) }},
	{name: "control", members: func(m members, r tokenResponse) members {
		half := len(r.access) / 2 // inside, where trimming does not remove it
		return m.with("access_token", r.access[:half]+"\n"+r.access[half:])
	}},
	{name: "envelope", members: func(m members, _ tokenResponse) members {
		return members{{"status", 0}, {"body", m}}
	}},
	{name: "string-expiry", members: func(m members, r tokenResponse) members {
		return m.with("expires_in", strconv.Itoa(r.secondsLeft()))
	}},
	{name: "null-refresh", keepsToken: true, members: func(m members, _ tokenResponse) members {
		return m.with("refresh_token", nil)
	}},
	{name: "empty-refresh", keepsToken: true, members: func(m members, _ tokenResponse) members {
		return m.with("refresh_token", "")
	}},
	{name: "same-refresh", keepsToken: true, members: func(m members, r tokenResponse) members {
		if r.presented == "" {
			return m // a login has no previous refresh token
		}
		return m.with("refresh_token", r.presented)
	}},
	{name: "add-refresh", addsToken: true},
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

// errorPage returns a page as a load balancer sends it for a server that is down.
func errorPage(status int, title string) reply {
	body := "<!DOCTYPE html>\n<html><head><title>" + title + "</title></head>" +
		"<body><h1>" + title + "</h1></body></html>\n"
	return reply{status: status, contentType: "text/html;charset=UTF-8", body: []byte(body)}
}

func retryLater(status int, contentType, body string) reply {
	header := http.Header{"Retry-After": {"1"}}
	return reply{status: status, contentType: contentType, header: header, body: []byte(body)}
}

func deliverNothing(_ *Server, w http.ResponseWriter, _ *http.Request, _ reply) {
	panic(http.ErrAbortHandler)
}

// deliverReset closes the connection with a TCP RST instead of a FIN.
func deliverReset(_ *Server, w http.ResponseWriter, _ *http.Request, _ reply) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

func deliverHalf(_ *Server, w http.ResponseWriter, _ *http.Request, out reply) {
	out.sendHeader(w)
	w.Write(out.body[:len(out.body)/2])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func deliverSlowly(s *Server, w http.ResponseWriter, r *http.Request, out reply) {
	flusher := http.NewResponseController(w)
	out.sendHeader(w)
	for i := range out.body {
		w.Write(out.body[i : i+1])
		flusher.Flush()
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-s.closed:
			panic(http.ErrAbortHandler)
		}
	}
}

func deliverAsHTML(_ *Server, w http.ResponseWriter, _ *http.Request, out reply) {
	out.contentType = "text/html;charset=UTF-8"
	out.send(w)
}

func deliverAsForm(_ *Server, w http.ResponseWriter, _ *http.Request, out reply) {
	out.asForm().send(w)
}
