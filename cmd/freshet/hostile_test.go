//go:build unix

package main_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/cli"
)

// hostile is what nothing that others wrote may bring to a terminal: escape sequences in both spellings, a bell, line breaks with a
// line that looks like ours, and characters that turn the order of others around or cannot be seen.
const hostile = "a\x1b[2J\x1b]0;t\a\r\nfreshet: forged\x7f\u0080\u009b31m\u202eb\u2066c\u200b\u2028\ufeff\U000e0041d"

// hostileFile is a name for a file; bytes that are no UTF-8 are possible only there.
const hostileFile = "a\x1b[2J\a\r\nfreshet: forged\u009b31m\x9b31m\u202eb\u2066\u200b.json"

// hostileHeader is what can stand in a header.
const hostileHeader = "a\u009b31m\u202eb\u2066\u200b"

// wantPrintable fails if the output has anything that does not print. Tabs are in the scripts for shells.
func wantPrintable(t *testing.T, command []string, what, output string, tabs bool) {
	t.Helper()
	for i, r := range output {
		_, size := utf8.DecodeRuneInString(output[i:])
		switch {
		case r == '\n' || r == '\t' && tabs:
		case r == utf8.RuneError && size == 1, unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Bidi_Control, r), !unicode.IsPrint(r):
			t.Errorf("%q: %U in %s: %q", command, r, what, output[max(0, i-200):min(len(output), i+80)])
			return
		}
	}
	if strings.HasPrefix(output, "freshet: forged") || strings.Contains(output, "\nfreshet: forged") {
		t.Errorf("%q: a line of its own in %s: %q", command, what, output)
	}
}

