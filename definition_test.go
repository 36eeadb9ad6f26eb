package freshet_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/provider"
)

// The content of every provider's file can be in a registration instead.
func TestDefinitionSaysWhatAFileSays(t *testing.T) {
	files, err := filepath.Glob("provider/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := provider.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		r := freshet.Registration{Definition: parsed}
		if err := r.CheckProvider(); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		saved, err := (&freshet.Connection{Name: acme, Registration: r}).Record()
		if err != nil {
			t.Fatal(err)
		}
		var restored freshet.Connection
		if err := restored.Restore(nil, saved); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(restored.Definition, parsed) || !reflect.DeepEqual(restored.ProviderInfo(), parsed) {
			t.Errorf("%s: restored %+v", file, restored.Definition)
		}
		member, err := json.Marshal(parsed)
		if err != nil || !strings.Contains(string(saved), `"provider_definition":`+string(member)) {
			t.Errorf("%s is saved as %s; %v", file, saved, err)
		}
	}
}

// A registration with a definition that cannot be used is not saved, and sends nothing.
func TestDefinitionIsChecked(t *testing.T) {
	definition := func(change func(*provider.Provider)) *provider.Provider {
		p := &provider.Provider{Name: "op", Title: "OP"}
		change(p)
		return p
	}
	for name, test := range map[string]struct {
		definition *provider.Provider
		provider   string
		what       string
	}{
		"no name": {
			definition: definition(func(p *provider.Provider) { p.Name = "" }), what: `"name" is ""`,
		},
		"a header with a line break": {
			definition: definition(func(p *provider.Provider) { p.API.Header = "X\r\nY" }), what: `"api.header"`,
		},
		"an expression that does not compile": {
			definition: definition(func(p *provider.Provider) { p.Client.IDPattern = "(" }), what: `"client.id_pattern"`,
		},
		"a provider and a definition": {
			definition: definition(func(*provider.Provider) {}), provider: "google",
			what: "both a Provider and a Definition",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, oauthtest.Config{})
			r := w.connection(t).Registration
			r.Provider, r.Definition = test.provider, test.definition
			keeper := freshet.NewKeeper(w.config())
			err := keeper.Create(t.Context(), "other", r, w.server.Document())
			if p := (*freshet.SetupError)(nil); !errors.As(err, &p) || !strings.Contains(p.What, test.what) {
				t.Errorf("created: %v", err)
			}
			c := w.connection(t)
			c.Registration = r
			w.store.Put(c)
			_, err = keeper.Refresh(t.Context(), acme, "")
			if p := (*freshet.SetupError)(nil); !errors.As(err, &p) || !strings.Contains(p.What, test.what) {
				t.Errorf("refreshed: %v", err)
			}
			w.wantRequests(t, 0)
		})
	}
}

// A definition has what other fields of a registration cannot say: lifetimes, refusals, hosts, the
// header.
func TestDefinitionIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		c := w.connection(t)
		c.Token = parse(t, `{"access_token":"a1","refresh_token":"r1"}`)
		c.Definition = &provider.Provider{
			Name: "op", Title: "OP",
			AccessToken: provider.AccessToken{Lifetime: provider.Duration(10 * time.Minute)},
			API: provider.API{
				Header: "X-Op-Token", Hosts: []string{"api.op.example"},
			},
			Errors: []provider.Refusal{{
				Code: provider.Texts{"E17"}, Kind: oauth.LoginRequired, Cause: "the user left", Remedy: "log in again",
			}},
		}
		w.store.Put(c)
		if left := time.Until(c.Expiry(time.Now()).At); left != 10*time.Minute {
			t.Errorf("expires in %s", left)
		}
		var header http.Header
		keeper := freshet.NewKeeper(w.config())
		client := &http.Client{Transport: &freshet.Transport{
			Source: keeper.Source(acme),
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				header = req.Header
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			}),
		}}
		response, err := client.Get("https://api.op.example/")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := header.Get("X-Op-Token"); got != "a1" {
			t.Errorf("sent %q", got)
		}
		config := w.config()
		config.HTTP = &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			body := io.NopCloser(strings.NewReader(`{"error":"E17"}`))
			return &http.Response{StatusCode: http.StatusBadRequest, Body: body}, nil
		})}
		time.Sleep(time.Hour)
		_, err = freshet.NewKeeper(config).Token(t.Context(), acme)
		if !errors.Is(err, freshet.ErrLoginRequired) || !strings.Contains(err.Error(), "the user left") {
			t.Error(err)
		}
	})
}
