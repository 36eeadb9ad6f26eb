package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// recordingServer is a server that records every token that it issued. /new returns a new grant.
type recordingServer struct {
	*oauthtest.Server
	mu     sync.Mutex
	issued []string
}

func (l *recordingServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/new" {
		_, _ = w.Write(l.keep(l.Document()))
		return
	}
	answer := httptest.NewRecorder()
	l.Server.ServeHTTP(answer, r)
	w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(l.keep(answer.Body.Bytes()))
}

func (l *recordingServer) keep(body []byte) []byte {
	var token document
	if json.Unmarshal(body, &token) == nil && token.AccessToken != "" {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.issued = append(l.issued, token.AccessToken, token.RefreshToken)
	}
	return body
}

// Another user swaps files in the directories of the tokens, while the owner and root refresh them.
// Many refreshes fail. None reveals a token, changes another file, or uses another endpoint.
func TestAdversary(t *testing.T) {
	s := newSharedToken(t, oauthtest.Config{Grace: time.Minute})
	want := unlessShort(2000, 150)
	dir, root := filepath.Dir(s.path), filepath.Dir(filepath.Dir(s.path))
	chmod(t, root, 0o777)
	victims, loot := s.victims(root), filepath.Join(root, "loot")
	server := &recordingServer{Server: s.server}
	front := httptest.NewServer(server)
	defer front.Close()
	endpoint := front.URL + strings.TrimPrefix(s.server.TokenEndpoint(), s.server.URL())

	var tokens, paths []string
	for i := range 16 {
		tokens = append(tokens, fmt.Sprintf("token%d.json", i))
		paths = append(paths, filepath.Join(dir, tokens[i]))
		must(t, os.WriteFile(paths[i], server.keep(s.server.Document()), 0o600))
		must(t, os.Chown(paths[i], otherUser, otherUser))
	}
	planted := filepath.Join(root, "planted")
	intent := freshet.Pending{Spent: s.refreshTokenHash(), Since: time.Now(), Host: "elsewhere", PID: 7}
	intent.Login = &freshet.PendingLogin{Name: paths[0], Registration: s.attackerRegistration()}
	must(t, os.WriteFile(planted, journal(t, intent, plantedReply), 0o644))
	before := snapshot(t, victims)

	adversary := startRole(t, nobody, "adversary", append([]string{dir, victims, planted, loot}, tokens...)...)
	home := filepath.Join(root, "owner")
	must(t, errors.Join(os.Mkdir(home, 0o700), os.Chown(home, otherUser, otherUser)))
	const ofOwner = 12 // root and commands refresh the others
	owner := startRole(t, otherUser, "owner",
		append([]string{endpoint, s.server.ClientID(), front.URL + "/new", home}, paths[:ofOwner]...)...)

	began := time.Now()
	var byRoot, byCommand tally
	refresher := refresherAt(endpoint, s.server.ClientID(), s.home)
	for i := 0; s.server.Stats().Refreshes < want; i++ {
		path := paths[ofOwner+i%(len(paths)-ofOwner)]
		err := forced(refresher, path)
		byRoot.add(err)
		if i%8 == 0 {
			one := *s.savedToken
			one.path, one.flags = path, []string{"--client-id", s.server.ClientID(), "--token-url", endpoint}
			if i%16 == 0 {
				one.as, one.home = credential(otherUser), home
			}
			byCommand.add(exitError(one.run("refresh", "--force", "--timeout", "5s")))
		}
		if err != nil {
			_, err := fmt.Fprintln(owner, path) // the owner may replace it by the token of a new grant
			must(t, err)
		}
	}
	t.Logf("the owner: %v", owner.end())
	t.Logf("the adversary: %v", adversary.end())
	t.Logf("root: %v; commands: %v; the server: %+v; %s", &byRoot, &byCommand, s.server.Stats(),
		time.Since(began).Round(time.Second))

	stolen, err := os.ReadFile(loot)
	must(t, err)
	if found := tokensIn(string(stolen), server.issued); len(found) > 0 {
		t.Errorf("the adversary has read %d of %d tokens", len(found), len(server.issued))
	}
	if now := snapshot(t, victims); now != before {
		t.Errorf("the victims' directory is now\n%s\nit was\n%s", now, before)
	}
	if exists(s.marker) {
		t.Error("the planted command was run")
	}
	s.wantUnread()
	s.wantQuiet(dir, paths[0])
}

