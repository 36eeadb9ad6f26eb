//go:build unix

package sqlstore_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/examples/sqlstore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// newCustomer returns a store with one connection, of a provider whose registration the test puts
// into Apps.
func newCustomer(t *testing.T, config oauthtest.Config) (
	store *sqlstore.Store, provider *oauthtest.Server, refresh func() error,
) {
	t.Helper()
	provider = oauthtest.NewServer(config)
	t.Cleanup(provider.Close)
	backend, _ := newBackend(t)
	store = backend.Store.(*sqlstore.Store)
	backend.Overwrite(t, "1", parse(t, string(provider.Document())))
	return store, provider, func() error {
		r := freshet.Refresher{Store: store, HTTP: &http.Client{}}
		_, err := r.Token(t.Context(), "1", freshet.Options{Forced: true})
		return err
	}
}

// An application that has the client secret in memory, from its own configuration, puts it into
// Apps.
func TestAppsWithClientSecret(t *testing.T) {
	store, provider, refresh := newCustomer(t, oauthtest.Config{Rotate: true, ClientSecret: "hush"})
	store.Apps = map[string]freshet.Registration{"any": {
		Client:    oauth.Client{ID: provider.ClientID(), Secret: "hush"},
		Endpoints: oauth.Endpoints{Token: provider.TokenEndpoint()},
	}}
	for n := range 2 {
		if err := refresh(); err != nil {
			t.Fatalf("refresh %d: %v", n+1, err)
		}
	}
	var saved string
	err := store.Pool.QueryRow(t.Context(), `SELECT token || freshet FROM crm_account WHERE id = 1`).Scan(&saved)
	if err != nil || strings.Contains(saved, "hush") {
		t.Errorf("the secret is in the table, or %v", err)
	}
}

// A customer logs in twice. The application's callback uses the registration in Apps, and its
// Secrets function returns the client secret.
func TestLoginWithSecretsFunction(t *testing.T) {
	store, provider, _ := newCustomer(t, oauthtest.Config{Rotate: true, ClientSecret: "hush", RequireSecret: true})
	store.Apps = map[string]freshet.Registration{"any": {
		Client: oauth.Client{ID: provider.ClientID()}, Endpoints: oauth.Endpoints{Token: provider.TokenEndpoint()},
		SecretFrom: "vault/any",
	}}
	vault := map[string]oauth.Secret{"vault/any": "hush"}
	keeper := freshet.NewKeeper(freshet.Config{
		Store:   store,
		Secrets: func(_ context.Context, from string) (oauth.Secret, error) { return vault[from], nil },
	})
	for _, login := range []string{"first", "second"} {
		if err := keeper.Put(t.Context(), "2", store.Apps["any"], provider.Document()); err != nil {
			t.Fatalf("the %s login: %v", login, err)
		}
		if _, err := keeper.Refresh(t.Context(), "2", ""); err != nil {
			t.Errorf("after the %s login: %v", login, err)
		}
	}
}

// A change of Apps is used for all customers from the next refresh on.
func TestRefreshUsesChangedApps(t *testing.T) {
	store, provider, refresh := newCustomer(t, oauthtest.Config{Rotate: true, ClientSecret: "hush"})
	app := freshet.Registration{
		Client:    oauth.Client{ID: provider.ClientID(), Secret: "hush"},
		Endpoints: oauth.Endpoints{Token: provider.TokenEndpoint()},
	}
	store.Apps = map[string]freshet.Registration{"any": app}
	if err := refresh(); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*freshet.Registration){
		"a client id":         func(r *freshet.Registration) { r.Client.ID = "another" },
		"a client secret":     func(r *freshet.Registration) { r.Client.Secret = "another" },
		"the secret's source": func(r *freshet.Registration) { r.Client.Secret, r.SecretFrom = "", "env:ELSEWHERE" },
		"an endpoint":         func(r *freshet.Registration) { r.Endpoints.Token += "/elsewhere" },
	} {
		changed := app
		change(&changed)
		store.Apps["any"] = changed
		if err := refresh(); err == nil {
			t.Errorf("%s was changed to a wrong one, and the next refresh did not use it", what)
		}
		store.Apps["any"] = app
		if err := refresh(); err != nil {
			t.Errorf("%s was changed back: %v", what, err)
		}
	}
}

func TestProviderMissingInApps(t *testing.T) {
	store, provider, refresh := newCustomer(t, oauthtest.Config{})
	if err := refresh(); err == nil || !strings.Contains(err.Error(), "provider any") {
		t.Errorf("refreshed without a registration: %v, want an error that names the provider", err)
	}
	if all, err := store.List(t.Context()); err == nil || len(all) > 0 {
		t.Errorf("it is listed as %+v, %v", all, err)
	}
	if requests := provider.Stats().Requests; requests != 0 {
		t.Errorf("the provider got %d requests", requests)
	}
}
