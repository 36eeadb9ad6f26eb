package login_test

import (
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

const acme = "acme"

// registered returns the registration of a client of the test server.
func registered(server *oauthtest.Server) freshet.Registration {
	return freshet.Registration{
		Provider: "generic",
		Client:   oauth.Client{ID: server.ClientID()},
		Endpoints: oauth.Endpoints{
			Issuer: server.URL(), Authorization: server.AuthorizationEndpoint(), Token: server.TokenEndpoint(),
			Device: server.DeviceEndpoint(), JWKS: server.URL() + "/keys",
		},
		Scopes: []string{"read"},
	}
}

func newServer(t *testing.T, config oauthtest.Config) *oauthtest.Server {
	t.Helper()
	server := oauthtest.NewServer(config)
	t.Cleanup(server.Close)
	return server
}

func begin(t *testing.T, reg freshet.Registration, o login.Options) login.Attempt {
	t.Helper()
	if o.RedirectURI == "" {
		o.RedirectURI = "https://app.example.com/callback"
	}
	a, err := login.Begin(reg, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// decide opens the attempt's URL at a server that decides without a person, and returns the answer.
func decide(t *testing.T, a login.Attempt) url.Values {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	target, err := response.Location()
	if err != nil {
		body, _ := io.ReadAll(response.Body)
		t.Fatalf("no redirect: %s %s", response.Status, body)
	}
	if at, _, _ := strings.Cut(target.String(), "?"); at != a.RedirectURI {
		t.Fatalf("the answer went to %s instead of %s", at, a.RedirectURI)
	}
	return target.Query()
}

func problem(t *testing.T, err error) *freshet.SetupError {
	t.Helper()
	var p *freshet.SetupError
	if !errors.As(err, &p) || p.What == "" || p.Remedy == "" {
		t.Fatalf("got %v, want a problem with a remedy", err)
	}
	return p
}

// wantProblem checks that err is a problem of the kind that contains the text.
func wantProblem(t *testing.T, err error, kind oauth.Kind, text string) {
	t.Helper()
	if p := problem(t, err); p.Kind != kind || !strings.Contains(p.What, text) {
		t.Errorf("got %s: %s\nwant %s: … %s …", p.Kind, p.What, kind, text)
	}
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// posted returns the form on the page at the address, which a script would post to the redirect
// address.
func posted(t *testing.T, address string) url.Values {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for _, found := range hiddenInput.FindAllSubmatch(page, -1) {
		form.Add(html.UnescapeString(string(found[1])), html.UnescapeString(string(found[2])))
	}
	if len(form) == 0 {
		t.Fatalf("no form: %s", page)
	}
	return form
}
