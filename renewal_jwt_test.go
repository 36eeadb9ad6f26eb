package freshet_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// The claims are as the provider documents them, and the form has the rest.
func TestJWTBearerClaims(t *testing.T) {
	type claims = map[string]any
	const app, user = "app", "user@example.com"
	for name, test := range map[string]struct {
		registration freshet.Registration
		lifetime     time.Duration
		claims       claims
		form         string // beyond grant_type and assertion
	}{
		"generic": {
			freshet.Registration{Endpoints: oauth.Endpoints{Token: "https://id.example.com/token"}, Scopes: []string{"a", "b"}},
			3 * time.Minute,
			claims{"iss": app, "sub": app, "aud": "https://id.example.com/token"},
			"scope=a b",
		},
		"issuer": {
			freshet.Registration{
				Endpoints: oauth.Endpoints{Token: "https://id.example.com/token", Issuer: "https://id.example.com"},
				Assertion: freshet.AssertionOptions{Subject: user, Issuer: "other", Claims: map[string]string{"act": "x"}},
			},
			3 * time.Minute,
			claims{"iss": "other", "sub": user, "aud": "https://id.example.com", "act": "x"},
			"",
		},
		"Salesforce": {
			freshet.Registration{
				Provider: "salesforce", Endpoints: oauth.Endpoints{Issuer: "https://login.salesforce.com"},
				Assertion: freshet.AssertionOptions{Subject: user},
			},
			3 * time.Minute,
			claims{"iss": app, "sub": user, "aud": "https://login.salesforce.com"},
			"",
		},
		"Salesforce My Domain": {
			freshet.Registration{
				Provider: "salesforce", Endpoints: oauth.Endpoints{Issuer: "https://acme.my.salesforce.com"},
				Assertion: freshet.AssertionOptions{Subject: user},
			},
			3 * time.Minute,
			claims{"iss": app, "sub": user, "aud": "https://login.salesforce.com"},
			"",
		},
		"Salesforce sandbox": {
			freshet.Registration{
				Provider: "salesforce", Endpoints: oauth.Endpoints{Issuer: "https://acme--dev.sandbox.my.salesforce.com"},
				Assertion: freshet.AssertionOptions{Subject: user},
			},
			3 * time.Minute,
			claims{"iss": app, "sub": user, "aud": "https://test.salesforce.com"},
			"",
		},
		"Salesforce test": {
			freshet.Registration{
				Provider: "salesforce", Endpoints: oauth.Endpoints{Issuer: "https://test.salesforce.com"},
				Assertion: freshet.AssertionOptions{Subject: user},
			},
			3 * time.Minute,
			claims{"iss": app, "sub": user, "aud": "https://test.salesforce.com"},
			"",
		},
		"Salesforce community": {
			freshet.Registration{
				Provider: "salesforce", Endpoints: oauth.Endpoints{Issuer: "https://acme.my.site.com/customers"},
				Assertion: freshet.AssertionOptions{Subject: user},
			},
			3 * time.Minute,
			claims{"iss": app, "sub": user, "aud": "https://acme.my.site.com/customers"},
			"",
		},
		"Google": {
			freshet.Registration{Provider: "google", Scopes: []string{"s1", "s2"}},
			time.Hour,
			claims{"iss": app, "aud": "https://oauth2.googleapis.com/token", "scope": "s1 s2"},
			"",
		},
		"Google for a user": {
			freshet.Registration{Provider: "google", Scopes: []string{"s1"}, Assertion: freshet.AssertionOptions{Subject: user}},
			time.Hour,
			claims{"iss": app, "sub": user, "aud": "https://oauth2.googleapis.com/token", "scope": "s1"},
			"",
		},
		"Docusign": {
			freshet.Registration{
				Provider: "docusign", Parts: map[string]string{"host": "account-d.docusign.com"},
				Scopes: []string{"signature", "impersonation"}, Assertion: freshet.AssertionOptions{Subject: user},
			},
			time.Hour,
			claims{"iss": app, "sub": user, "aud": "account-d.docusign.com", "scope": "signature impersonation"},
			"",
		},
		"Box": {
			freshet.Registration{
				Provider: "box", Client: oauth.Client{Secret: "hush"}, Assertion: freshet.AssertionOptions{Subject: "1234"},
			},
			45 * time.Second,
			claims{"iss": app, "sub": "1234", "aud": "https://api.box.com/oauth2/token", "box_sub_type": "enterprise"},
			"client_id=app&client_secret=hush",
		},
		"Box for a user": {
			freshet.Registration{
				Provider: "box", Client: oauth.Client{Secret: "hush"}, Assertion: freshet.AssertionOptions{
					Subject: "99", Lifetime: 30e9, Claims: map[string]string{"box_sub_type": "user"},
				},
			},
			30 * time.Second,
			claims{"iss": app, "sub": "99", "aud": "https://api.box.com/oauth2/token", "box_sub_type": "user"},
			"client_id=app&client_secret=hush",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				signer := new(claimSigner)
				w, sent := newKeyWorld(t, nil, 200, newToken)
				r := test.registration
				r.Client.ID, r.Client.Key, r.RenewBy = app, signer, []freshet.GrantType{freshet.GrantJWTBearer}
				w.store.Put(freshet.Connection{Name: acme, Registration: r})
				if _, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
					t.Fatal(err)
				}
				got := maps.Clone(signer.claims[0])
				if lifetime := got["exp"].(int64) - got["iat"].(int64); lifetime != int64(test.lifetime.Seconds()) {
					t.Errorf("the lifetime is %d s", lifetime)
				}
				maps.DeleteFunc(got, func(name string, _ any) bool { return name == "exp" || name == "iat" || name == "jti" })
				if diff := cmp.Diff(test.claims, got); diff != "" {
					t.Errorf("the claims (-want +got):\n%s", diff)
				}
				form := sent().PostForm
				if form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || form.Get("assertion") == "" {
					t.Errorf("the form is %v", form)
				}
				form.Del("grant_type")
				form.Del("assertion")
				if rest := strings.ReplaceAll(form.Encode(), "+", " "); rest != test.form {
					t.Errorf("the rest of the form is %q, want %q", rest, test.form)
				}
			})
		})
	}
}

