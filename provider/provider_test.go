package provider_test

import (
	"regexp"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

func TestEveryProviderIsComplete(t *testing.T) {
	sentence := regexp.MustCompile(`^[a-zA-Z].*[^.\s]$`)
	for _, name := range provider.Names() {
		p, ok := provider.Lookup(name)
		if !ok || p.Name != name || p.Title == "" || p.ClientIDHint == "" || p.AssumedLifetime <= 0 {
			t.Errorf("%s: %+v", name, p)
		}
		for i, r := range p.Refusals {
			if r.Kind == "" || !sentence.MatchString(r.Cause) || !sentence.MatchString(r.Remedy) || r.Code == "" && r.Text == "" && r.Status == 0 {
				t.Errorf("%s, refusal %d (%s %s): cause %q, remedy %q", name, i, r.Code, r.Text, r.Cause, r.Remedy)
			}
			if r.Wait > 0 && r.Kind != oauth.Temporary {
				t.Errorf("%s, refusal %d: a wait for something that waiting does not mend", name, i)
			}
		}
	}
}

func member(members map[string]string) func(string) string {
	return func(name string) string { return members[name] }
}

func TestSalesforceTokenEndpoint(t *testing.T) {
	p, _ := provider.Lookup("salesforce")
	const path = "/services/oauth2/token"
	for id, want := range map[string]string{
		"https://login.salesforce.com/id/O/U":                 "https://login.salesforce.com" + path,
		"https://LOGIN.Salesforce.com/id/O/U":                 "https://login.salesforce.com" + path,
		"https://test.salesforce.com/id/O/U":                  "https://test.salesforce.com" + path,
		"https://acme.my.salesforce.com/id/O/U":               "https://acme.my.salesforce.com" + path,
		"https://acme--uat.sandbox.my.salesforce.com/id/O/U":  "https://acme--uat.sandbox.my.salesforce.com" + path,
		"https://acme.my.site.com/id/O/U":                     "https://acme.my.site.com" + path,
		"http://127.0.0.1:4711/id/O/U":                        "http://127.0.0.1:4711" + path,
		"http://[::1]:4711/id/O/U":                            "http://[::1]:4711" + path,
		"https://login.salesforce.com.evil.example/id/O/U":    "",
		"https://login.salesforce.com@evil.example/id/O/U":    "",
		"https://user@login.salesforce.com/id/O/U":            "",
		"https://evillogin.salesforce.com/id/O/U":             "",
		"https://evilmy.salesforce.com/id/O/U":                "",
		"https://.my.salesforce.com/id/O/U":                   "",
		"https://my.salesforce.com/id/O/U":                    "",
		"https://login.salesforce.com:8443/id/O/U":            "",
		"https://login.salesforce.com:443/id/O/U":             "",
		"https://login.salesforce.com./id/O/U":                "",
		"https://xn--lgin-5qa.my.salesforce.com/id/O/U":       "",
		"https://lоgin.salesforce.com/id/O/U":                 "", // a Cyrillic o
		"https://136.147.0.1/id/O/U":                          "",
		"http://login.salesforce.com/id/O/U":                  "",
		"ftp://127.0.0.1/id/O/U":                              "",
		"https://127.0.0.1.evil.example/id/O/U":               "",
		"https://login.salesforce.com%2f.evil.example/id/O/U": "",
		"https://login.salesforce.com\\.evil.example/id/O/U":  "",
		"//login.salesforce.com/id/O/U":                       "",
		"":                                                    "",
	} {
		got, err := p.TokenEndpoint(member(map[string]string{"id": id}))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", id, got, err, want)
		}
	}
}

func TestRecognize(t *testing.T) {
	for _, test := range []struct {
		id, endpoint, want string
	}{
		{"https://login.salesforce.com/id/O/U", "", "salesforce"},
		{"http://127.0.0.1:1/id/O/U", "", "salesforce"},
		{"", "https://acme.my.salesforce.com/services/oauth2/token", "salesforce"},
		{"", "https://op.example/token", "generic"},
		{"42", "", "generic"},
	} {
		if got := provider.Recognize(member(map[string]string{"id": test.id}), test.endpoint); got.Name != test.want {
			t.Errorf("%+v: %s", test, got.Name)
		}
	}
}

func TestSalesforceExplains(t *testing.T) {
	p, _ := provider.Lookup("salesforce")
	for _, test := range []struct {
		code, description string
		want              oauth.Kind
	}{
		{"invalid_grant", "expired access/refresh token", oauth.LoginRequired},
		{"invalid_grant", "token request is already being processed", oauth.Temporary},
		{"invalid_grant", "expired authorization code", oauth.Temporary},
		{"invalid_grant", "inactive user", oauth.LoginRequired},
		{"inactive_user", "user is inactive", oauth.LoginRequired},
		{"inactive_org", "", oauth.LoginRequired},
		{"invalid_grant", "IP restricted", oauth.Misconfigured},
		{"invalid_grant", "invalid login hours", oauth.Temporary},
		{"invalid_grant", "authentication failure", oauth.LoginRequired},
		{"invalid_grant", "user hasn't approved this consumer", oauth.LoginRequired},
		{"invalid_grant", "something new", oauth.LoginRequired},
		{"invalid_client_id", "client identifier invalid", oauth.Misconfigured},
		{"invalid_client", "invalid client credentials", oauth.Misconfigured},
		{"invalid_client_credentials", "", oauth.Misconfigured},
		{"invalid_request", "refresh_token scope is required and the connected app should be installed and preauthorized", oauth.Misconfigured},
		{"unsupported_grant_type", "grant type not supported", oauth.Misconfigured},
		{"rate_limit_exceeded", "", oauth.Temporary},
		{"unknown_error", "retry your request", oauth.Temporary},
		{"server_error", "", oauth.Temporary},
		{"app_blocked", "", oauth.Misconfigured},
		{"oauth_flow_disabled", "", oauth.Misconfigured},
		{"app_not_found", "", oauth.Misconfigured},
	} {
		r := p.Explain(&oauth.Error{Code: test.code, Description: test.description, Status: 400})
		if r.Kind != test.want || r.Cause == "" || r.Remedy == "" {
			t.Errorf("%s: %s: %+v", test.code, test.description, r)
		}
	}
	if r := p.Explain(&oauth.Error{Status: 500, Code: "server_error"}); r.Kind != oauth.Unknown {
		t.Errorf("500 with a known code: %+v", r)
	}
	if r := provider.Generic.Explain(&oauth.Error{Status: 503, Code: "invalid_grant", RetryAfter: 1}); r.Kind != oauth.Temporary {
		t.Errorf("503 with Retry-After and a code: %+v", r)
	}
	if r := p.Explain(&oauth.Error{Status: 503, RetryAfter: 1}); r.Kind != oauth.Temporary {
		t.Errorf("503 with Retry-After: %+v", r)
	}
	for status, want := range map[int]oauth.Kind{429: oauth.Temporary, 503: oauth.Unknown, 500: oauth.Unknown, 404: oauth.Misconfigured, 307: oauth.Misconfigured} {
		if r := p.Explain(&oauth.Error{Status: status}); r.Kind != want || r.Cause == "" || r.Remedy == "" {
			t.Errorf("%d: %+v", status, r)
		}
	}
}
