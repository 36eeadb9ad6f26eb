package oauthtest

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// username is the name and email address of the only user.
const username = "user@example.com"

// routeAPI routes the endpoints that take an access token. Salesforce's REST API is there for every
// provider.
func (s *Server) routeAPI() {
	handle := func(pattern, kind string, result func(*http.Request) reply) {
		s.mux.HandleFunc(pattern, s.requireToken(kind, result))
	}
	paths := s.profile.Endpoints
	userinfo := func(*http.Request) reply {
		return jsonReply(http.StatusOK, s.profile.ContentType, s.profile.Userinfo)
	}
	handle("GET "+paths.Userinfo, "userinfo", userinfo)
	handle("POST "+paths.Userinfo, "userinfo", userinfo)
	if paths.Identity != "" {
		handle("GET "+paths.Identity, "userinfo", func(*http.Request) reply {
			return jsonReply(http.StatusOK, s.profile.ContentType, s.profile.Identity)
		})
	}
	handle("GET /services/data", "api", s.versions)
	handle("GET /services/data/{$}", "api", s.versions)
	handle("GET /services/data/{version}/query", "api", s.query)
	handle("GET /services/data/{version}/query/{$}", "api", s.query)
	handle("POST /services/data/{version}/sobjects/{object}", "api", s.createRecord)
	handle("POST /services/data/{version}/sobjects/{object}/{$}", "api", s.createRecord)
}

// requireToken refuses a request without a valid access token. kind is as in accessRefused.
func (s *Server) requireToken(kind string, result func(*http.Request) reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if token := s.accessToken(r); !s.ValidAccess(token) || kind == "userinfo" && s.ledger.isClients(token) {
			s.count(func(stats *Stats) { stats.ResourceRefused++ })
			s.accessRefused(kind).send(w)
			return
		}
		s.count(func(stats *Stats) { stats.ResourceRequests++ })
		result(r).send(w)
	}
}

// accessToken returns the access token of r, as RFC 6750 §2.1 or the provider defines it, or "".
func (s *Server) accessToken(r *http.Request) string {
	if s.profile.TokenHeader != "" {
		return r.Header.Get(s.profile.TokenHeader)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") && scheme != cmp.Or(s.profile.TokenScheme, "Bearer") {
		return ""
	}
	return token
}

// versions answers with Salesforce's list of API versions.
func (s *Server) versions(*http.Request) reply {
	const versions = `[{"label":"Spring '26","url":"/services/data/v66.0","version":"66.0"},` +
		`{"label":"Summer '26","url":"/services/data/v67.0","version":"67.0"}]`
	return reply{status: http.StatusOK, contentType: s.profile.ContentType, body: []byte(versions)}
}

// query answers every query with the same three records.
func (s *Server) query(*http.Request) reply {
	const records = `{"totalSize":3,"done":true,"records":[` +
		`{"attributes":{"type":"Account","url":"/services/data/v67.0/sobjects/Account/0010000000FAKE1"},"Name":"Name 1"},` +
		`{"attributes":{"type":"Account","url":"/services/data/v67.0/sobjects/Account/0010000000FAKE2"},"Name":"Name 2"},` +
		`{"attributes":{"type":"Account","url":"/services/data/v67.0/sobjects/Account/0010000000FAKE3"},"Name":"Name 3"}]}`
	return reply{status: http.StatusOK, contentType: s.profile.ContentType, body: []byte(records)}
}

// createRecord accepts a JSON object, and stores nothing. It refuses a body that did not arrive whole,
// such as one that a client has sent again from the middle.
func (s *Server) createRecord(r *http.Request) reply {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var object map[string]any
	if err == nil {
		err = json.Unmarshal(body, &object)
	}
	if err == nil && object == nil {
		err = errors.New("null is not a record")
	}
	if err != nil {
		out := jsonReply(http.StatusBadRequest, s.profile.ContentType,
			members{{"message", err.Error()}, {"errorCode", "JSON_PARSER_ERROR"}})
		out.body = append(append([]byte{'['}, out.body...), ']')
		return out
	}
	id := "a00" + rand.Text()[:12] + "FAK"
	return jsonReply(http.StatusCreated, s.profile.ContentType,
		members{{"id", id}, {"success", true}, {"errors", []string{}}})
}

// redirectPath is the target of the "redirect" fault. A client that follows it has sent its refresh
// token to an address that a server chose.
const redirectPath = "/testserver/redirected"

func (s *Server) serveRedirected(w http.ResponseWriter, r *http.Request) {
	s.count(func(stats *Stats) { stats.RedirectsFollowed++ })
	e := oauthError{"invalid_request", "a redirect of the token endpoint was followed"}
	s.errorReply(r, &e).send(w)
}
