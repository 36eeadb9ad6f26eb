package filestore_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// rotating is a store, and a server that rotates refresh tokens and revokes the grant when an old
// one is reused.
type rotating struct {
	*freshet.Refresher
	t      *testing.T
	store  *filestore.Store
	server *oauthtest.Server
	dir    string
}

func newRotating(t *testing.T, config oauthtest.Config) *rotating {
	t.Helper()
	config.Rotate = true
	server := oauthtest.NewHandler(config, "http://127.0.0.1:1")
	dir := t.TempDir()
	store := &filestore.Store{StateDir: filepath.Join(dir, "state")}
	r := &rotating{t: t, store: store, server: server, dir: dir}
	store.Defaults = r.registration()
	r.Refresher = &freshet.Refresher{Store: store, HTTP: &http.Client{Transport: server.Transport()}}
	return r
}

func (r *rotating) config() freshet.Config { return freshet.Config{Store: r.store, HTTP: r.HTTP} }

func (r *rotating) registration() freshet.Registration {
	return freshet.Registration{
		Endpoints: oauth.Endpoints{Token: r.server.TokenEndpoint()}, Client: oauth.Client{ID: r.server.ClientID()},
	}
}

// file writes a token file and returns its path.
func (r *rotating) file(name string, document []byte) string {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	write(r.t, path, document)
	return path
}

// connection creates a connection with the token in its document.
func (r *rotating) connection(name string, document []byte) {
	r.t.Helper()
	token, err := freshet.ParseToken(document)
	must(r.t, err)
	create(r.t, r.store, freshet.Connection{Name: name, Token: token, Registration: r.registration()})
}

// pointer creates a connection with a token file.
func (r *rotating) pointer(name, path string) {
	r.t.Helper()
	create(r.t, r.store, freshet.Connection{Name: name, TokenFile: path, Registration: r.registration()})
}

func (r *rotating) refresh(name string) error {
	_, err := r.Token(r.t.Context(), name, freshet.Options{Forced: true})
	return err
}

func (r *rotating) wantRefreshed(name string) {
	r.t.Helper()
	if err := r.refresh(name); err != nil {
		r.t.Errorf("refresh %s: %v", name, err)
	}
}

// wantCopied checks that a refresh is refused, with an error that names whose refresh replaced the
// token.
func (r *rotating) wantCopied(name, by string) {
	r.t.Helper()
	before := r.server.Stats().Requests
	err := r.refresh(name)
	var failed *freshet.RefreshError
	if !errors.As(err, &failed) || failed.Code != freshet.CodeCopied || !errors.Is(err, freshet.ErrLoginRequired) ||
		!strings.Contains(failed.Cause, by) {
		r.t.Errorf("refresh %s: got %v, want that %q replaced its token", name, err, by)
	}
	if n := r.server.Stats().Requests; n != before {
		r.t.Errorf("refresh %s: %d requests", name, n-before)
	}
}