// stage is where commands run: a home of their own, and a server that answers as a test says.
type stage struct {
	dir    string
	server *httptest.Server
	answer func(w http.ResponseWriter, path string)
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{dir: t.TempDir(), answer: func(w http.ResponseWriter, _ string) { http.Error(w, "{}", http.StatusBadRequest) }}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		s.answer(w, r.URL.Path)
	}))
	t.Cleanup(s.server.Close)
	for _, dir := range []string{"home/connections", "config/freshet/providers", "tmp"} {
		if err := os.MkdirAll(filepath.Join(s.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// run runs freshet, and fails if its output has what does not print.
func (s *stage) run(t *testing.T, args ...string) ended {
	t.Helper()
	path, err := freshetBinary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = s.dir
	cmd.Env = []string{
		"FRESHET_HOME=" + filepath.Join(s.dir, "home"), "XDG_CONFIG_HOME=" + filepath.Join(s.dir, "config"),
		"HOME=" + s.dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + filepath.Join(s.dir, "tmp"),
	}
	cmd.Stdin = strings.NewReader("http://127.0.0.1/callback?state=s&error=" + queryOf(hostile) + "&error_description=" + queryOf(hostile) + "\n")
	got := capture(t, cmd)
	isScript := args[0] == "completion" || args[0] == "__complete"
	if !(args[0] == "exec" && got.code == 0) { // its output is the command's
		wantPrintable(t, args, "standard output", got.stdout, isScript)
	}
	wantPrintable(t, args, "standard error", got.stderr, false)
	return got
}

func queryOf(s string) string {
	var escaped strings.Builder
	for _, b := range []byte(s) {
		fmt.Fprintf(&escaped, "%%%02x", b)
	}
	return escaped.String()
}

func (s *stage) write(t *testing.T, name string, value any) string {
	t.Helper()
	data, isText := value.([]byte)
	if !isText {
		data = inJSON(t, value)
	}
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// inJSON leaves everything as it is that JSON lets stand.
func inJSON(t *testing.T, value any) []byte {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type object = map[string]any

// hostileJWT is an id_token whose claims are hostile.
func hostileJWT(t *testing.T) string {
	claims := object{"iss": hostile, "sub": hostile, "email": hostile, "aud": "app", "exp": 4e9, "name": hostile}
	return "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString(inJSON(t, claims)) + "."
}

// tokenDocument is one that can be loaded, with as much hostile in it as one can have.
func tokenDocument(t *testing.T) object {
	return object{
		"access_token": "a1", "refresh_token": "r1", "scope": hostile, "id": hostile, "instance_url": hostile, "issued_at": hostile,
		"signature": hostile, "id_token": hostileJWT(t), "token_uri": hostile, "token_endpoint": hostile, "client_id": hostile,
		"client_secret": hostile, "expires_at": hostile, "expiry": hostile, "expires_in": hostile, "refresh_token_expires_in": hostile,
		hostile: hostile, "nested": object{hostile: []any{hostile}, "command": hostile}, "proxy": hostile, "credential_process": hostile,
	}
}

// connectionDocument is one of a connection that works, with a server that answers everything.
func (s *stage) connectionDocument() object {
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
			"failures":           1, "last_failure": object{"time": "2026-01-02T03:04:05Z", "kind": "misconfigured", "code": "c", "cause": "a cause", "remedy": "a remedy"},
		},
		"history": object{"entries": []any{object{"time": "2026-01-02T03:04:05Z", "outcome": "failed", "kind": "temporary", "code": "c", "duration_ms": 1}}},
		"token":   object{"access_token": "a1", "refresh_token": "r1", "expires_in": 3600, "issued_at": strconv.FormatInt(time.Now().UnixMilli(), 10)},
	}
}

// leaves are the places in a connection's document where a text can stand, whether it does or not; * stands for any name.
func leaves() []string {
	all := strings.Fields(`name token_file saved policy.assume_ttl policy.idle_limit token.access_token token.refresh_token token.token_type
		token.scope token.id token.instance_url token.issued_at token.signature token.id_token token.token_uri token.token_endpoint
		token.client_id token.client_secret token.expires_at token.expiry token.expires_on token.expires_in token.refresh_token_expires_in
		token.refresh_token_expires_at token.* token.unknown.* *`)
	all = append(all, leavesOf(reflect.TypeFor[freshet.Registration](), "")...)
	all = append(all, leavesOf(reflect.TypeFor[freshet.Health](), "health.")...)
	all = append(all, leavesOf(reflect.TypeFor[freshet.History](), "history.")...)
	return append(all, leavesOf(reflect.TypeFor[freshet.Pending](), "pending_login.")...)
}

// leavesOf are those of a type as JSON has it.
func leavesOf(t reflect.Type, at string) (all []string) {
	if strings.Count(at, ".") > 6 {
		return nil // a login within a login, and so on
	}
	switch {
	case t == reflect.TypeFor[time.Time]() || t.Kind() == reflect.String:
		return []string{strings.TrimSuffix(at, ".")}
	case t.Kind() == reflect.Pointer:
		return leavesOf(t.Elem(), at)
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		return leavesOf(t.Elem(), at+"0.")
	case t.Kind() == reflect.Map:
		return append(leavesOf(t.Elem(), at+"host."), leavesOf(t.Elem(), at+"*.")...)
	case t.Kind() == reflect.Struct:
		for field := range t.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			switch {
			case field.Anonymous:
				all = append(all, leavesOf(field.Type, at)...)
			case name != "" && name != "-":
				all = append(all, leavesOf(field.Type, at+name+".")...)
			}
		}
	}
	return all
}

// with sets a place to the hostile text; * is a member whose name is hostile, too.
func with(value any, path []string) any {
	if len(path) == 0 {
		return hostile
	}
	name := path[0]
	if _, err := strconv.Atoi(name); err == nil {
		list, _ := value.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		return []any{with(list[0], path[1:])}
	}
	members, _ := value.(object)
	copied := object{}
	for name, member := range members {
		copied[name] = member
	}
	if name == "*" {
		name = hostile
	}
	copied[name] = with(copied[name], path[1:])
	return copied
}

// Each place on its own, because one that is refused hides the others.
func TestNothingHostileInAConnectionIsPrinted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.answer = hostileAnswers(t)["a refusal"]
	leaves := leaves()
	if len(leaves) < 100 {
		t.Fatalf("a document has %d places", len(leaves))
	}
	for i, leaf := range leaves {
		name := fmt.Sprintf("c%d", i)
		document := s.connectionDocument()
		document["name"] = name
		s.write(t, "home/connections/"+name+".json", with(document, strings.Split(leaf, ".")))
	}
	for _, all := range [][]string{
		{"status"}, {"status", "--json"}, {"status", "--within", "3000d"}, {"doctor", "--offline"}, {"doctor", "--offline", "--json"},
		{"__complete", "token", ""},
	} {
		s.run(t, all...)
	}
	for i, leaf := range leaves {
		t.Run(leaf, func(t *testing.T) {
			name := fmt.Sprintf("c%d", i)
			for _, args := range [][]string{
				{"status", name}, {"status", name, "--json"}, {"token", name, "--auth-header"}, {"token", name, "--json"}, {"refresh", name, "--dry-run"},
				{"refresh", name, "--dry-run", "--json"}, {"exec", name, "--", "env"}, {"login", name, "--paste", "--state", "s"}, {"logout", name, "--yes"},
			} {
				got := s.run(t, args...)
				wantNoForgedHeader(t, args, got)
			}
		})
	}
}

// wantNoForgedHeader looks at what may carry the token: a line break in it would be another header.
func wantNoForgedHeader(t *testing.T, args []string, got ended) {
	t.Helper()
	if got.code != 0 {
		return
	}
	switch args[0] {
	case "token":
		if args[2] == "--auth-header" && (strings.Count(got.stdout, "\n") != 1 || strings.Contains(got.stdout, "\r")) {
			t.Errorf("%q: %q", args, got.stdout)
		}
	case "exec":
		_, after, _ := strings.Cut(got.stdout, "FRESHET_AUTHORIZATION=")
		if line, _, _ := strings.Cut(after, "\n"); line != "Bearer a1" && line != "Bearer a2" {
			t.Errorf("%q: FRESHET_AUTHORIZATION is %q", args, line)
		}
	}
}

// hostileAnswers are what a server may say, wherever it is asked.
func hostileAnswers(t *testing.T) map[string]func(w http.ResponseWriter, path string) {
	t.Helper()
	jwt := hostileJWT(t)
	send := func(status int, value any) func(http.ResponseWriter, string) {
		body, isText := value.([]byte)
		if !isText {
			body = inJSON(t, value)
		}
		return func(w http.ResponseWriter, _ string) {
			w.Header()["Content-Type"] = []string{"application/json; x=" + hostileHeader}
			w.WriteHeader(status)
			_, _ = w.Write(body)
		}
	}
	good := func(more object) object {
		reply := object{"access_token": "a2", "refresh_token": "r2"}
		for name, value := range more {
			reply[name] = value
		}
		return reply
	}
	everything := object{hostile: hostile}
	for _, name := range strings.Fields(`sub name given_name preferred_username email upn hd zoneinfo locale user_id organization_id username
		display_name user_type language timezone active scope client_id token_type aud iss iat nbf exp user_code device_code
		verification_uri verification_uri_complete issuer authorization_endpoint token_endpoint jwks_uri`) {
		everything[name] = hostile
	}
	device := object{"device_code": "d", "user_code": hostile, "verification_uri": "https://op.example/" + hostile, "verification_uri_complete": hostile, "interval": 1, "expires_in": 2}
	refusal := send(400, object{"error": hostile, "error_description": hostile, "error_uri": hostile})
	return map[string]func(http.ResponseWriter, string){
		"a refusal":         refusal,
		"a known refusal":   send(400, object{"error": "invalid_grant", "error_description": hostile}),
		"bytes":             send(400, []byte("{\"error\":\"e\x9b31m\",\"error_description\":\"\x9b31m\x85\xc2\"}")),
		"a form":            send(400, []byte("error="+queryOf(hostile)+"&error_description="+queryOf(hostile))),
		"an error as 200":   send(200, object{"error": hostile, "error_description": hostile}),
		"a hostile token":   send(200, good(object{"access_token": "a" + hostile})),
		"a hostile type":    send(200, good(object{"token_type": hostile})),
		"hostile members":   send(200, good(object{"id_token": jwt, "x": hostile, hostile: hostile, "issued_at": hostile, "expires_in": hostile, "signature": hostile})),
		"a hostile scope":   send(200, good(object{"scope": hostileHeader, "id": hostileHeader, "instance_url": "https://" + hostileHeader})),
		"every member":      send(200, everything),
		"members, as bytes": send(200, []byte("{\"active\":true,\"sub\":\"\x9b31m\x85\",\"username\":\"\x9b\",\"email\":\"\x9b\"}")),
		"a page":            send(200, []byte("<html>"+hostile)),
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
			_, _ = out.WriteString("HTTP/1.1 400 a\x1b[2J\u009b31m\u202e\r\nRetry-After: \x1b[2J\u009b\r\nX-\u202e: \x1b[2J\r\nContent-Length: 0\r\n\r\n")
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
			s := newStage(t)
			s.answer = answer
			at := func(path string) string { return s.server.URL + path }
			document := s.connectionDocument()
			document["name"] = "acme"
			file := s.write(t, "files"+hostileFile+"/"+hostileFile, tokenDocument(t))
			who := []string{"--client-id", "app", "--token-url", at("/token")}
			for _, args := range [][]string{
				append([]string{"refresh", file, "--timeout", "450ms"}, who...),
				append([]string{"refresh", file, "--timeout", "450ms", "--json", "--force"}, who...),
				append([]string{"refresh", file, "--timeout", "450ms", "--trace", "-", "--force"}, who...),
				append([]string{"token", file, "--timeout", "450ms", "--min-ttl", "2h"}, who...),
				append([]string{"exec", file, "--timeout", "450ms", "--min-ttl", "2h"}, append(who, "--", "env")...),
				{"status", file}, {"status", file, "--json"},
				append([]string{"doctor", file}, who...), append([]string{"doctor", file, "--json"}, who...),
				append([]string{"whoami", file, "--userinfo-url", at("/userinfo")}, who...),
				append([]string{"introspect", file, "--introspection-url", at("/introspect")}, who...),
				append([]string{"revoke", file, "--revocation-url", at("/revoke"), "--json"}, who...),
				{"refresh", "acme", "--timeout", "450ms"}, {"refresh", "--all", "--timeout", "450ms"}, {"refresh", "--all", "--json", "--timeout", "450ms"},
				{"whoami", "acme", "--timeout", "450ms"}, {"whoami", "acme", "--json", "--timeout", "450ms"},
				{"introspect", "acme"}, {"introspect", "acme", "--json"}, {"revoke", "acme"}, {"status", "acme"}, {"status", "acme", "--json"},
				{"doctor", "acme"}, {"doctor", "acme", "--json"}, {"status", "--within", "3000d"},
				{"login", "acme", "--device", "--timeout", "5s"}, {"login", "acme", "--device", "--json", "--timeout", "5s"},
				{"login", "other", "--issuer", s.server.URL, "--client-id", "app", "--paste"}, {"logout", "acme", "--revoke", "--yes"},
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

// rows are, for each command, arguments with hostile texts. {file} is a token file with a hostile name, {conn} a connection.
var rows = map[string][][]string{
	"login": {
		{hostile}, {"new", "--issuer", hostile, "--client-id", "c"}, {"new", "--provider", hostile}, {"new", "--token-url", "https://" + hostile, "--authorize-url", hostile, "--client-id", hostile},
		{"{conn}", "--paste", "--state", "s"}, {"{conn}", "--paste", "--state", "s", "--json"}, {"{conn}", "--listen-host", hostile, "--no-browser"}, {"{conn}", "--port", hostile, "--no-browser"},
		{"{conn}", "--redirect-uri", hostile, "--no-browser"}, {"{conn}", "--callback-url", hostile}, {"{conn}", "--pkce", hostile}, {"{conn}", "--response-type", hostile},
		{"{conn}", "--response-mode", hostile, "--no-browser", "--timeout", "300ms"}, {"{conn}", "--token-file", "{file}"}, {"{conn}", "--client-secret-from", hostile}, {"{conn}", "--client-secret-from", "file:" + hostile},
		{"{conn}", "--allow-page", hostile, "--no-browser"}, {"microsoft", "--part", hostile + "=x", "--client-id", "c"}, {"microsoft", "--part", "tenant=" + hostile, "--client-id", "c"},
		{"new", "--name", hostile}, {"new.json"}, {"{file}"}, {"{conn}", "--" + hostile},
	},
	"set": {
		{"{conn}", "--scope", hostile}, {"{conn}", "--client-id", hostile}, {"{conn}", "--proxy", hostile}, {"{conn}", "--client-secret-from", "env:" + hostile}, {hostile, "--scope", "x"},
		{"{conn}", "--refresh-param", hostile}, {"{conn}", "--token-url", "https://" + hostile}, {"{conn}", "--part", "a=" + hostile}, {"{file}", "--scope", "x"}, {"{conn}", "--ca-file", hostile},
		{"{conn}", "--assume-ttl", hostile}, {"{conn}", "--redirect-uri", hostile},
	},
	"import": {
		{"i1", "{file}"}, {"i2", "{file}", "--json"}, {"i3", "{file}", "--in-place"}, {"i3", "{file}", "--replace", "--client-id", hostile}, {hostile, "{file}"}, {"i4", hostile}, {"i5", "-"},
		{"{conn}", "{file}"}, {"i7", "{file}", "--provider", hostile}, {"i8", "broken.json"}, {"i9", "{file}", "--token-url", hostile},
	},
	"secret":      {{hostile}, {"good", "--remove"}, {"good", hostile}, {"good"}},
	"refresh":     {{hostile}, {"{file}", "--client-id", hostile, "--dry-run"}, {"{file}", "--dry-run", "--json"}, {"{conn}", "--dry-run"}, {"missing" + hostileFile}, {"{dir}"}, {"broken.json"}, {"{file}", "--trace", hostile + "/x"}, {"{file}", "--auth", hostile}, {"{file}", "--client-secret-file", hostile}},
	"token":       {{hostile}, {"{file}"}, {"{file}", "--json"}, {"{file}", "--auth-header"}, {"{file}", "--rejected", hostile}, {"{conn}", "--timeout", hostile}, {"broken.json"}, {"type.json", "--auth-header"}},
	"exec":        {{hostile, "--", "true"}, {"{file}", "--", hostile}, {"{file}", "--", "./" + hostileFile}, {"{conn}", "--", "env"}, {"type.json", "--", "env"}},
	"status":      {{}, {"--json"}, {hostile}, {"{file}"}, {"{file}", "--json"}, {"{conn}"}, {"{conn}", "--json"}, {"{file}", "{conn}", "missing.json"}, {"--within", hostile}, {"broken.json"}, {"{dir}"}},
	"doctor":      {{"--offline"}, {"--offline", "--json"}, {hostile}, {"{file}", "--offline"}, {"{file}", "--offline", "--json"}, {"{conn}", "--offline"}, {"broken.json"}, {"missing" + hostileFile}, {"{file}", "--token-url", "https://" + hostile}, {"{link}", "--offline"}},
	"whoami":      {{hostile}, {"{file}", "--client-id", hostile, "--timeout", "450ms"}, {"{conn}", "--userinfo-url", hostile}, {"{file}", "--userinfo-url", hostile}},
	"introspect":  {{hostile}, {"{file}"}, {"{file}", "--introspection-url", hostile, "--client-id", "c"}, {"{conn}"}},
	"revoke":      {{hostile}, {"{file}"}, {"{file}", "--revocation-url", hostile, "--client-id", "c"}, {"{conn}", "--json"}},
	"logout":      {{hostile}, {"{file}"}, {"{conn}"}, {"missing"}, {"c-history", "--yes"}},
	"testserver":  {{"--addr", hostile}, {"--provider", hostile}, {"--consent", hostile}, {"--fault", hostile}, {"--write-token", "{file}"}, {"--write-token", hostile + "/x"}, {hostile}, {"--ttl", hostile}},
	"demo":        {{hostile}, {}},
	"version":     {{}, {hostile}},
	"completion":  {{"bash"}, {"zsh"}, {"fish"}, {"powershell"}, {hostile}},
	"environment": {{}},
	"providers": {
		{}, {"--json"}, {hostile}, {"mine"}, {"mine", "--json"}, {"broken"}, {"./" + hostileFile}, {"./config/freshet/providers/broken.json"},
	},
	"help": {{hostile}, {"token"}},
}

// A command without a row fails: what it prints has not been looked at.
func TestNothingHostileIsPrintedByAnyCommand(t *testing.T) {
	t.Parallel()
	root := cli.Command()
	root.InitDefaultHelpCmd()
	known := map[string]bool{}
	for _, command := range root.Commands() {
		known[command.Name()] = true
		if rows[command.Name()] == nil {
			t.Errorf("the command %s has no row in this test", command.Name())
		}
	}
	for command, all := range rows {
		if !known[command] {
			t.Errorf("there is no command %s", command)
		}
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.answer = hostileAnswers(t)["a refusal"]
			for _, args := range all {
				s.run(t, s.filled(t, append([]string{command}, args...))...)
			}
		})
	}
	s := newStage(t)
	for _, args := range [][]string{{hostile}, {"--" + hostile}, {hostileFile}, {"__complete", "token", hostile}, {"__complete", "status", ""}} {
		s.run(t, args...)
	}
}

// filled puts the files in place, and their names into the arguments.
func (s *stage) filled(t *testing.T, args []string) []string {
	t.Helper()
	document := s.connectionDocument()
	document["name"], document["token"], document["redirect"], document["scopes"] = "acme", tokenDocument(t), object{hostile: hostile}, []any{hostile}
	s.write(t, "home/connections/acme.json", document)
	document["name"] = "c-history"
	s.write(t, "home/connections/c-history.json", document)
	s.write(t, "home/connections/"+hostileFile, document)
	file := s.write(t, "files"+hostileFile+"/"+hostileFile, tokenDocument(t))
	s.write(t, "files"+hostileFile+"/"+hostileFile+".lost-1", []byte("x"))
	s.write(t, "broken.json", []byte("{\"access_token\": "+hostile))
	s.write(t, "type.json", object{"access_token": "a1", "token_type": hostile})
	s.write(t, hostileFile, []byte(`{"name": "`+hostileHeader+`", "title": "x"}`))
	s.write(t, "config/freshet/providers/mine.json", hostileProvider())
	s.write(t, "config/freshet/providers/broken.json", object{hostile: hostile})
	link := filepath.Join(s.dir, "link.json")
	if err := os.Symlink(hostileFile+"/nowhere"+hostileFile, link); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	filled := make([]string, len(args))
	for i, arg := range args {
		filled[i] = strings.NewReplacer("{file}", file, "{conn}", "acme", "{dir}", filepath.Dir(file)+"/", "{link}", link).Replace(arg)
	}
	return filled
}

func hostileProvider() object {
	return object{
		"name": "mine", "title": hostile, "notes": []any{hostile}, "documentation": []any{"https://op.example/" + hostileHeader},
		"unofficial": object{"title": hostile}, "hosts": []any{"op.example"}, "issuer": "https://op.example",
		"endpoints": object{"token_endpoint": "https://op.example/{p}/token"}, "parts": object{"p": object{"hint": hostile, "default": "d"}},
		"client": object{"hint": hostile}, "login": object{"hint": hostile, "scopes": []any{hostile}, "refresh_scope": hostile, "params": object{hostile: hostile}},
		"reply": object{"members": object{hostile: hostile}, "harmless": []any{hostile}}, "refresh": object{"grant_type": hostile, "parameter": hostile, "params": object{hostile: hostile}},
		"exchange": object{"params": object{hostile: hostile}}, "api": object{"rejections": []any{object{"status": 400, "text": hostile}}},
		"errors": []any{object{"code": hostile, "text": "x" + hostileHeader, "kind": "temporary", "cause": "a" + hostile, "remedy": "b" + hostile}},
	}
}

// Each place of a provider's file on its own, because one that is refused hides the others.
func TestNothingHostileInAProvidersFileIsPrinted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	base := object{
		"name": "p", "title": "P", "hosts": []any{"op.example"}, "endpoints": object{"token_endpoint": "https://op.example/{x}/token"},
		"parts":  object{"x": object{"hint": "h"}},
		"errors": []any{object{"code": "c", "text": "t", "kind": "temporary", "cause": "a cause", "remedy": "a remedy"}},
	}
	places := strings.Fields(`name title documentation.0 notes.0 unofficial.title unofficial.* hosts.0 parts.*.hint parts.x.hint parts.x.default parts.x.values.0
		parts.x.redirect parts.x.clouds.0.values.0 parts.x.clouds.0.api_hosts.0 parts.x.clouds.0.endpoints.userinfo_endpoint issuer
		endpoints.authorization_endpoint endpoints.token_endpoint endpoints.userinfo_endpoint endpoints.* identity.member identity.path_prefix
		identity.orgs.0.login client.auth client.id_pattern client.hint login.scopes.0 login.scope_separator login.refresh_scope login.params.*
		login.redirect login.redirect_uri login.pkce login.hint exchange.params.* refresh.method refresh.format refresh.grant_type
		refresh.parameter refresh.params.* access_token.lifetime access_token.variables.0 refresh_token.rotation refresh_token.grace
		refresh_token.* reply.members.* reply.harmless.0 api.hosts.0 api.base api.members.0 api.rejections.0.text api.header api.scheme
		errors.0.code errors.0.text errors.0.kind errors.0.cause errors.0.remedy *`)
	for i, place := range places {
		name := fmt.Sprintf("p%d", i)
		file := with(base, strings.Split(place, ".")).(object)
		if place != "name" {
			file["name"] = name
		}
		s.write(t, "config/freshet/providers/"+name+".json", file)
		t.Run(place, func(t *testing.T) {
			s.run(t, "providers", name)
			s.run(t, "providers", "config/freshet/providers/"+name+".json", "--json")
		})
	}
	s.run(t, "providers")
	s.run(t, "providers", "--json")
}
