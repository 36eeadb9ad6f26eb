//go:build unix

package main_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// Secrets of the test. Those that the server issues are noted when it sends them.
const (
	canarySecret   = "canary-client-secret/+<&="
	canaryPassword = "canary-proxy-password/+="
	canaryState    = "canary-state-0123456789"
)

func canaryParam(kind string) string { return "canary-" + kind + "-value/+=" }

// canaryTest runs freshet with a canary as each secret, and a server that notes all other secrets.
type canaryTest struct {
	t      *testing.T
	dir    string // with the state directory in it
	server *oauthtest.Server
	url    string
	proxy  string // its address, with the password

	mu      sync.Mutex
	secrets map[string]string   // by value, with their kinds
	echo    func(string) string // if not nil, the server refuses requests and repeats their secrets
	cut     bool                // replies end after the first write
}

func newCanaryTest(t *testing.T) *canaryTest {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &canaryTest{t: t, dir: t.TempDir(), url: "http://" + listener.Addr().String(), secrets: map[string]string{}}
	a.server = oauthtest.NewHandler(oauthtest.Config{
		ClientSecret: canarySecret, RequireSecret: true, Rotate: true, Consent: oauthtest.Allow,
		DeviceInterval: time.Second,
	}, a.url)
	front := httptest.NewUnstartedServer(a)
	front.Listener.Close()
	front.Listener = listener
	front.Start()
	t.Cleanup(front.Close)
	p := &proxy{t: t, userinfo: "ann:" + canaryPassword}
	a.proxy = "http://" + url.UserPassword("ann", canaryPassword).String() + "@" + p.listenHTTP(t)

	a.note("client secret", canarySecret)
	a.note("proxy's password", canaryPassword)
	a.note("state", canaryState)
	for _, kind := range []string{"authorize", "code", "refresh", "header"} {
		a.note(kind+" parameter", canaryParam(kind))
	}
	return a
}

func (a *canaryTest) note(what, secret string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.secrets[secret]; !known && len(secret) >= 8 {
		a.secrets[secret] = what
	}
}

// secretParameters are the secret parameters of requests, replies and redirects. access_token is
// separate, because some commands print it.
var secretParameters = []string{
	"refresh_token", "id_token", "code", "code_verifier", "state", "nonce", "device_code", "client_secret", "token",
}

// ServeHTTP notes the secrets in requests and replies. With echo it refuses the request.
func (a *canaryTest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		a.t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	for _, parameters := range []url.Values{form, r.URL.Query()} {
		for _, name := range secretParameters {
			a.note(name, parameters.Get(name))
		}
	}
	a.mu.Lock()
	echo, cut := a.echo, a.cut
	a.mu.Unlock()
	if echo != nil && r.Method == http.MethodPost || echo != nil && r.Header.Get("Authorization") != "" {
		a.repeat(w, r, form, echo)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	recorded := &recordingWriter{ResponseWriter: w, first: func() {}}
	if cut {
		recorded.first = cancel
	}
	defer func() {
		a.noteReply(recorded.body.Bytes())
		if to, err := url.Parse(w.Header().Get("Location")); err == nil {
			for _, name := range secretParameters {
				a.note(name, to.Query().Get(name))
			}
		}
	}()
	a.server.ServeHTTP(recorded, r.WithContext(ctx))
}

func (a *canaryTest) noteReply(body []byte) {
	var members map[string]any
	form, _ := url.ParseQuery(string(body))
	if json.Unmarshal(body, &members) != nil {
		members = map[string]any{}
		for name := range form {
			members[name] = form.Get(name)
		}
	}
	for _, name := range append(secretParameters, "access_token") {
		if secret, ok := members[name].(string); ok {
			a.note(name, secret)
		}
	}
}

// repeat refuses a request and repeats its secrets.
func (a *canaryTest) repeat(w http.ResponseWriter, r *http.Request, form url.Values, echo func(string) string) {
	var all []string
	for _, name := range []string{"refresh_token", "token", "code", "code_verifier", "device_code", "custom"} {
		if value := form.Get(name); value != "" {
			all = append(all, echo(value))
		}
	}
	_, secret, _ := r.BasicAuth()
	all = append(all, echo(r.Header.Get("X-Api-Key")), echo(secret), echo(r.Header.Get("Authorization")))
	text := strings.Join(all, " ")
	refusal, err := json.Marshal(map[string]string{
		"error": "no " + all[0], "error_description": text, "error_uri": "https://op.example/" + text, "scope": text,
	})
	if err != nil {
		a.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Server", text)
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write(refusal)
}

// recordingWriter keeps a copy of a reply, and calls first after each write.
type recordingWriter struct {
	http.ResponseWriter
	body  bytes.Buffer
	first func()
}

func (p *recordingWriter) Write(data []byte) (int, error) {
	p.body.Write(data)
	defer p.first()
	return p.ResponseWriter.Write(data)
}

func (p *recordingWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// found returns descriptions of the secrets in a text, in any encoding, without the kinds in
// except.
func (a *canaryTest) found(text string, except ...string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var found []string
	for secret, kind := range a.secrets {
		if slices.Contains(except, kind) {
			continue
		}
		quoted, _ := json.Marshal(secret)
		forms := []string{
			secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret),
			strings.Trim(string(quoted), `"`),
			strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3D", "%3d").Replace(url.QueryEscape(secret)),
		}
		for _, s := range []string{secret, url.QueryEscape(secret)} {
			for before := range 3 { // base64 at each offset in a group of three bytes, without the outer characters
				encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), s...))
				inner := encoded[(before*8+5)/6 : len(encoded)-2]
				forms = append(forms, inner, strings.NewReplacer("+", "-", "/", "_").Replace(inner))
			}
		}
		for _, s := range forms {
			if strings.Contains(text, s) {
				found = append(found, fmt.Sprintf("a %s as %s", kind, s))
				break
			}
		}
	}
	return found
}