// victims creates a directory of root's files, which must not change.
func (s *sharedToken) victims(root string) string {
	s.t.Helper()
	dir := filepath.Join(root, "victims")
	must(s.t, os.Mkdir(dir, 0o755))
	for name, mode := range map[string]fs.FileMode{
		"victim": 0o640, "victim.json": 0o600, "token0.json": 0o600,
		"token1.json.lock": 0o644,
	} {
		path := filepath.Join(dir, name)
		must(s.t, os.WriteFile(path, []byte(`{"access_token":"roots","refresh_token":"roots too"}`), mode))
		chmod(s.t, path, mode)
	}
	return dir
}

// snapshot returns the names, owners, modes and contents of the files in a directory.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var all strings.Builder
	for _, entry := range entries {
		info, err := entry.Info()
		must(t, err)
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		must(t, err)
		fmt.Fprintln(&all, entry.Name(), uidOf(info), info.Mode(), string(content))
	}
	return all.String()
}

// wantQuiet checks that the owner can refresh a token after the adversary's files are removed.
func (s *sharedToken) wantQuiet(dir, path string) {
	s.t.Helper()
	entries, err := os.ReadDir(dir)
	must(s.t, err)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && uidOf(info) == nobody {
			must(s.t, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	must(s.t, os.WriteFile(path, s.server.Document(), 0o600))
	must(s.t, os.Chown(path, otherUser, otherUser))
	must(s.t, ignoreNotExist(os.Remove(path+".pending")))
	one := *s.savedToken
	one.path, one.as, one.home = path, credential(otherUser), filepath.Join(filepath.Dir(dir), "owner")
	wantExit(s.t, one.run("refresh", "--force"), 0, "refreshed")
}

func refresherAt(endpoint, clientID, stateDir string) *freshet.Refresher {
	return &freshet.Refresher{Store: &filestore.Store{StateDir: stateDir, Defaults: freshet.Registration{
		Client: oauth.Client{ID: clientID, Auth: oauth.AuthNone}, Endpoints: oauth.Endpoints{Token: endpoint},
	}}}
}

func forced(r *freshet.Refresher, path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	answer, err := r.Token(ctx, path, freshet.Options{Forced: true, Insist: true})
	return errors.Join(err, answer.Warning)
}

func exitError(got result) error {
	if got.code == 0 {
		return nil
	}
	return errors.New(got.stderr)
}

// tally counts the results of refreshes.
type tally struct {
	mu           sync.Mutex
	good, failed int
	last         error
}

func (c *tally) add(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.good++
		return
	}
	c.failed++
	c.last = err
}

func (c *tally) String() string {
	return fmt.Sprintf("%d good, %d failed, at last: %v", c.good, c.failed, c.last)
}

// ownerRole refreshes each token in a goroutine until its standard input is closed. It replaces a
// lost token by that of a new grant, like a login.
func ownerRole(args []string) error {
	endpoint, clientID, renewal, home, paths := args[0], args[1], args[2], args[3], args[4:]
	r := refresherAt(endpoint, clientID, home)
	ended := make(chan struct{})
	go func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			renew(renewal, filepath.Join(home, "new"), lines.Text())
		}
		close(ended)
	}()
	fmt.Println("at work")
	var all tally
	var workers sync.WaitGroup
	for i, path := range paths {
		workers.Go(func() {
			for {
				select {
				case <-ended:
					return
				default:
				}
				err := forced(r, path)
				all.add(err)
				if failed, ok := errors.AsType[*freshet.RefreshError](err); ok &&
					failed.Kind == oauth.LoginRequired || !exists(path) {
					renew(renewal, filepath.Join(home, fmt.Sprint("new", i)), path)
				}
			}
		})
	}
	workers.Wait()
	fmt.Println(&all)
	return nil
}

// renew replaces a token by that of a new grant, and restores the owner's public file.
func renew(from, temp, path string) {
	public := filepath.Join(filepath.Dir(path), "public.json")
	if info, err := os.Stat(public); err != nil || info.Mode() != 0o644 {
		_ = os.WriteFile(temp, []byte(`{"name":"public"}`), 0o600)
		_ = os.Chmod(temp, 0o644)
		_ = os.Rename(temp, public)
	}
	res, err := http.Get(from)
	if err != nil {
		return
	}
	defer res.Body.Close()
	document, err := io.ReadAll(res.Body)
	if err == nil && os.WriteFile(temp, document, 0o600) == nil {
		_ = os.Chmod(temp, 0o600)
		_ = os.Rename(temp, path)
	}
}
