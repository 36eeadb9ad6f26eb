//go:build unix

package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// savedToken is a token file in a directory of its own, and the server that issued the token.
type savedToken struct {
	t      *testing.T
	server *oauthtest.Server
	path   string
	before document // the content when the test saved it
	home   string   // FRESHET_HOME
	env    []string // other environment variables
	flags  []string // of every command that can refresh
	as     *syscall.Credential
}

// document has the members of a token file that the tests use.
type document struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	Note         string `json:"note"` // a member that no provider sends
}

const note = "unknown to the provider"

// need skips the test if one of the programs is not installed.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs %s", program)
		}
	}
}

func newServer(t *testing.T, cfg oauthtest.Config) *oauthtest.Server {
	t.Helper()
	s := oauthtest.NewServer(cfg)
	t.Cleanup(s.Close)
	return s
}

// rotating starts a server without grace: a refresh token is valid once, and its reuse ends the
// grant.
func rotating(t *testing.T, latency time.Duration) *oauthtest.Server {
	t.Helper()
	return newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Latency: latency})
}

// save saves the token of a new grant, with this age. Salesforce's tokens are assumed to live for
// an hour.
func save(t *testing.T, server *oauthtest.Server, age time.Duration) *savedToken {
	t.Helper()
	return saveIn(t, t.TempDir(), server, age)
}

func saveIn(t *testing.T, dir string, server *oauthtest.Server, age time.Duration) *savedToken {
	t.Helper()
	s := &savedToken{t: t, server: server, path: filepath.Join(dir, "token.json"), home: t.TempDir()}
	s.flags = []string{"--client-id", server.ClientID()}
	s.write(server.Document())
	s.age(age)
	s.before = s.document()
	return s
}

// write saves a document with a member that the provider does not send.
func (s *savedToken) write(doc []byte) {
	s.t.Helper()
	doc = bytes.Replace(doc, []byte("{"), fmt.Appendf(nil, "{\n  \"note\": %q,", note), 1)
	if err := os.WriteFile(s.path, doc, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

var issuedAt = regexp.MustCompile(`"issued_at": "\d+"`)

// age sets the age of the token, in issued_at and the modification time of the file.
func (s *savedToken) age(d time.Duration) {
	s.t.Helper()
	data, err := os.ReadFile(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	issued := time.Now().Add(-d)
	aged := issuedAt.ReplaceAll(data, fmt.Appendf(nil, `"issued_at": "%d"`, issued.UnixMilli()))
	err = errors.Join(os.WriteFile(s.path, aged, 0o600), os.Chtimes(s.path, issued, issued))
	if err != nil {
		s.t.Fatal(err)
	}
}

// failedBefore records failed refreshes of the token: see [recordFailures].
func (s *savedToken) failedBefore() {
	s.t.Helper()
	if err := recordFailures(s.home, s.path, s.path); err != nil {
		s.t.Fatal(err)
	}
}

// document reads the file, which must be whole.
func (s *savedToken) document() document {
	s.t.Helper()
	doc := s.parse()
	was := s.before
	if was.AccessToken != "" && (doc.AccessToken == was.AccessToken) != (doc.RefreshToken == was.RefreshToken) {
		s.t.Fatal("the file mixes an old token with a new one")
	}
	return doc
}

func (s *savedToken) parse() (doc document) {
	s.t.Helper()
	data, err := os.ReadFile(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		s.t.Fatalf("the file is torn: %v", err)
	}
	if doc.AccessToken == "" || doc.RefreshToken == "" || doc.Note != note {
		s.t.Fatal("the file has lost members")
	}
	return doc
}

// replaced reports whether the file has another token than the one that the test saved.
func (s *savedToken) replaced() bool { return s.document() != s.before }

// wantAlive checks that the saved refresh token is the current one, and that no spent one was
// presented.
func (s *savedToken) wantAlive() {
	s.t.Helper()
	if !s.server.ValidRefresh(s.document().RefreshToken) {
		s.t.Error("the grant is lost: the saved refresh token is not the server's current one")
	}
	s.wantStats("reuses", s.server.Stats().Reuses, 0)
}

func (s *savedToken) wantStats(what string, got, want int) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("the server counted %d %s, want %d", got, what, want)
	}
}

// siblings returns the files in the token's directory, without the token and its lock.
func (s *savedToken) siblings() (names []string) {
	s.t.Helper()
	entries, err := os.ReadDir(filepath.Dir(s.path))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		name := strings.TrimPrefix(e.Name(), "token.json")
		if name != "" && name != ".lock" {
			names = append(names, name)
		}
	}
	return names
}

