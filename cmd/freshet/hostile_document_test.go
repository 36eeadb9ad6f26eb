//go:build unix

package main_test

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
)

// hostileJWT returns an id_token with hostile claims.
func hostileJWT(t *testing.T) string {
	claims := object{"iss": hostile, "sub": hostile, "email": hostile, "aud": "app", "exp": 4e9, "name": hostile}
	return "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString(marshal(t, claims)) + "."
}

// tokenDocument returns a token that can be loaded, with hostile texts in all other members.
func tokenDocument(t *testing.T) object {
	return object{
		"access_token": "a1", "refresh_token": "r1", "scope": hostile, "id": hostile, "instance_url": hostile,
		"issued_at": hostile, "signature": hostile, "id_token": hostileJWT(t), "token_uri": hostile,
		"token_endpoint": hostile, "client_id": hostile, "client_secret": hostile, "expires_at": hostile,
		"expiry": hostile, "expires_in": hostile, "refresh_token_expires_in": hostile, hostile: hostile,
		"nested": object{hostile: []any{hostile}, "command": hostile}, "proxy": hostile, "credential_process": hostile,
	}
}

// connectionDocument returns the document of a connection that works with the server.
func (s *sandbox) connectionDocument() object {
	at := func(path string) string { return s.server.URL + path }
	return object{
		"name": "x", "provider": "generic", "client": object{"id": "app"}, "scopes": []any{"read"}, "parts": object{},
		"endpoints": object{
			"issuer": s.server.URL, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
			"device_authorization_endpoint": at("/device"), "revocation_endpoint": at("/revoke"),
			"introspection_endpoint": at("/introspect"), "userinfo_endpoint": at("/userinfo"), "jwks_uri": at("/keys"),
		},
		"login": object{}, "requests": object{}, "policy": object{}, "api": object{}, "redirect": object{},
		"health": object{
			"refresh_token_hash": "454349e422f05297191ead13e21d3db520e5abef52055e4964b82fb213f593a1", // of r1
			"failures":           1,
			"last_failure": object{
				"time": "2026-01-02T03:04:05Z", "kind": "misconfigured", "code": "c",
				"cause": "a cause", "remedy": "a remedy",
			},
		},
		"history": object{"entries": []any{object{
			"time": "2026-01-02T03:04:05Z", "outcome": "failed", "kind": "temporary", "code": "c", "duration_ms": 1,
		}}},
		"token": object{
			"access_token": "a1", "refresh_token": "r1", "expires_in": 3600,
			"issued_at": strconv.FormatInt(time.Now().UnixMilli(), 10),
		},
	}
}

// textPaths returns the paths of all texts that a connection's document can have. * is any name.
func textPaths() []string {
	all := strings.Fields(`name token_file saved policy.assume_ttl policy.idle_limit token.access_token
		token.refresh_token token.token_type token.scope token.id token.instance_url token.issued_at token.signature
		token.id_token token.token_uri token.token_endpoint token.client_id token.client_secret token.expires_at
		token.expiry token.expires_on token.expires_in token.refresh_token_expires_in token.refresh_token_expires_at
		token.* token.unknown.* *`)
	all = append(all, textPathsOf(reflect.TypeFor[freshet.Registration](), "")...)
	all = append(all, textPathsOf(reflect.TypeFor[freshet.Health](), "health.")...)
	all = append(all, textPathsOf(reflect.TypeFor[freshet.History](), "history.")...)
	return append(all, textPathsOf(reflect.TypeFor[freshet.Pending](), "pending_login.")...)
}

// textPathsOf returns the paths of the texts in the JSON of a type.
func textPathsOf(t reflect.Type, at string) (all []string) {
	if strings.Count(at, ".") > 6 {
		return nil // a login within a login, and so on
	}
	switch {
	case t == reflect.TypeFor[time.Time]() || t.Kind() == reflect.String:
		return []string{strings.TrimSuffix(at, ".")}
	case t.Kind() == reflect.Pointer:
		return textPathsOf(t.Elem(), at)
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		return textPathsOf(t.Elem(), at+"0.")
	case t.Kind() == reflect.Map:
		return append(textPathsOf(t.Elem(), at+"host."), textPathsOf(t.Elem(), at+"*.")...)
	case t.Kind() == reflect.Struct:
		for field := range t.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			switch {
			case field.Anonymous:
				all = append(all, textPathsOf(field.Type, at)...)
			case name != "" && name != "-":
				all = append(all, textPathsOf(field.Type, at+name+".")...)
			}
		}
	}
	return all
}

// Each path has a document of its own, because an error about one would hide the others.
func TestNothingHostileInAConnectionIsPrinted(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.answer = hostileAnswers(t)["a refusal"]
	paths := textPaths()
	if len(paths) < 100 {
		t.Fatalf("only %d paths", len(paths))
	}
	for i, path := range paths {
		name := fmt.Sprintf("c%d", i)
		document := s.connectionDocument()
		document["name"] = name
		s.write(t, "home/connections/"+name+".json", withHostile(document, strings.Split(path, ".")))
	}
	for _, all := range [][]string{
		{"status"},
		{"status", "--json"},
		{"status", "--within", "3000d"},
		{"doctor", "--offline"},
		{"doctor", "--offline", "--json"},
		{"__complete", "token", ""},
	} {
		s.run(t, all...)
	}
	for i, path := range paths {
		t.Run(path, func(t *testing.T) {
			name := fmt.Sprintf("c%d", i)
			for _, args := range [][]string{
				{"status", name},
				{"status", name, "--json"},
				{"token", name, "--auth-header"},
				{"token", name, "--json"},
				{"refresh", name, "--dry-run"},
				{"refresh", name, "--dry-run", "--json"},
				{"exec", name, "--", "env"},
				{"login", name, "--paste", "--state", "s"},
				{"logout", name, "--yes"},
			} {
				got := s.run(t, args...)
				wantNoForgedHeader(t, args, got)
			}
		})
	}
}

// wantNoForgedHeader checks the Authorization header in the output. A line break would add a
// header.
func wantNoForgedHeader(t *testing.T, args []string, got result) {
	t.Helper()
	if got.code != 0 {
		return
	}
	switch args[0] {
	case "token":
		if args[2] == "--auth-header" &&
			(strings.Count(got.stdout, "\n") != 1 || strings.Contains(got.stdout, "\r")) {
			t.Errorf("%q: %q", args, got.stdout)
		}
	case "exec":
		_, after, _ := strings.Cut(got.stdout, "FRESHET_AUTHORIZATION=")
		// A definition that makes a header with control characters makes none.
		if line, _, _ := strings.Cut(after, "\n"); after != "" && line != "Bearer a1" && line != "Bearer a2" {
			t.Errorf("%q: FRESHET_AUTHORIZATION is %q", args, line)
		}
	}
}
