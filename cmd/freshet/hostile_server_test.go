//go:build unix

package main_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
)

// hostileHeader has the hostile characters that a header can have.
const hostileHeader = "a\u009b31m\u202eb\u2066\u200b"

// hostileAnswers returns handlers for all endpoints of a server.
func hostileAnswers(t *testing.T) map[string]func(w http.ResponseWriter, path string) {
	t.Helper()
	jwt := hostileJWT(t)
	send := func(status int, value any) func(http.ResponseWriter, string) {
		body, isText := value.([]byte)
		if !isText {
			body = marshal(t, value)
		}
		return func(w http.ResponseWriter, _ string) {
			w.Header()["Content-Type"] = []string{"application/json; x=" + hostileHeader}
			w.WriteHeader(status)
			_, _ = w.Write(body)
		}
	}
	good := func(more object) object {
		reply := object{"access_token": "a2", "refresh_token": "r2"}
		maps.Copy(reply, more)
		return reply
	}
	everything := object{hostile: hostile}
	for _, name := range strings.Fields(`sub name given_name preferred_username email upn hd zoneinfo locale user_id
		organization_id username display_name user_type language timezone active scope
		client_id token_type aud iss iat nbf exp user_code device_code verification_uri
		verification_uri_complete issuer authorization_endpoint token_endpoint jwks_uri`) {
		everything[name] = hostile
	}
	device := object{
		"device_code": "d", "user_code": hostile, "verification_uri": "https://op.example/" + hostile,
		"verification_uri_complete": hostile, "interval": 1, "expires_in": 2,
	}
	refusal := send(400, object{"error": hostile, "error_description": hostile, "error_uri": hostile})
	return map[string]func(http.ResponseWriter, string){
		"a refusal":       refusal,
		"a known refusal": send(400, object{"error": "invalid_grant", "error_description": hostile}),
		"bytes":           send(400, []byte("{\"error\":\"e\x9b31m\",\"error_description\":\"\x9b31m\x85\xc2\"}")),
		"a form": send(400,
			[]byte("error="+percentEncode(hostile)+"&error_description="+percentEncode(hostile))),
		"an error as 200": send(200, object{"error": hostile, "error_description": hostile}),
		"a hostile token": send(200, good(object{"access_token": "a" + hostile})),
		"a hostile type":  send(200, good(object{"token_type": hostile})),
		"hostile members": send(200, good(object{
			"id_token": jwt, "x": hostile, hostile: hostile, "issued_at": hostile,
			"expires_in": hostile, "signature": hostile,
		})),
		"a hostile scope": send(200, good(object{
			"scope": hostileHeader, "id": hostileHeader, "instance_url": "https://" + hostileHeader,
		})),
		"every member": send(200, everything),
		"members, as bytes": send(200,
			[]byte("{\"active\":true,\"sub\":\"\x9b31m\x85\",\"username\":\"\x9b\",\"email\":\"\x9b\"}")),
		"a page": send(200, []byte("<html>"+hostile)),
		"a redirect": func(w http.ResponseWriter, _ string) {
			w.Header()["Location"] = []string{"https://" + hostileHeader + ".example/" + hostileHeader}
			w.WriteHeader(http.StatusFound)
		},
		"a status": func(w http.ResponseWriter, _ string) {
			conn, out, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = out.WriteString("HTTP/1.1 400 a\x1b[2J\u009b31m\u202e\r\nRetry-After: \x1b[2J\u009b\r\n" +
				"X-\u202e: \x1b[2J\r\nContent-Length: 0\r\n\r\n")
			_ = out.Flush()
		},
		"no HTTP": func(w http.ResponseWriter, _ string) {
			conn, out, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = out.WriteString(hostile + "\x9b31m\r\n\r\n")
			_ = out.Flush()
		},
		"a device's code": func(w http.ResponseWriter, path string) {
			if path == "/device" {
				send(200, device)(w, path)
			} else {
				refusal(w, path)
			}
		},
	}
}

func TestNothingHostileFromAServerIsPrinted(t *testing.T) {
	t.Parallel()
	for name, answer := range hostileAnswers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t)
			s.answer = answer
			at := func(path string) string { return s.server.URL + path }
			document := s.connectionDocument()
			document["name"] = "acme"
			file := s.write(t, "files"+hostileFile+"/"+hostileFile, tokenDocument(t))
			client := []string{"--client-id", "app", "--token-url", at("/token")}
			for _, args := range [][]string{
				append([]string{"refresh", file, "--timeout", "450ms"}, client...),
				append([]string{"refresh", file, "--timeout", "450ms", "--json", "--force"}, client...),
				append([]string{"refresh", file, "--timeout", "450ms", "--trace", "-", "--force"}, client...),
				append([]string{"token", file, "--timeout", "450ms", "--min-ttl", "2h"}, client...),
				append([]string{"exec", file, "--timeout", "450ms", "--min-ttl", "2h"}, append(client, "--", "env")...),
				{"status", file},
				{"status", file, "--json"},
				append([]string{"doctor", file}, client...), append([]string{"doctor", file, "--json"}, client...),
				append([]string{"whoami", file, "--userinfo-url", at("/userinfo")}, client...),
				append([]string{"introspect", file, "--introspection-url", at("/introspect")}, client...),
				append([]string{"revoke", file, "--revocation-url", at("/revoke"), "--json"}, client...),
				{"refresh", "acme", "--timeout", "450ms"},
				{"refresh", "--all", "--timeout", "450ms"},
				{"refresh", "--all", "--json", "--timeout", "450ms"},
				{"whoami", "acme", "--timeout", "450ms"},
				{"whoami", "acme", "--json", "--timeout", "450ms"},
				{"introspect", "acme"},
				{"introspect", "acme", "--json"},
				{"revoke", "acme"},
				{"status", "acme"},
				{"status", "acme", "--json"},
				{"doctor", "acme"},
				{"doctor", "acme", "--json"},
				{"status", "--within", "3000d"},
				{"login", "acme", "--device", "--timeout", "5s"},
				{"login", "acme", "--device", "--json", "--timeout", "5s"},
				{"login", "other", "--issuer", s.server.URL, "--client-id", "app", "--paste"},
				{"logout", "acme", "--revoke", "--yes"},
			} {
				if args[1] == "acme" || args[1] == "--all" {
					s.write(t, "home/connections/acme.json", document)
				}
				got := s.run(t, args...)
				if args[0] == "exec" {
					wantNoForgedHeader(t, args, got)
				}
			}
		})
	}
}
