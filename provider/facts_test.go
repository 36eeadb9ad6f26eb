package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// A spent refresh token is sent again only where a page of the provider says that it is still accepted. These
// are the providers, and for how long after the first time. Each new one needs such a page.
func TestSpentTokensAreSentAgainOnlyByOfficialFacts(t *testing.T) {
	const always = 100 * 365 * 24 * time.Hour
	want := map[string]time.Duration{
		"asana":     always,              // docs/oauth: new tokens "by reusing an authorized refresh token"
		"atlassian": 10 * time.Minute,    // refresh-tokens: the leeway
		"google":    always,              // protocols/oauth2: keep and use it "as long as [it remains] valid"
		"microsoft": always,              // refresh-tokens: not revoked when used to fetch new access tokens
		"shopify":   30 * 24 * time.Hour, // changelog: more resilient refreshes
		"withings":  8 * time.Hour,       // access-and-refresh-tokens: the expiration guideline
		"xero":      30 * time.Minute,    // faq/oauth2: the grace period
		"zoho":      always,              // access-token-expiry: the refresh token has no expiry
	}
	for _, p := range all(t) {
		limit := want[p.Name]
		if limit > 0 && !p.StillAnswers(limit-time.Second) {
			t.Errorf("%s: a spent token is not sent again within %s", p.Name, limit)
		}
		if limit < always && p.StillAnswers(limit) {
			t.Errorf("%s: a spent token is sent again after %s: which page says so?", p.Name, limit)
		}
	}
}

// Each file says at least two things about the life of tokens: whether refresh tokens rotate, how long an
// access token lives, and when a refresh token expires. Each is on a page, or marked with its source.
func TestFilesHaveTwoFacts(t *testing.T) {
	for _, p := range all(t) {
		facts := 0
		for _, known := range []bool{
			p.RefreshToken.Rotation != "",
			p.AccessToken.Lifetime > 0 || p.AccessToken.PermanentWithoutExpiresIn,
			p.RefreshToken.Idle > 0 || p.RefreshToken.Absolute > 0,
		} {
			if known {
				facts++
			}
		}
		if facts < 2 {
			t.Errorf("%s: %d facts", p.Name, facts)
		}
	}
}

// A file says how a grant is ended: by an endpoint, or in a note.
func TestFilesSayHowAGrantEnds(t *testing.T) {
	for _, name := range strings.Fields(
		"amazon bitbucket discord docusign ebay firebase fitbit gitlab hmrc paypal spotify strava withings",
	) {
		p := lookup(t, name)
		if p.Endpoints.Revocation == "" && !strings.Contains(strings.Join(p.Notes, "\n"), "RFC 7009") {
			t.Errorf("%s: neither a revocation endpoint nor a note", name)
		}
	}
}

