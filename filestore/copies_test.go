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
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// rotating is a store, and a server that rotates refresh tokens and ends the grant when an old one comes back.
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

func (r *rotating) registration() freshet.Registration {
	return freshet.Registration{Endpoints: oauth.Endpoints{Token: r.server.TokenEndpoint()}, Client: oauth.Client{ID: r.server.ClientID()}}
}

// file writes a token file and returns its path.
func (r *rotating) file(name string, document []byte) string {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	write(r.t, path, document)
	return path
}

// connection makes a connection that keeps the token itself.
func (r *rotating) connection(name string, document []byte) {
	r.t.Helper()
	token, err := freshet.ParseToken(document)
	must(r.t, err)
	create(r.t, r.store, freshet.Connection{Name: name, Token: token, Registration: r.registration()})
}

// pointer makes a connection to a token file.
func (r *rotating) pointer(name, path string) {
	r.t.Helper()
	create(r.t, r.store, freshet.Connection{Name: name, TokenFile: path, Registration: r.registration()})
}

func (r *rotating) refresh(name string) error {
	_, err := r.Ask(r.t.Context(), name, freshet.Demand{Forced: true})
	return err
}

func (r *rotating) wantRefreshed(name string) {
	r.t.Helper()
	if err := r.refresh(name); err != nil {
		r.t.Errorf("refresh %s: %v", name, err)
	}
}

// wantCopied wants a refusal that names the one whose refresh replaced the token.
func (r *rotating) wantCopied(name, by string) {
	r.t.Helper()
	before := r.server.Stats().Requests
	err := r.refresh(name)
	var failed *freshet.RefreshError
	if !errors.As(err, &failed) || failed.Code != freshet.CodeCopied || !errors.Is(err, freshet.ErrLoginRequired) || !strings.Contains(failed.Cause, by) {
		r.t.Errorf("refresh %s: got %v, want that %q replaced its token", name, err, by)
	}
	if n := r.server.Stats().Requests; n != before {
		r.t.Errorf("refresh %s: %d requests", name, n-before)
	}
}

func TestACopyIsNotSent(t *testing.T) {
	for name, test := range map[string]func(r *rotating, document []byte){
		"two connections": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.connection("b", document)
			r.wantRefreshed("a")
			r.wantCopied("b", "connection a replaced")
			r.wantCopied("b", "connection a replaced") // remembered
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
		"an old copy that is put back": func(r *rotating, document []byte) {
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
		"a copy of one that was deleted": func(r *rotating, document []byte) {
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
			must(r.t, r.store.Replace(r.t.Context(), freshet.Connection{Name: "b", Token: token, Registration: r.registration(), Saved: time.Now()}))
			r.wantCopied("b", "connection a replaced")
		},
		"a reply that was salvaged": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.connection("b", document)
			r.server.Fail(oauthtest.Fault{Name: "no-token", Count: 1})
			_ = r.refresh("a") // an error, or a second attempt with what was salvaged
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

// What is no copy is sent as ever.
func TestWhatIsNoCopy(t *testing.T) {
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
		"the first token of a name that is used again": func(r *rotating, document []byte) {
			r.connection("a", document)
			must(r.t, r.store.Delete(r.t.Context(), "a"))
			r.connection("a", document)
			r.wantRefreshed("a")
		},
		"a connection whose twin was deleted": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.connection("b", document)
			must(r.t, r.store.Delete(r.t.Context(), "a"))
			r.wantRefreshed("b")
			r.wantRefreshed("b")
		},
		"a twin that has another token since": func(r *rotating, document []byte) {
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
			keeper := freshet.NewKeeper(*r.Refresher)
			must(r.t, keeper.Add(r.t.Context(), "a", r.registration(), r.server.Document()))
			r.wantRefreshed("a")
			r.wantRefreshed("b")
		},
		"the one later attempt after an interruption": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.server.Fail(oauthtest.Fault{Name: "500", Count: 1})
			if r.refresh("a") == nil {
				r.t.Error("no error")
			}
			r.wantRefreshed("a")
		},
		"a token that was sent all the same, and is valid": func(r *rotating, document []byte) {
			r.connection("a", document)
			r.wantRefreshed("a")
			r.connection("b", document)
			r.wantCopied("b", "connection a")
			if _, err := r.Ask(r.t.Context(), "b", freshet.Demand{Forced: true, Insist: true}); err != nil {
				r.t.Error(err)
			}
			r.wantRefreshed("b")
		},
		"the same token, which a refresh does not replace": func(r *rotating, _ []byte) {
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

// keepsToken answers as a provider that does not rotate.
type keepsToken struct{}

func (keepsToken) RoundTrip(*http.Request) (*http.Response, error) {
	response, err := answers(`{"access_token":"y","expires_in":3600}`).RoundTrip(nil)
	response.StatusCode = http.StatusOK
	return response, err
}

// Official data says that a refresh ends no token before it: both go on.
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

// A refresh whose answer one of two has journalled and not saved may have replaced the token of both.
func TestACopyWithAnAnswerToSave(t *testing.T) {
	r := newRotating(t, oauthtest.Config{})
	document := r.server.Document()
	r.connection("a", document)
	r.connection("b", document)
	err := r.store.Update(t.Context(), "a", func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		begun := freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: "here", PID: 7}
		answered := begun
		answered.Received, answered.Reply = time.Now(), &oauth.Reply{Status: 200, Body: []byte(`{"access_token":"x","refresh_token":"y"}`)}
		c.Pending = &begun
		must(t, save(c))
		c.Pending = &answered
		return save(c)
	})
	must(t, err)
	var failed *freshet.RefreshError
	if err := r.refresh("b"); !errors.As(err, &failed) || failed.Kind != oauth.Temporary || !strings.Contains(failed.Cause, "connection a has this refresh token, too") {
		t.Errorf("got %v", err)
	}
	if n := r.server.Stats().Requests; n != 0 {
		t.Errorf("%d requests", n)
	}
}

// What a dry run would find it says, and nothing is remembered.
func TestADryRunOfACopy(t *testing.T) {
	r := newRotating(t, oauthtest.Config{})
	document := r.server.Document()
	r.connection("a", document)
	r.connection("b", document)
	r.wantRefreshed("a")
	if _, err := r.Ask(t.Context(), "b", freshet.Demand{Forced: true, DryRun: true}); !errors.Is(err, freshet.ErrLoginRequired) {
		t.Errorf("got %v", err)
	}
	c, err := r.store.Get(t.Context(), "b")
	if err != nil || c.Health.LastFailure != nil {
		t.Errorf("%+v, %v", c.Health.LastFailure, err)
	}
}

// Without a state directory, and with one that takes no index or that others can write, tokens are refreshed as ever.
func TestRefreshWithoutAnIndex(t *testing.T) {
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