func (a *canaryTest) home() string  { return filepath.Join(a.dir, "home") }
func (a *canaryTest) trace() string { return filepath.Join(a.dir, "trace.txt") }

// run runs freshet and looks for secrets in its output.
func (a *canaryTest) run(input string, args ...string) result {
	a.t.Helper()
	program, err := freshetBinary()
	if err != nil {
		a.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(a.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = a.dir
	cmd.Env = []string{
		"FRESHET_HOME=" + a.home(), "HOME=" + a.dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + a.dir,
		"CANARY_SECRET=" + canarySecret, "DISPLAY=:0", "FRESHET_BROWSER=" + filepath.Join(a.dir, "browser"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(a.dir, "nowhere"),
	}
	cmd.Stdin = strings.NewReader(input)
	got := capture(a.t, cmd)
	except := []string{}
	if args[0] == "token" || args[0] == "exec" {
		except = append(except, "access_token")
	}
	for _, secret := range a.found(got.stdout, except...) {
		a.t.Errorf("freshet %s prints %s on standard output: %s", strings.Join(args, " "), secret, got.stdout)
	}
	for _, secret := range a.found(a.withoutAddress(got.stderr)) {
		a.t.Errorf("freshet %s prints %s on standard error: %s", strings.Join(args, " "), secret, got.stderr)
	}
	return got
}

// withoutAddress removes the address that a login prints for the user to open. It must contain the
// state and the nonce.
func (a *canaryTest) withoutAddress(text string) string {
	var rest strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "  "+a.url+"/authorize?") {
			rest.WriteString(line)
		}
	}
	return rest.String()
}

// wantClean looks for secrets in the trace and in the state directory. Files that hold tokens
// according to SECURITY.md are only checked for the client secret, and connections' documents for
// secrets in the health and the history.
func (a *canaryTest) wantClean() {
	a.t.Helper()
	a.wantCleanFile(a.trace(), "")
	err := filepath.WalkDir(a.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name := strings.TrimPrefix(path, a.home()+"/")
		switch {
		case name == path: // outside of the state directory
		case strings.HasPrefix(name, "connections/") && strings.HasSuffix(name, ".json"):
			a.wantCleanDocument(path)
		case strings.HasPrefix(name, "spill/"), strings.HasPrefix(name, "connections/") &&
			(strings.HasSuffix(name, ".pending") || strings.HasSuffix(name, ".next") || strings.Contains(name,
				".lost-")):
			a.wantCleanFile(path, "client secret") // the provider's reply, or the next version
		case strings.HasPrefix(name, "secrets/"):
		default:
			a.wantCleanFile(path, "")
		}
		return nil
	})
	if err != nil {
		a.t.Error(err)
	}
}

// wantCleanFile looks for secrets of a kind in a file, or of all kinds if kind is "".
func (a *canaryTest) wantCleanFile(path, kind string) {
	a.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		a.t.Error(err)
	}
	for _, secret := range a.found(string(data)) {
		if strings.HasPrefix(secret, "a "+kind) {
			a.t.Errorf("%s holds %s", strings.TrimPrefix(path, a.dir+"/"), secret)
		}
	}
}

func (a *canaryTest) wantCleanDocument(path string) {
	a.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		a.t.Fatal(err)
	}
	var document map[string]json.RawMessage
	if err := json.Unmarshal(data, &document); err != nil {
		a.t.Fatalf("%s: %v", path, err)
	}
	for _, member := range []string{"health", "history"} {
		for _, secret := range a.found(string(document[member])) {
			a.t.Errorf("the %s in %s holds %s", member, filepath.Base(path), secret)
		}
	}
	a.wantCleanFile(path, "client secret")
}