// A user has to allow the client once: the message has the address.
func TestJWTBearerNeedsConsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := newKeyWorld(t, nil, 400, `{"error":"consent_required"}`)
		w.store.Put(freshet.Connection{Name: acme, Registration: freshet.Registration{
			Provider: "docusign", Parts: map[string]string{"host": "account-d.docusign.com"},
			Client:  oauth.Client{ID: "8b0f0d3c-0000-4000-8000-000000000000", Key: new(claimSigner)},
			RenewBy: []freshet.GrantType{freshet.GrantJWTBearer}, Scopes: []string{"signature", "impersonation"},
		}})
		_, err := w.Refresh(t.Context(), acme, freshet.Options{})
		failed := refreshError(t, err)
		want := "https://account-d.docusign.com/oauth/auth?client_id=8b0f0d3c-0000-4000-8000-000000000000" +
			"&redirect_uri=REDIRECT_URI&response_type=code&scope=signature%20impersonation"
		if failed.Kind != oauth.Misconfigured || !strings.Contains(failed.Remedy.String(), want) {
			t.Errorf("%s: %s (%s)", failed.Kind, failed.Cause, failed.Remedy)
		}
	})
}

func TestJWTBearerWithoutAKey(t *testing.T) {
	for what, key := range map[string]freshet.ClientKey{
		"no key is known":                         {},
		"the client key is kept in file:/key.pem": {From: "file:/key.pem"},
	} {
		w, sent := newKeyWorld(t, nil, 200, newToken)
		r := keyRegistration()
		r.Key, r.RenewBy = key, []freshet.GrantType{freshet.GrantJWTBearer}
		w.store.Put(freshet.Connection{Name: acme, Registration: r})
		_, err := w.Refresh(t.Context(), acme, freshet.Options{})
		problem, ok := errors.AsType[*freshet.SetupError](err)
		if !ok || problem.Kind != oauth.Misconfigured || !strings.Contains(problem.What, what) || sent().URL != nil {
			t.Errorf("the error is %v", err)
		}
	}
}

// A failure counts only for the same assertion.
func TestAnotherSubjectIsAnotherRequest(t *testing.T) {
	w, _ := newKeyWorld(t, nil, 400, `{"error":"invalid_grant"}`)
	r := keyRegistration()
	r.Client.Key, r.RenewBy = new(claimSigner), []freshet.GrantType{freshet.GrantJWTBearer}
	w.store.Put(freshet.Connection{Name: acme, Registration: r})
	if _, err := w.Refresh(t.Context(), acme, freshet.Options{}); err == nil {
		t.Fatal("no error")
	}
	c := w.connection(t)
	if c.CurrentHealth().LastFailure == nil {
		t.Error("the failure does not count for the same assertion")
	}
	c.Assertion.Subject = "another"
	if c.CurrentHealth().LastFailure != nil {
		t.Error("the failure counts for another subject")
	}
}
