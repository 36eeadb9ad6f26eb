package oauthtest

import "net/http"

// serveResource is an API that takes access tokens: Salesforce's list of API versions, with either provider.
func (s *Server) serveResource(w http.ResponseWriter, r *http.Request) {
	if !s.ValidAccess(bearer(r)) {
		s.dialect.unauthorized().send(w)
		return
	}
	const versions = `[{"label":"Spring '26","url":"/services/data/v66.0","version":"66.0"},` +
		`{"label":"Summer '26","url":"/services/data/v67.0","version":"67.0"}]`
	reply{status: http.StatusOK, contentType: s.dialect.contentType, body: []byte(versions)}.send(w)
}

// redirectPath is where the "redirect" fault points. A client that arrives here has sent its refresh token to an
// address of somebody else's choosing.
const redirectPath = "/testserver/redirected"

func (s *Server) serveRedirected(w http.ResponseWriter, r *http.Request) {
	s.count(func(stats *Stats) { stats.RedirectsFollowed++ })
	why := refusal{"invalid_request", "a redirect of the token endpoint was followed"}
	s.dialect.refuse(why, false).send(w)
}