func TestCopyIsNotSent(t *testing.T) {
	for name, test := range map[string]func(r *rotating, document []byte){
		"two connections": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.connection("b", document)
			r.wantRefreshed("a")
			r.wantCopied("b", "connection a replaced")
			r.wantCopied("b", "connection a replaced") // from the saved failure
			r.wantRefreshed("a")
		},
		"two token files": func(r *rotating, document []byte) {
			a, b := r.file("a.json", document), r.file("b.json", document)
			r.wantRefreshed(a)
			r.wantCopied(b, "token file "+a+" replaced")
			r.wantRefreshed(a)
		},
		"a connection and a token file": func(r *rotating, document []byte) {
			a := r.file("a.json", document)
			r.connection("b", document)
			r.wantRefreshed("b")
			r.wantCopied(a, "connection b replaced")
		},
		"a connection that points to a file": func(r *rotating, document []byte) {
			a := r.file("a.json", document)
			r.pointer("points", a)
			r.connection("b", document)
			r.wantRefreshed("points")
			r.wantCopied("b", "token file "+a+" replaced")
		},
		"an old copy that is restored": func(r *rotating, document []byte) {
			a := r.file("a.json", document)
			r.wantRefreshed(a)
			write(r.t, a, document)
			r.wantCopied(a, "this is an old copy of the token")
		},
		"a copy of an old copy": func(r *rotating, document []byte) {
			r.connection("a", document)
			for range 3 {
				r.wantRefreshed("a")
			}
			r.connection("b", document)
			r.wantCopied("b", "connection a replaced")
		},
		"a copy of a deleted connection": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.wantRefreshed("a")
			must(r.t, r.store.Delete(r.t.Context(), "a"))
			r.connection("b", document)
			r.wantCopied("b", "connection a replaced")
		},
		"a copy made by replacing": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.connection("b", r.server.Document())
			r.wantRefreshed("a")
			token, err := freshet.ParseToken(document)
			must(r.t, err)
			must(r.t, r.store.Replace(r.t.Context(), freshet.Connection{
				Name: "b", Token: token, Registration: r.registration(), Saved: time.Now(),
			}))
			r.wantCopied("b", "connection a replaced")
		},
		"a refresh token recovered from a truncated reply": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.connection("b", document)
			r.server.Fail(oauthtest.Fault{Name: "no-token", Count: 1})
			_ = r.refresh("a") // an error, or a second attempt with the recovered token
			r.wantCopied("b", "connection a replaced")
			r.wantRefreshed("a")
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRotating(t, oauthtest.Config{})
			test(r, r.server.Document())
			if reuses := r.server.Stats().Reuses; reuses != 0 {
				t.Errorf("%d reuses", reuses)
			}
		})
	}
}

// Tokens that only look like copies are sent.
func TestTokensThatAreNoCopies(t *testing.T) {
	for name, test := range map[string]func(r *rotating, document []byte){
		"names of one file": func(r *rotating, document []byte) {
			a := r.file("a.json", document)
			link := filepath.Join(r.dir, "link.json")
			must(r.t, os.Symlink(a, link))
			r.pointer("points", link)
			for range 2 {
				for _, name := range []string{a, link, "points"} {
					r.wantRefreshed(name)
				}
			}
		},
		"the first token of a name that is reused": func(r *rotating, document []byte) {
			r.connection("a", document)
			must(r.t, r.store.Delete(r.t.Context(), "a"))
			r.connection("a", document)
			r.wantRefreshed("a")
		},
		"a connection whose copy was deleted": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.connection("b", document)
			must(r.t, r.store.Delete(r.t.Context(), "a"))
			r.wantRefreshed("b")
			r.wantRefreshed("b")
		},
		"a copy that got another token": func(r *rotating, document []byte) {
			a, b := r.file("a.json", document), r.file("b.json", document)
			r.connection("c", document)
			write(r.t, a, r.server.Document()) // a login of another program
			r.wantRefreshed(a)
			r.wantRefreshed(b)
			r.wantCopied("c", "token file "+b)
		},
		"the token before a login": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.connection("b", document)
			keeper := freshet.NewKeeper(r.config())
			must(r.t, keeper.Put(r.t.Context(), "a", r.registration(), r.server.Document()))
			r.wantRefreshed("a")
			r.wantRefreshed("b")
		},
		"the second attempt after an interruption": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.server.Fail(oauthtest.Fault{Name: "500", Count: 1})
			if r.refresh("a") == nil {
				r.t.Error("no error")
			}
			if _, err := r.Token(r.t.Context(), "a", freshet.Options{Forced: true, Insist: true}); err != nil {
				r.t.Error(err)
			}
			r.wantRefreshed("a")
		},
		"a token that the server accepted although the index says replaced": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.wantRefreshed("a")
			r.connection("b", document)
			r.wantCopied("b", "connection a")
			if _, err := r.Token(r.t.Context(), "b", freshet.Options{Forced: true, Insist: true}); err != nil {
				r.t.Error(err)
			}
			r.wantRefreshed("b")
		},
		"a token that a refresh does not replace": func(r *rotating, _ []byte) {
			r.HTTP.Transport = keepsToken{}
			r.connection("a", []byte(`{"access_token":"x","refresh_token":"stays"}`))
			r.connection("b", []byte(`{"access_token":"x","refresh_token":"stays"}`))
			for range 2 {
				r.wantRefreshed("a")
				r.wantRefreshed("b")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRotating(t, oauthtest.Config{Grace: time.Hour})
			test(r, r.server.Document())
		})
	}
}