// command returns a freshet command for the token: the name of the command first, then its flags.
func (s *savedToken) command(args ...string) *exec.Cmd {
	s.t.Helper()
	path, err := freshetBinary()
	if err != nil {
		s.t.Fatal(err)
	}
	args = append([]string{args[0], s.path}, args[1:]...)
	if args[0] != "status" {
		args = append(args, s.flags...)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = "/"
	cmd.Env = append([]string{"HOME=" + s.home, "FRESHET_HOME=" + s.home}, s.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.as}
	return cmd
}

// result is the result of a process. The code is -1 if a signal ended it.
type result struct {
	code   int
	stdout string
	stderr string
}

func (s *savedToken) run(args ...string) result {
	s.t.Helper()
	return capture(s.t, s.command(args...))
}

// capture runs cmd, and captures its output unless it is redirected. It does not call Fatal, so
// that any goroutine can use it.
func capture(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	return wait(t, begin(t, cmd))
}

func begin(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	if cmd.Stdout == nil {
		cmd.Stdout = new(bytes.Buffer)
	}
	if cmd.Stderr == nil {
		cmd.Stderr = new(bytes.Buffer)
	}
	if err := cmd.Start(); err != nil {
		t.Error(err)
	}
	return cmd
}

func wait(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Error(err)
	}
	return result{cmd.ProcessState.ExitCode(), written(cmd.Stdout), written(cmd.Stderr)}
}

func written(w io.Writer) string {
	if b, ok := w.(*bytes.Buffer); ok {
		return b.String()
	}
	return ""
}

// token runs freshet token, which must print a valid access token.
func (s *savedToken) token(args ...string) {
	s.t.Helper()
	got := s.run(append([]string{"token"}, args...)...)
	wantExit(s.t, got, 0)
	s.wantWorking(got)
}

func (s *savedToken) wantWorking(got result) {
	s.t.Helper()
	token, ok := strings.CutSuffix(got.stdout, "\n")
	if !ok || !s.server.ValidAccess(token) {
		s.t.Errorf("token did not print a valid token; standard error: %s", got.stderr)
	}
}

// wantExit checks the exit code, and that standard error has all of the phrases.
func wantExit(t *testing.T, got result, code int, phrases ...string) {
	t.Helper()
	if got.code != code {
		t.Errorf("exit code %d, want %d; standard error: %s", got.code, code, got.stderr)
	}
	for _, phrase := range phrases {
		if !strings.Contains(got.stderr, phrase) {
			t.Errorf("no %q in standard error: %s", phrase, got.stderr)
		}
	}
}

// untilReleased waits until no process has the lock of the token.
func (s *savedToken) untilReleased() {
	s.t.Helper()
	lock, err := os.Open(s.path + ".lock")
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		s.t.Fatal(err)
	}
	defer lock.Close()
	for {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
		if err == nil {
			return
		}
		if !errors.Is(err, syscall.EINTR) {
			s.t.Fatal(err)
		}
	}
}

// seed makes the random decisions of the tests the same in every run.
const seed = 20261123

// inRounds runs n rounds as subtests, some of them in parallel.
func inRounds(t *testing.T, n, atOnce int, round func(t *testing.T, i int, rng *rand.Rand)) {
	t.Helper()
	t.Logf("%d rounds, seed %d", n, seed)
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for i := range numbers {
				t.Run(strconv.Itoa(i), func(t *testing.T) {
					round(t, i, rand.New(rand.NewPCG(seed, uint64(i))))
				})
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
}

// upTo returns a duration from 0 to d.
func upTo(rng *rand.Rand, d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d))) }

// unlessShort returns full, or few with -short.
func unlessShort(full, few int) int {
	if testing.Short() {
		return few
	}
	return full
}
