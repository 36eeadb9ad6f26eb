package keyring

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// server is an authorization server that requires a client secret. During a refresh it checks every
// process of this machine.
type server struct {
	*oauthtest.Server
}

// newServer returns a server for refreshes by program. No process may have the secret in its arguments or
// its environment.
func newServer(t *testing.T, program, secret string) server {
	t.Helper()
	listening := httptest.NewUnstartedServer(nil)
	s := oauthtest.NewHandler(oauthtest.Config{ClientSecret: secret, RequireSecret: true, Rotate: true},
		"http://"+listening.Listener.Addr().String())
	listening.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The caller and its child process.
		if running := processes(t, program, secret); running < 2 {
			t.Errorf("%d processes of %s during a refresh", running, program)
		}
		s.ServeHTTP(w, r)
	})
	listening.Start()
	t.Cleanup(listening.Close)
	return server{s}
}

// processes counts the processes of program, and reports those that show the secret.
func processes(t *testing.T, program, secret string) (count int) {
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Error(err)
	}
	for _, process := range all {
		arguments, _ := os.ReadFile(filepath.Join(process, "cmdline")) // empty if it has ended
		environment, _ := os.ReadFile(filepath.Join(process, "environ"))
		if bytes.HasPrefix(arguments, []byte(program+"\x00")) {
			count++
		}
		if bytes.Contains(arguments, []byte(secret)) || bytes.Contains(environment, []byte(secret)) {
			t.Errorf("%s shows the client secret: %q", process, arguments)
		}
	}
	return count
}

// document writes a token to a file and returns its path.
func (s server) document(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "t.json")
	if err := os.WriteFile(path, s.Document(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// client returns the flags for the client and the token endpoint.
func (s server) client(secretFrom string) []string {
	return []string{"--client-id", s.ClientID(), "--token-url", s.TokenEndpoint(), "--client-secret-from", secretFrom}
}
