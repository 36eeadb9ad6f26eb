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

// customer is a store with one connection, of a provider whose registration is in Apps.
func customer(t *testing.T, config oauthtest.Config) (store *sqlstore.Store, provider *oauthtest.Server, refresh func() error) {
	t.Helper()
	provider = oauthtest.NewServer(config)
	t.Cleanup(provider.Close)
	backend, _ := newBackend(t)
	store = backend.Store.(*sqlstore.Store)
	backend.Overwrite(t, "1", parse(t, string(provider.Document())))
	return store, provider, func() error {
		r := freshet.Refresher{Store: store, HTTP: &http.Client{}}
		_, err := r.Ask(t.Context(), "1", freshet.Demand{Forced: true})
		return err
	}
}

// An application that has its secret in memory already, from its own configuration, gives it to freshet there.
func TestASecretInApps(t *testing.T) {
	store, provider, refresh := customer(t, oauthtest.Config{Rotate: true, ClientSecret: "hush"})
	store.Apps = map[string]freshet.Registration{"any": {
		Client: oauth.Client{ID: provider.ClientID(), Secret: "hush"}, Endpoints: oauth.Endpoints{Token: provider.TokenEndpoint()},
	}}
	for n := range 2 {
		if err := refresh(); err != nil {
			t.Fatalf("refresh %d: %v", n+1, err)
		}
	}
	var saved string
	if err := store.Pool.QueryRow(t.Context(), `SELECT token || freshet FROM crm_account WHERE id = 1`).Scan(&saved); err != nil || strings.Contains(saved, "hush") {
		t.Errorf("the secret is in the table, or %v", err)
	}
}

// A customer logs in, and later again. The application's callback has the registration from Apps, and the application a function that
// knows its secrets.
func TestALoginWithASecretOfTheApplication(t *testing.T) {
	store, provider, _ := customer(t, oauthtest.Config{Rotate: true, ClientSecret: "hush", RequireSecret: true})
	store.Apps = map[string]freshet.Registration{"any": {
		Client: oauth.Client{ID: provider.ClientID()}, Endpoints: oauth.Endpoints{Token: provider.TokenEndpoint()}, SecretFrom: "vault/any",
	}}
	vault := map[string]oauth.Secret{"vault/any": "hush"}
	keeper := freshet.NewKeeper(freshet.Refresher{Store: store, Secrets: func(_ context.Context, from string) (oauth.Secret, error) {
		return vault[from], nil
	}})
	for _, login := range []string{"first", "second"} {
		if err := keeper.Add(t.Context(), "2", store.Apps["any"], provider.Document()); err != nil {
			t.Fatalf("the %s login: %v", login, err)
		}
		if _, err := keeper.Refresh(t.Context(), "2", ""); err != nil {
			t.Errorf("after the %s login: %v", login, err)
		}
	}
}

// One change of the application's configuration is enough, however many customers there are.
func TestAppsChanged(t *testing.T) {
	store, provider, refresh := customer(t, oauthtest.Config{Rotate: true, ClientSecret: "hush"})
	app := freshet.Registration{
		Client: oauth.Client{ID: provider.ClientID(), Secret: "hush"}, Endpoints: oauth.Endpoints{Token: provider.TokenEndpoint()},
	}
	store.Apps = map[string]freshet.Registration{"any": app}
	if err := refresh(); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*freshet.Registration){
		"a client id":         func(r *freshet.Registration) { r.Client.ID = "another" },
		"a client secret":     func(r *freshet.Registration) { r.Client.Secret = "another" },
		"where the secret is": func(r *freshet.Registration) { r.Client.Secret, r.SecretFrom = "", "env:ELSEWHERE" },
		"an endpoint":         func(r *freshet.Registration) { r.Endpoints.Token += "/elsewhere" },
	} {
		changed := app
		change(&changed)
		store.Apps["any"] = changed
		if err := refresh(); err == nil {
			t.Errorf("%s was changed to one that does not work, and the next refresh did not use it", what)
		}
		store.Apps["any"] = app
		if err := refresh(); err != nil {
			t.Errorf("%s was changed back: %v", what, err)
		}
	}
}

func TestAProviderThatIsNotInApps(t *testing.T) {
	store, provider, refresh := customer(t, oauthtest.Config{})
	if err := refresh(); err == nil || !strings.Contains(err.Error(), "provider any") {
		t.Errorf("refreshed with nothing to do it with: %v, want an error that names the provider", err)
	}
	if all, err := store.List(t.Context()); err == nil || len(all) > 0 {
		t.Errorf("it is listed as %+v, %v", all, err)
	}
	if requests := provider.Stats().Requests; requests != 0 {
		t.Errorf("the provider got %d requests", requests)
	}
}
