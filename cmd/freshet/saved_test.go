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

// saved is a token file in a directory of its own, of a grant of its own.
type saved struct {
	t      *testing.T
	server *oauthtest.Server
	path   string
	before document // as the test saved it
	home   string   // FRESHET_HOME
	env    []string // and what else is in the environment
	flags  []string // of every command that may refresh
	as     *syscall.Credential
}

// document is what the tests look at in a token file.
type document struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	Note         string `json:"note"` // a member that no provider knows
}

const note = "not the provider's, and kept"

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

// rotating is the server that forgives nothing: a refresh token works once, and its reuse ends the grant.
func rotating(t *testing.T, latency time.Duration) *oauthtest.Server {
	t.Helper()
	return newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Latency: latency})
}

// save saves the token of a new grant that was issued a while ago. Salesforce's are taken to live for an hour.
func save(t *testing.T, server *oauthtest.Server, age time.Duration) *saved {
	t.Helper()
	return saveIn(t, t.TempDir(), server, age)
}

func saveIn(t *testing.T, dir string, server *oauthtest.Server, age time.Duration) *saved {
	t.Helper()
	s := &saved{t: t, server: server, path: filepath.Join(dir, "token.json"), home: t.TempDir()}
	s.flags = []string{"--client-id", server.ClientID()}
	s.write(server.Document())
	s.age(age)
	s.before = s.document()
	return s
}

// write saves a document with one more member than the provider's.
func (s *saved) write(doc []byte) {
	s.t.Helper()
	doc = bytes.Replace(doc, []byte("{"), fmt.Appendf(nil, "{\n  \"note\": %q,", note), 1)
	if err := os.WriteFile(s.path, doc, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

var issuedAt = regexp.MustCompile(`"issued_at": "\d+"`)

// age makes the token as old as d, by its issued_at or, without one, by the time at which the file was saved.
func (s *saved) age(d time.Duration) {
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

// failedBefore makes it a token whose refreshes failed until now: see [recordFailures].
func (s *saved) failedBefore() {
	s.t.Helper()
	if err := recordFailures(s.home, s.path, s.path); err != nil {
		s.t.Fatal(err)
	}
}

// document reads the file, which must be whole, whatever happened to those who wrote it.
func (s *saved) document() document {
	s.t.Helper()
	doc := s.parse()
	if was := s.before; was.AccessToken != "" && (doc.AccessToken == was.AccessToken) != (doc.RefreshToken == was.RefreshToken) {
		s.t.Fatal("the file mixes an old token with a new one")
	}
	return doc
}

func (s *saved) parse() (doc document) {
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

// replaced reports whether the file holds another token than the test saved.
func (s *saved) replaced() bool { return s.document() != s.before }

// wantAlive checks that the saved refresh token is the grant's current one, and that no spent one was presented.
func (s *saved) wantAlive() {
	s.t.Helper()
	if !s.server.ValidRefresh(s.document().RefreshToken) {
		s.t.Error("the grant is lost: the saved refresh token is not the server's current one")
	}
	s.wantStats("reuses", s.server.Stats().Reuses, 0)
}

func (s *saved) wantStats(what string, got, want int) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("the server saw %d %s, want %d", got, what, want)
	}
}

// siblings lists what lies beside the token, the lock apart.
func (s *saved) siblings() (names []string) {
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

// command is freshet, asked for the saved token: the command's name first, then its flags.
func (s *saved) command(args ...string) *exec.Cmd {
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

// ended is how a process ended. Its code is -1 if a signal ended it.
type ended struct {
	code   int
	stdout string
	stderr string
}

func (s *saved) run(args ...string) ended {
	s.t.Helper()
	return capture(s.t, s.command(args...))
}

// capture runs cmd, and keeps what it writes unless that goes elsewhere already. Unlike what calls Fatal it may be used
// in any goroutine.
func capture(t *testing.T, cmd *exec.Cmd) ended {
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

func wait(t *testing.T, cmd *exec.Cmd) ended {
	t.Helper()
	if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Error(err)
	}
	return ended{cmd.ProcessState.ExitCode(), written(cmd.Stdout), written(cmd.Stderr)}
}

func written(w io.Writer) string {
	if b, ok := w.(*bytes.Buffer); ok {
		return b.String()
	}
	return ""
}

// token asks for an access token and wants one that works.
func (s *saved) token(args ...string) {
	s.t.Helper()
	got := s.run(append([]string{"token"}, args...)...)
	wantExit(s.t, got, 0)
	s.wantWorking(got)
}

func (s *saved) wantWorking(got ended) {
	s.t.Helper()
	token, ok := strings.CutSuffix(got.stdout, "\n")
	if !ok || !s.server.ValidAccess(token) {
		s.t.Errorf("token printed something that does not work; it said: %s", got.stderr)
	}
}

// wantExit checks the exit code, and that what was said has all of the phrases in it.
func wantExit(t *testing.T, got ended, code int, phrases ...string) {
	t.Helper()
	if got.code != code {
		t.Errorf("exit code %d, want %d; it said: %s", got.code, code, got.stderr)
	}
	for _, phrase := range phrases {
		if !strings.Contains(got.stderr, phrase) {
			t.Errorf("it does not say %q, but: %s", phrase, got.stderr)
		}
	}
}

// untilReleased waits until nobody works on the token: a process that still refreshes it holds the lock.
func (s *saved) untilReleased() {
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

// seed makes every run of the tests take the same decisions. What a process makes of them still varies.
const seed = 20261123

// inRounds runs n rounds as subtests, a few at a time.
func inRounds(t *testing.T, n, atOnce int, round func(t *testing.T, i int, rng *rand.Rand)) {
	t.Helper()
	t.Logf("%d rounds, seed %d", n, seed)
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for i := range numbers {
				t.Run(strconv.Itoa(i), func(t *testing.T) { round(t, i, rand.New(rand.NewPCG(seed, uint64(i)))) })
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

// unlessShort is full, or few under -short.
func unlessShort(full, few int) int {
	if testing.Short() {
		return few
	}
	return full
}
