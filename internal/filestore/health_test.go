package filestore_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

type answers string

func (a answers) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(a))),
	}, nil
}

// A refused grant stays refused until the file changes, even if its token is in another member than
// refresh_token.
func TestNewTokenClearsLoginRequired(t *testing.T) {
	dead := answers(
		`{"error":{"type":"OAuthException","code":190,` +
			`"message":"Error validating access token: Session has expired on Monday"}}`,
	)
	path := filepath.Join(t.TempDir(), "facebook.json")
	store := &filestore.Store{StateDir: t.TempDir(), Defaults: freshet.Registration{
		Provider: "facebook", Client: oauth.Client{ID: "1", Secret: "s-1-long-enough"},
	}}
	refresher := &freshet.Refresher{Store: store, HTTP: &http.Client{Transport: dead}}
	write(t, path, []byte(`{"access_token":"a-1"}`))
	_, err := refresher.Token(t.Context(), path, freshet.Options{Forced: true})
	if !errors.Is(err, freshet.ErrLoginRequired) {
		t.Fatal(err)
	}
	if c, err := store.Get(t.Context(), path); err != nil || !c.Health.LoginRequired {
		t.Fatalf("%+v, %v", c.Health, err)
	}
	write(t, path, []byte(`{"access_token":"a-2"}`)) // a person pastes the token of a new login
	if c, err := store.Get(t.Context(), path); err != nil || c.Health.LoginRequired {
		t.Errorf("the new grant counts as refused: %+v, %v", c.Health, err)
	}
}

func TestDeleteAndLoginRemoveHealth(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.json")
	write(t, path, []byte(`{"access_token":"a","refresh_token":"r"}`))
	store := &filestore.Store{StateDir: filepath.Join(dir, "state")}
	err := store.Update(t.Context(), path, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Health = freshet.Health{RefreshTokenHash: c.Token.RefreshTokenHash(), LoginRequired: true}
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := store.Get(t.Context(), path); err != nil || !c.Health.LoginRequired {
		t.Errorf("health %+v, %v", c.Health, err)
	}
	write(t, path, []byte(`{"refresh_token":"after-a-login"}`))
	if c, err := store.Get(t.Context(), path); err != nil || c.Health.LoginRequired {
		t.Errorf("after a login: health %+v, %v", c.Health, err)
	}
}
