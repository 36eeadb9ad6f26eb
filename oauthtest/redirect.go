package oauthtest

import (
	"net/http"
	"net/url"
)

// redirect sends the user back to the application with params, which say what was decided. A fault may spoil them.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, a authorization, params url.Values) {
	if a.state != "" {
		params.Set("state", a.state)
	}
	if s.dialect.sendsIssuer {
		params.Set("iss", s.url)
	}
	if kind, text := s.redirectFaults.next(); kind.redirect != nil {
		kind.redirect(params, text)
	}
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case a.redirectURI == outOfBand && params.Has("error"):
		show(w, http.StatusOK, failurePage(params.Get("error"), params.Get("error_description")))
	case a.redirectURI == outOfBand:
		show(w, http.StatusOK, codePage(params.Get("code")))
	case a.mode == "form_post":
		show(w, http.StatusOK, formPostPage(a.redirectURI, params))
	default:
		status := http.StatusFound
		if r.Method == http.MethodPost {
			status = http.StatusSeeOther // the application must get a GET: RFC 9700 §2.1
		}
		http.Redirect(w, r, target(a, params), status)
	}
}

// target is the redirect URI with params; a query that it has is kept (RFC 6749 §3.1.2).
func target(a authorization, params url.Values) string {
	u, err := url.Parse(a.redirectURI)
	if err != nil {
		panic(err) // unreachable: checkTarget has parsed it
	}
	switch {
	case a.mode == "fragment":
		return u.String() + "#" + params.Encode()
	case u.RawQuery != "":
		u.RawQuery += "&" + params.Encode()
	default:
		u.RawQuery = params.Encode()
	}
	return u.String()
}
