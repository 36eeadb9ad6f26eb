package main_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// In the tests with two users, otherUser has a token in a directory that nobody can write. Root refreshes it, too.

func credential(uid uint32) *syscall.Credential {
	return &syscall.Credential{Uid: uid, Gid: uid, NoSetGroups: true}
}

// shared is a token that its owner, or root, refreshes while another user attacks.
type shared struct {
	*saved
	victim string // a file of root's that nothing may change
	marker string // that a planted command would make
	target string // of the commands: the path, or the name of root's connection
	evil   string // an endpoint that must never be asked
}

// newShared makes the token expired, so that every command refreshes it.
func newShared(t *testing.T, cfg oauthtest.Config) *shared {
	t.Helper()
	dir := openDir(t)
	root := filepath.Dir(dir)
	cfg.Rotate = true
	s := &shared{
		saved: saveIn(t, dir, newServer(t, cfg), 3*time.Hour), victim: filepath.Join(root, "victim"), marker: filepath.Join(root, "marker"),
		evil: unasked(t),
	}
	s.env = []string{"PATH=" + os.Getenv("PATH")} // of the commands for secrets
	s.home = filepath.Join(root, "home")
	s.target, s.flags = s.path, append(s.flags, "--token-url", s.server.TokenEndpoint())
	must(t, os.WriteFile(s.victim, []byte("root's own"), 0o640))
	must(t, os.Mkdir(s.home, 0o700))
	must(t, errors.Join(os.Chown(s.path, otherUser, otherUser), os.Chown(dir, otherUser, otherUser)))
	chmod(t, dir, 0o777)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// asOwner lets the token's owner make the next runs.
func (s *shared) asOwner() {
	s.t.Helper()
	s.as = credential(otherUser)
	must(s.t, os.Chown(s.home, otherUser, otherUser))
}

// asConnection lets root make them, by a connection that has a client secret from a command.
func (s *shared) asConnection() {
	s.t.Helper()
	cmd := s.saved.command("import")
	cmd.Args = append([]string{cmd.Args[0], "import", "acme", s.path, "--in-place", "--client-secret-from", "command:echo " + s.server.ClientSecret()}, s.flags...)
	wantExit(s.t, capture(s.t, cmd), 0)
	s.target = "acme"
}

// command is freshet, asked for the target.
func (s *shared) command(args ...string) *exec.Cmd {
	s.t.Helper()
	cmd := s.saved.command(args...)
	if s.target != s.path {
		cmd.Args = append([]string{cmd.Args[0], args[0], s.target}, args[1:]...)
	}
	return cmd
}

func (s *shared) run(args ...string) ended {
	s.t.Helper()
	return capture(s.t, s.command(args...))
}

// unasked returns the address of a server that fails the test if a byte comes.
func unasked(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				t.Error("another endpoint or proxy was asked than the caller named")
			}
		},
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		must(t, server.Close())
		<-served
	})
	return "http://" + listener.Addr().String()
}

// evilRegistration is all that an attacker would like to bring.
func (s *shared) evilRegistration() freshet.Registration {
	headers := freshet.RequestOptions{Headers: map[string]string{"X-Evil": "yes"}, Params: map[string]string{"evil": "yes"}}
	return freshet.Registration{
		Client: oauth.Client{ID: "evil"}, SecretFrom: "command:touch " + s.marker, Proxy: s.evil, CAFile: s.victim,
		Endpoints: oauth.Endpoints{Token: s.evil + "/token", Issuer: s.evil},
		Requests: freshet.Requests{
			Code: headers, Refresh: headers}, API: freshet.API{Hosts: []string{strings.TrimPrefix(s.evil, "http://")}},
	}
}

// spent is the hash by which a journal names the refresh token.
func (s *shared) spent() string {
	data, err := os.ReadFile(s.path)
	must(s.t, err)
	token, err := freshet.ParseToken(data)
	must(s.t, err)
	return token.RefreshTokenHash()
}

// journal is a T.pending as package filestore describes it, with whatever is in the intent.
func journal(t *testing.T, intent freshet.Pending, reply *oauth.Reply) []byte {
	t.Helper()
	line, err := json.Marshal(intent)
	must(t, err)
	block := make([]byte, (len(line)/4096+1)*4096)
	copy(block, append(line, '\n'))
	if reply == nil {
		return block
	}
	frame, err := json.Marshal(map[string]any{
		"intent": sumOf(block), "received": time.Now(), "reply": reply, "length": len(reply.Body), "sha256": sumOf(reply.Body),
	})
	must(t, err)
	return append(append(append(block, frame...), '\n'), reply.Body...)
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// wantUnharmed checks what no attack may change: root's file, the token's owner and mode, and that no planted command ran.
func (s *shared) wantUnharmed() {
	s.t.Helper()
	info, err := os.Lstat(s.victim)
	must(s.t, err)
	content, err := os.ReadFile(s.victim)
	must(s.t, err)
	if owner := uidOf(info); owner != 0 || info.Mode() != 0o640 || string(content) != "root's own" ||
		info.Sys().(*syscall.Stat_t).Nlink != 1 {
		s.t.Errorf("root's file has owner %d and mode %v and holds %q", owner, info.Mode(), content)
	}
	if info, err = os.Lstat(s.path); err != nil || uidOf(info) != otherUser || info.Mode() != 0o600 {
		s.t.Errorf("the token has owner %d and mode %v; %v", uidOf(info), info.Mode(), err)
	}
	if exists(s.marker) {
		s.t.Error("the planted command was run")
	}
	s.wantUnread()
}

// wantUnread checks that the attacker can read no file of the directory that holds a token of the server's.
func (s *shared) wantUnread() {
	s.t.Helper()
	err := filepath.WalkDir(filepath.Dir(s.path), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if hasToken(string(content)) && (uidOf(info) == nobody || info.Mode().Perm()&0o004 != 0) {
			s.t.Errorf("%s holds a token of the server's and has owner %d and mode %v", path, uidOf(info),
				info.Mode())
		}
		return err
	})
	must(s.t, err)
}

func uidOf(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

// hasToken reports whether a document has an access token that a test server issued.
func hasToken(document string) bool {
	for _, part := range strings.Split(document, `"`) {
		if oauthtest.IsTestToken(part) {
			return true
		}
	}
	return false
}
