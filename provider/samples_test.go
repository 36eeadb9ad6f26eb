package provider_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// sample is a reply of a server that has no provider file, in the words of its source code or of a
// public report.
type sample struct {
	Server      string     `json:"server"`
	About       string     `json:"about"` // login, refresh, revocation or introspection
	Status      int        `json:"status"`
	ContentType string     `json:"content_type"` // application/json if empty
	Body        string     `json:"body"`
	Kind        oauth.Kind `json:"kind"`   // "" for a success
	Shown       string     `json:"shown"`  // how the error's text begins, after the host
	Cause       string     `json:"cause"`  // a part of the explanation
	Remedy      string     `json:"remedy"` // a part of the explanation
}

// TestSamples checks what is shown of the replies of real servers, and how they are explained.
func TestSamples(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "samples.json"))
	if err != nil {
		t.Fatal(err)
	}
	var samples []sample
	if err := json.Unmarshal(text, &samples); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range samples {
		if key := s.Server + s.About + s.Body; seen[key] {
			t.Errorf("twice: %s", s.Body)
		} else {
			seen[key] = true
		}
		s.check(t)
	}
}

func (s sample) check(t *testing.T) {
	t.Helper()
	reply := oauth.Reply{Host: "op", Status: s.Status, ContentType: s.ContentType, Body: []byte(s.Body)}
	if s.Kind == "" && s.Body == "" {
		return // a revocation succeeds without a body (RFC 7009 §2.2)
	}
	_, err := reply.Object()
	refused, ok := errors.AsType[*oauth.Error](err)
	if s.Kind == "" || !ok {
		if err != nil || s.Kind != "" {
			t.Errorf("%s, %s: %v", s.Server, s.Body, err)
		}
		return
	}
	shown := strings.TrimPrefix(refused.Error(), "op answered ")
	if !strings.HasPrefix(shown, s.Shown) {
		t.Errorf("%s, %s: %s\nshows %s", s.Server, s.About, s.Body, shown)
	}
	r := replies.Explain(provider.Generic(), refused, replies.Request{Login: s.About == "login", Secret: true})
	if r.Kind != s.Kind || !strings.Contains(r.Cause, s.Cause) || !strings.Contains(r.Remedy.String(), s.Remedy) {
		t.Errorf("%s, %s: %s\nis %s: %s; %s", s.Server, s.About, s.Body, r.Kind, r.Cause, r.Remedy)
	}
	for _, misleading := range aboutOthers[s.About] {
		if strings.Contains(r.Cause+"; "+r.Remedy.String(), misleading) {
			t.Errorf("%s, %s: %s\nis explained by another kind of request: %s; %s",
				s.Server, s.About, s.Body, r.Cause, r.Remedy)
		}
	}
}

// aboutOthers are words of explanations that are wrong for a kind of request.
var aboutOthers = map[string][]string{
	"login":   {"refresh token", "refresh grant", "saved access token"},
	"refresh": {"login's code", "redirect address"},
}
