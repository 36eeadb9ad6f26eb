package oauthtest

import (
	"bytes"
	"net/http"
	"strconv"
	"time"
)

// These are the replies of the faults, and the lack of one. Those that end in http.ErrAbortHandler make net/http
// close the connection without another byte.

func sendNothing(*exchange) { panic(http.ErrAbortHandler) }

// sendReset makes the kernel send a reset in place of the orderly end.
func sendReset(x *exchange) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2, or no network at all
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func sendSlowly(x *exchange) {
	body := x.begin()
	out := http.NewResponseController(x.w)
	for i := range body {
		if _, err := x.w.Write(body[i : i+1]); err != nil {
			return
		}
		_ = out.Flush()
		if !x.server.pause(250*time.Millisecond, x.r.Context().Done()) {
			panic(http.ErrAbortHandler)
		}
	}
}

func sendHalf(x *exchange) {
	body := x.begin()
	_, _ = x.w.Write(body[:len(body)/2])
	_ = http.NewResponseController(x.w).Flush()
	panic(http.ErrAbortHandler)
}

// begin sends the header of a plain reply and returns the body that it promises.
func (x *exchange) begin() []byte {
	body := encode(x.body)
	x.w.Header().Set("Content-Type", jsonType)
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(x.status)
	return body
}

func sendAsHTML(x *exchange) { write(x.w, x.status, "text/html;charset=UTF-8", encode(x.body)) }

func sendForm(x *exchange) {
	write(x.w, x.status, "application/x-www-form-urlencoded;charset=UTF-8", x.body.form())
}

func sendTooMany(x *exchange) {
	x.w.Header().Set("Retry-After", "1")
	write(x.w, http.StatusTooManyRequests, "text/plain;charset=UTF-8", []byte("Too many requests\n"))
}

func sendCrash(x *exchange) {
	sendPage(x, http.StatusInternalServerError, "Internal Server Error")
}

func sendMaintenance(x *exchange) {
	x.w.Header().Set("Retry-After", "1")
	sendPage(x, http.StatusServiceUnavailable, "Down for Maintenance")
}

func sendPage(x *exchange, status int, title string) {
	page := "<!DOCTYPE html>\n<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n"
	write(x.w, status, "text/html;charset=UTF-8", []byte(page))
}

// sendHuge is well-formed, so that nothing but its size can be wrong with it.
func sendHuge(x *exchange) {
	body := bytes.Repeat([]byte("A"), 2<<20)
	copy(body, `{"token_type":"Bearer","access_token":"`)
	copy(body[len(body)-2:], `"}`)
	write(x.w, http.StatusOK, jsonType, body)
}

func sendError200(x *exchange) {
	x.refuse(deadGrant)
	x.status = http.StatusOK
	x.send()
}

func sendUnknown(x *exchange) {
	writeJSON(x.w, http.StatusBadRequest, errorObject("unknown_error", "retry your request"))
}

func sendGrant(x *exchange) {
	writeJSON(x.w, http.StatusBadRequest, errorObject("invalid_grant", x.text))
}

const redirectedPath = "/testserver/redirected"

// sendRedirect uses 307: whoever follows it sends the refresh token again.
func sendRedirect(x *exchange) {
	http.Redirect(x.w, x.r, redirectedPath, http.StatusTemporaryRedirect)
}

func (s *Server) serveRedirected(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	s.stats.RedirectsFollowed++
	s.mu.Unlock()
	writeJSON(w, http.StatusBadRequest, errorObject("invalid_request", "a token request must not follow a redirect"))
}
