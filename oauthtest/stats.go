package oauthtest

import (
	"encoding/json"
	"net/http"
)

// Stats counts what a [Server] has seen and done since it started.
type Stats struct {
	Refreshes         int `json:"refreshes"`          // refreshes acted on, whether or not the reply arrived
	Reuses            int `json:"reuses"`             // spent refresh tokens presented outside their grace
	GrantsRevoked     int `json:"grants_revoked"`     // grants ended, by a reuse or a revocation
	Requests          int `json:"requests"`           // requests to the token endpoint, of a method that it takes
	RedirectsFollowed int `json:"redirects_followed"` // requests that followed a "redirect" fault
	Logins            int `json:"logins"`             // codes and device codes exchanged, whether or not the reply arrived
	CodeReuses        int `json:"code_reuses"`        // codes presented after their exchange
	Revocations       int `json:"revocations"`        // tokens ended at the revocation endpoint
	ResourceRequests  int `json:"resource_requests"`  // API requests whose access token was valid
	ResourceRefused   int `json:"resource_refused"`   // API requests refused for their access token
}

// Stats returns the counts so far.
func (s *Server) Stats() Stats {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	return s.ledger.stats
}

func (s *Server) count(update func(*Stats)) {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	update(&s.ledger.stats)
}

func (s *Server) serveStats(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(s.Stats())
	if err != nil {
		panic(err) // unreachable: the counts are integers
	}
	reply{status: http.StatusOK, contentType: "application/json", body: body}.send(w)
}