// keepsToken replies as a provider that does not rotate refresh tokens.
type keepsToken struct{}

func (keepsToken) RoundTrip(*http.Request) (*http.Response, error) {
	response, err := answers(`{"access_token":"y","expires_in":3600}`).RoundTrip(nil)
	response.StatusCode = http.StatusOK
	return response, err
}

// According to the provider's official data, a refresh does not invalidate old tokens, so both
// copies are sent.
func TestCopiesWhereOldTokensStayValid(t *testing.T) {
	r := newRotating(t, oauthtest.Config{Grace: time.Hour})
	r.store.Defaults.Provider = "google"
	a, b := r.file("a.json", r.server.Document()), r.file("b.json", nil)
	document, err := os.ReadFile(a)
	must(t, err)
	write(t, b, document)
	r.wantRefreshed(a)
	r.wantRefreshed(b)
}

// One of two copies has a journaled reply that is not saved. It may have replaced the token of
// both.
func TestCopyWithJournaledReply(t *testing.T) {
	r := newRotating(t, oauthtest.Config{})
	document := r.server.Document()
	r.connection("a", document)
	r.connection("b", document)
	err := r.store.Update(t.Context(), "a", func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		begun := freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: "here", PID: 7}
		answered := begun
		answered.Received, answered.Reply = time.Now(), &oauth.Reply{
			Status: 200, Body: []byte(`{"access_token":"x","refresh_token":"y"}`),
		}
		c.Pending = &begun
		must(t, save(c))
		c.Pending = &answered
		return save(c)
	})
	must(t, err)
	var failed *freshet.RefreshError
	if err := r.refresh("b"); !errors.As(err, &failed) || failed.Kind != oauth.Temporary ||
		!strings.Contains(failed.Cause, "connection a has this refresh token, too") {
		t.Errorf("got %v", err)
	}
	if n := r.server.Stats().Requests; n != 0 {
		t.Errorf("%d requests", n)
	}
}

// A dry run reports the copy and saves no failure.
func TestDryRunOfCopy(t *testing.T) {
	r := newRotating(t, oauthtest.Config{})
	document := r.server.Document()
	r.connection("a", document)
	r.connection("b", document)
	r.wantRefreshed("a")
	_, err := r.Token(t.Context(), "b", freshet.Options{Forced: true, DryRun: true})
	if !errors.Is(err, freshet.ErrLoginRequired) {
		t.Errorf("got %v", err)
	}
	c, err := r.store.Get(t.Context(), "b")
	if err != nil || c.Health.LastFailure != nil {
		t.Errorf("%+v, %v", c.Health.LastFailure, err)
	}
}

// If there can be no index, or others can write it, tokens are refreshed without it.
func TestRefreshWithoutIndex(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, store *filestore.Store){
		"no state directory": func(_ *testing.T, store *filestore.Store) { store.StateDir = "" },
		"a file in its place": func(t *testing.T, store *filestore.Store) {
			must(t, os.MkdirAll(store.StateDir, 0o700))
			write(t, filepath.Join(store.StateDir, "index"), nil)
		},
		"others can write it": func(t *testing.T, store *filestore.Store) {
			dir := filepath.Join(store.StateDir, "index")
			must(t, os.MkdirAll(dir, 0o700))
			must(t, os.Chmod(dir, 0o777))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRotating(t, oauthtest.Config{})
			spoil(t, r.store)
			a := r.file("a.json", r.server.Document())
			r.wantRefreshed(a)
			r.wantRefreshed(a)
		})
	}
}
