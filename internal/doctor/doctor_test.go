package doctor

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

func TestStoreWithoutAStateDirectory(t *testing.T) {
	d := &Doctor{Store: new(filestore.Store)}
	findings := d.ExamineStore()
	if len(findings) != 1 || findings[0].Check != "state-directory" || findings[0].Severity != Warning {
		t.Errorf("got %+v, want a warning that there is no state directory", findings)
	}
}

func TestClientIDHasTheProvidersShape(t *testing.T) {
	for _, test := range []struct {
		id, stated, pattern string
		want                Severity
	}{
		{"3MVG9abc", "", "^3MVG", OK},
		{"3MVG9abc", "3MVG9abc", "^3MVG", OK},
		{"oauthtest-client", "", "^3MVG", Warning},
		{"oauthtest-client", "", "", OK},
		{"anything", "", "(", OK}, // the provider's file is at fault
		{"3MVG9abc ", "", "^3MVG", Problem},
		{"‘3MVG9abc’…", "", "", Problem},
		{"https://app.example", "", "", Problem},
		{"a", "b", "", Problem},
	} {
		if got := Worst(checkClientID(test.id, test.stated, test.pattern, "")); got != test.want {
			t.Errorf("%q (stated %q, pattern %q): %s, want %s", test.id, test.stated, test.pattern, got, test.want)
		}
	}
}

func TestAbsoluteEndCountsFromTheLastLogin(t *testing.T) {
	login := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	entry := []freshet.HistoryEntry{{Time: login.Add(time.Hour)}}
	for name, test := range map[string]struct {
		history freshet.History
		life    time.Duration
		want    time.Time
		sure    Certainty
	}{
		"no limit":   {freshet.History{Logins: []time.Time{login}}, 0, time.Time{}, ""},
		"no history": {freshet.History{}, time.Hour, time.Time{}, ""},
		"a login": {
			freshet.History{Logins: []time.Time{login.Add(-time.Hour), login}, Entries: entry},
			time.Hour, login.Add(time.Hour), Likely,
		},
		"refreshes only": {freshet.History{Entries: entry}, time.Hour, login.Add(2 * time.Hour), Possible},
	} {
		if at, sure := absoluteEnd(test.history, test.life, Likely); !at.Equal(test.want) || sure != test.sure {
			t.Errorf("%s: %v, %s; want %v, %s", name, at, sure, test.want, test.sure)
		}
	}
}

func TestAbsoluteLimitIsReported(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	year := 365 * 24 * time.Hour
	for left, want := range map[time.Duration]Severity{
		-time.Second: Problem, 4 * 24 * time.Hour: Warning, 6 * 24 * time.Hour: OK,
	} {
		at := now.Add(left)
		if got := checkAbsolute(at, now, at.Add(-year), Certain, "as it says"); Worst(got) != want {
			t.Errorf("%v left: %+v, want %s", left, got, want)
		}
	}
}

// internal/endpoints.TestWrongHost tests the provider's own hosts. A test server has one.
func TestTokenOfAnotherHost(t *testing.T) {
	const login, test, acme = "login.salesforce.com", "test.salesforce.com", "acme.my.salesforce.com"
	const sandbox = "acme--dev.sandbox.my.salesforce.com"
	for _, c := range []struct{ host, issued, instance, want string }{
		{login, login, acme, ""},
		{"other.my.site.com", login, acme, acme},
		{login, test, sandbox, test},
		{"auth.acme.example", login, acme, ""}, // the org's own domain
		{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:2", "127.0.0.1:2"},
		{"127.0.0.1:1", "127.0.0.1:1", "", ""},
		{login, "", "", ""},
	} {
		token, err := freshet.ParseToken(fmt.Appendf(nil,
			`{"access_token":"a","id":"https://%s/id/1/2","instance_url":"https://%s"}`, c.issued, c.instance))
		if err != nil {
			t.Fatal(err)
		}
		s := &subject{Connection: freshet.Connection{
			Token:        token,
			Registration: freshet.Registration{Provider: "salesforce"},
		}}
		s.provider = s.ProviderInfo()
		if got, _ := s.otherIssuer(c.host); got != c.want {
			t.Errorf("host %s, issued by %s, instance %s: %q, want %q", c.host, c.issued, c.instance, got, c.want)
		}
	}
}

// Entra's metadata for common, and for a tenant named by its domain, have another issuer.
func TestMetadataOfAnotherIssuer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0",`+
			`"token_endpoint":"https://login.microsoftonline.com/common/oauth2/v2.0/token"}`)
	}))
	defer server.Close()
	for own, want := range map[bool]Severity{true: OK, false: Warning} {
		p := probe{endpoint: server.URL + "/token", issuer: server.URL, ownEndpoint: own}
		if got := checkDiscovery(t.Context(), server.Client(), p); Worst(got) != want {
			t.Errorf("the provider's own endpoint %t: %+v, want %s", own, got, want)
		}
	}
}

// The metadata of an issuer with a path may be below the path or before it. To have none is no finding.
func TestMetadataPaths(t *testing.T) {
	for path, want := range map[string]int{
		"/realms/a/.well-known/openid-configuration":       1,
		"/.well-known/oauth-authorization-server/realms/a": 1,
		"/.well-known/openid-configuration/realms/a":       1,
		"/nowhere": 0,
	} {
		var server *httptest.Server
		server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path {
				http.NotFound(w, r)
				return
			}
			fmt.Fprintf(w, `{"issuer":"%[1]s/realms/a","token_endpoint":"%[1]s/token"}`, server.URL)
		}))
		p := probe{endpoint: server.URL + "/token", issuer: server.URL + "/realms/a"}
		if got := checkDiscovery(t.Context(), server.Client(), p); len(got) != want || Worst(got) != OK {
			t.Errorf("metadata at %s: %+v, want %d findings", path, got, want)
		}
		server.Close()
	}
}

func TestWorst(t *testing.T) {
	findings := slices.Concat(ok("a", ""), warning("b", Likely, "", ""), note("c", Certain, "", ""))
	if got := Worst(findings); got != Warning {
		t.Errorf("of %v: %s", findings, got)
	}
	if got := Worst(append(findings, problem("d", Possible, oauth.Temporary, "", "")...)); got != Problem {
		t.Errorf("got %s", got)
	}
	if got := Worst(nil); got != OK {
		t.Errorf("of none: %s", got)
	}
}
