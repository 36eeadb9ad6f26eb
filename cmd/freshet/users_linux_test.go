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

// In the tests with two users, otherUser owns a token in a directory that the user nobody can
// write. Root refreshes it, too.

func credential(uid uint32) *syscall.Credential {
	return &syscall.Credential{Uid: uid, Gid: uid, NoSetGroups: true}
}

// sharedToken is a token file that its owner, or root, refreshes while another user attacks.
type sharedToken struct {
	*savedToken
	victim string // a file of root's that must not change
	marker string // a file that a planted command would create
	target string // the argument of the commands: the path, or the name of root's connection
	evil   string // an endpoint that must get no request
}

// newSharedToken returns an expired token, so that every command refreshes it.
func newSharedToken(t *testing.T, cfg oauthtest.Config) *sharedToken {
	t.Helper()
	dir := openDir(t)
	root := filepath.Dir(dir)
	cfg.Rotate = true
	s := &sharedToken{
		savedToken: saveIn(t, dir, newServer(t, cfg), 3*time.Hour), evil: newUnusedServer(t),
		victim: filepath.Join(root, "victim"), marker: filepath.Join(root, "marker"),
	}
	s.env = []string{"PATH=" + os.Getenv("PATH")} // for commands that print secrets
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

// asOwner makes the token's owner the user of the next commands.
func (s *sharedToken) asOwner() {
	s.t.Helper()
	s.as = credential(otherUser)
	must(s.t, os.Chown(s.home, otherUser, otherUser))
}

// asConnection makes root use a connection, whose client secret comes from a command.
func (s *sharedToken) asConnection() {
	s.t.Helper()
	cmd := s.savedToken.command("import")
	cmd.Args = append([]string{
		cmd.Args[0], "import", "acme", s.path, "--in-place",
		"--client-secret-from", "command:echo " + s.server.ClientSecret(),
	}, s.flags...)
	wantExit(s.t, capture(s.t, cmd), 0)
	s.target = "acme"
}

// command returns a command for the target.
func (s *sharedToken) command(args ...string) *exec.Cmd {
	s.t.Helper()
	cmd := s.savedToken.command(args...)
	if s.target != s.path {
		cmd.Args = append([]string{cmd.Args[0], args[0], s.target}, args[1:]...)
	}
	return cmd
}

func (s *sharedToken) run(args ...string) result {
	s.t.Helper()
	return capture(s.t, s.command(args...))
}

// newUnusedServer returns the address of a server that fails the test if a client connects.
func newUnusedServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				t.Error("a planted endpoint or proxy was used")
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

// attackerRegistration has all settings that an attacker could want to change.
func (s *sharedToken) attackerRegistration() freshet.Registration {
	headers := freshet.RequestOptions{
		Headers: map[string]string{"X-Evil": "yes"}, Params: map[string]string{"evil": "yes"},
	}
	return freshet.Registration{
		Client: oauth.Client{ID: "evil"}, SecretFrom: "command:touch " + s.marker, Proxy: s.evil, CAFile: s.victim,
		Endpoints: oauth.Endpoints{Token: s.evil + "/token", Issuer: s.evil},
		Requests:  freshet.Requests{Code: headers, Refresh: headers},
		API:       freshet.API{Hosts: []string{strings.TrimPrefix(s.evil, "http://")}},
	}
}

// refreshTokenHash returns the hash by which a journal names the refresh token.
func (s *sharedToken) refreshTokenHash() string {
	data, err := os.ReadFile(s.path)
	must(s.t, err)
	token, err := freshet.ParseToken(data)
	must(s.t, err)
	return token.RefreshTokenHash()
}

// journal returns the content of a journal (see package filestore) with this intent and reply.
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
		"intent": sumOf(block), "received": time.Now(), "reply": reply,
		"length": len(reply.Body), "sha256": sumOf(reply.Body),
	})
	must(t, err)
	return append(append(append(block, frame...), '\n'), reply.Body...)
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// wantUnharmed checks that root's file and the token's owner and mode are unchanged, and that no
// planted command ran.
func (s *sharedToken) wantUnharmed() {
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

// wantUnread checks that the attacker can read no file in the directory that holds a token.
func (s *sharedToken) wantUnread() {
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
