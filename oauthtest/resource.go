package oauthtest

import "net/http"

// protected answers a request whose access token is valid, and refuses any other.
func (s *Server) protected(refuse func() reply, answer func(*http.Request) reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.ValidAccess(s.bearer(r)) {
			s.count(func(stats *Stats) { stats.ResourceRefused++ })
			refuse().send(w)
			return
		}
		s.count(func(stats *Stats) { stats.ResourceRequests++ })
		answer(r).send(w)
	}
}

// routeResources says where access tokens are of use. Salesforce's API is there with either provider.
func (s *Server) routeResources() {
	handle := func(pattern string, refuse func() reply, answer func(*http.Request) reply) {
		s.mux.HandleFunc(pattern, s.protected(refuse, answer))
	}
	d := s.dialect
	handle("GET "+d.paths.userinfo, d.badBearer, s.userinfo)
	handle("POST "+d.paths.userinfo, d.badBearer, s.userinfo)
	if s.cfg.Provider == Salesforce {
		handle("GET "+identityPath, d.badBearer, s.identity)
	}
	handle("GET /services/data", d.unauthorized, s.versions)
	handle("GET /services/data/{$}", d.unauthorized, s.versions)
	handle("GET /services/data/{version}/query", d.unauthorized, s.query)
	handle("GET /services/data/{version}/query/{$}", d.unauthorized, s.query)
	handle("GET /services/data/{version}/query/{locator}", d.unauthorized, s.queryMore)
	handle("POST /services/data/{version}/sobjects/{object}", d.unauthorized, s.create)
	handle("POST /services/data/{version}/sobjects/{object}/{$}", d.unauthorized, s.create)
}

// versions is Salesforce's list of API versions.
func (s *Server) versions(*http.Request) reply {
	const versions = `[{"label":"Spring '26","url":"/services/data/v66.0","version":"66.0"},` +
		`{"label":"Summer '26","url":"/services/data/v67.0","version":"67.0"}]`
	return reply{status: http.StatusOK, contentType: s.dialect.contentType, body: []byte(versions)}
}

// redirectPath is where the "redirect" fault points. A client that arrives here has sent its refresh token to an
// address of somebody else's choosing.
const redirectPath = "/testserver/redirected"

func (s *Server) serveRedirected(w http.ResponseWriter, r *http.Request) {
	s.count(func(stats *Stats) { stats.RedirectsFollowed++ })
	why := refusal{"invalid_request", "a redirect of the token endpoint was followed"}
	s.dialect.refuse(why, false).send(w)
}