// The values that no page states in full are marked, so that nothing irreversible depends on them.
func TestMarkedValues(t *testing.T) {
	for name, paths := range map[string]string{
		"dropbox":        "refresh_token.rotation",
		"google":         "api.hosts access_token.lifetime",
		"hubspot":        "api.hosts login.pkce refresh_token.rotation",
		"linkedin":       "refresh_token.rotation",
		"okta":           "refresh_token.grace",
		"salesforce":     "refresh_token.idle",
		"stripe-connect": "refresh_token.rotation",
		"zoom":           "refresh_token.limit login.redirect",
	} {
		p := lookup(t, name)
		for _, path := range strings.Fields(paths) {
			if p.Unofficial[path] == "" {
				t.Errorf("%s: %s is not marked as unofficial", name, path)
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(lookup(t, "zoho").Unofficial)) {
		if strings.Contains(path, "hosts") || path == "parts.host.values" || path == "parts.host.clouds.9" {
			t.Errorf("zoho: %s is documented", path)
		}
	}
}

// What users must know before it ends a grant is in the notes and hints.
func TestNotes(t *testing.T) {
	for name, texts := range map[string][]string{
		"auth0":      {"28 April 2026", "rotation on or off"},
		"box":        {"until the new access token is used"},
		"github":     {"scope offline_access", "unused for a year", "after eight hours"},
		"google":     {"external app in Testing", "TVs and Limited Input devices", "a part of the scopes"},
		"hubspot":    {"September 2027"},
		"microsoft":  {"one-time passcode", "ciamlogin.com"},
		"quickbooks": {"another 24 hours"},
		"salesforce": {"September 2025", "External Client App", "idle limit of 30 days"},
		"shopify":    {"1 April 2026", "1 January 2027"},
		"xero":       {"2 March 2026", "September 2027"},
		"zoom":       {"public client id"},
	} {
		p := lookup(t, name)
		for _, text := range texts {
			if !strings.Contains(strings.Join(p.Notes, "\n"), text) {
				t.Errorf("%s: no note on %q", name, text)
			}
		}
	}
	for name, text := range map[string]string{
		"zoom": "Use Public Client OAuth", "google": "TVs and Limited Input devices",
	} {
		if p := lookup(t, name); !strings.Contains(p.Login.Hint, text) {
			t.Errorf("%s: the hint does not mention %q", name, text)
		}
	}
}

// GitHub's OAuth Apps return a refresh token for a scope, which a login requests.
func TestGitHubRequestsRefreshTokens(t *testing.T) {
	p := lookup(t, "github")
	if !slices.Contains(p.Login.Scopes, "offline_access") || p.Login.RefreshScope != "offline_access" {
		t.Errorf("%+v", p.Login)
	}
}

// QuickBooks says when a grant ends only if it is asked. Its word for that counts as the RFC draft's.
func TestQuickBooksStatesTheEndOfAGrant(t *testing.T) {
	p := lookup(t, "quickbooks")
	if p.Refresh.Headers["x-include-refresh-token-hard-expires-in"] != "true" {
		t.Errorf("a refresh has the header fields %v", p.Refresh.Headers)
	}
	body := string(replies.Standard(p, []byte(`{"access_token":"a","x_refresh_token_hard_expires_in":157680000}`)))
	if !strings.Contains(body, `"authorization_expires_in":157680000`) {
		t.Error(body)
	}
}

// Codes that changed their meaning, or that no rule had.
func TestProvidersOwnCodes(t *testing.T) {
	for _, test := range []struct {
		provider, code, text string
		kind                 oauth.Kind
		cause                string
	}{
		{"google", "invalid_client", "Only clients of type 'TVs and Limited Input devices'", oauth.Misconfigured, "device login"},
		{"google", "invalid_client", "Unauthorized", oauth.Misconfigured, "client id or the client secret"},
		{"salesforce", "OAUTH_APPROVAL_ERROR_GENERIC", "", oauth.Misconfigured, "not installed"},
		{"slack", "service_unavailable", "", oauth.Temporary, "Slack"},
		{"slack", "request_timeout", "", oauth.Temporary, "Slack"},
		{"slack", "team_added_to_org", "", oauth.Temporary, "Slack"},
		{"slack", "user_email_unverified", "", oauth.LoginRequired, "not verified"},
		{"slack", "invalid_grant_type", "", oauth.Misconfigured, "grant"},
		{"xero", "unauthorized_client", "Invalid scope for client", oauth.Misconfigured, "granular"},
		{"xero", "unauthorized_client", "", oauth.Misconfigured, "type"},
	} {
		e := &oauth.Error{Status: 400, Code: test.code, Description: test.text}
		r := replies.Explain(lookup(t, test.provider), e, replies.Request{Secret: true})
		if r.Kind != test.kind || !strings.Contains(r.Cause, test.cause) {
			t.Errorf("%s: %s %s: %s: %s", test.provider, test.code, test.text, r.Kind, r.Cause)
		}
	}
}

func lookup(t *testing.T, name string) *provider.Provider {
	t.Helper()
	p, err := provider.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// all returns the built-in providers without the generic one.
func all(t *testing.T) []*provider.Provider {
	t.Helper()
	var providers []*provider.Provider
	for _, name := range provider.Names() {
		if p := lookup(t, name); !p.IsGeneric() {
			providers = append(providers, p)
		}
	}
	return providers
}
