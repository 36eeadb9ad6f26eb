package zitadel_test

import (
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet/e2e/zitadel"
)

func wantError(t *testing.T, status int, reply map[string]any, wantStatus int, wantError string) {
	t.Helper()
	if status != wantStatus || reply["error"] != wantError {
		t.Errorf("status %d, %v; want %d, %s", status, reply, wantStatus, wantError)
	}
}

func TestMetadata(t *testing.T) {
	s := zitadel.Start(t)
	metadata := discover(t, s)
	if metadata["issuer"] != s.Issuer {
		t.Errorf("issuer %v, want %s", metadata["issuer"], s.Issuer)
	}
	for _, endpoint := range []string{
		"authorization", "token", "device_authorization", "revocation", "introspection", "userinfo",
	} {
		if address, _ := metadata[endpoint+"_endpoint"].(string); address == "" {
			t.Errorf("no %s endpoint", endpoint)
		}
	}
}

func TestLogin(t *testing.T) {
	s := zitadel.Start(t)
	clients := map[string]plainClient{"public": publicClient(t, s), "confidential": confidentialClient(t, s)}
	for name, p := range clients {
		t.Run(name, func(t *testing.T) {
			p.t = t
			callback := p.callback()
			if callback.Get("state") != state {
				t.Errorf("callback %v", callback)
			}
			status, token := p.exchange(callback.Get("code"), verifier)
			if status != http.StatusOK || token["access_token"] == nil || token["refresh_token"] == nil ||
				token["expires_in"] == nil {
				t.Fatalf("status %d: %v", status, token)
			}
			about := claims(t, token["id_token"])
			for claim, want := range map[string]string{
				"iss": s.Issuer, "sub": "alice", "azp": p.id, "nonce": nonce, "email": "alice@example.com",
			} {
				if about[claim] != want {
					t.Errorf("%s is %v, want %s", claim, about[claim], want)
				}
			}
			status, again := p.exchange(callback.Get("code"), verifier)
			wantError(t, status, again, http.StatusBadRequest, "invalid_grant")
		})
	}
}

func TestRefusedLogins(t *testing.T) {
	s := zitadel.Start(t)
	t.Run("another verifier", func(t *testing.T) {
		p := publicClient(t, s)
		status, reply := p.exchange(p.callback().Get("code"), verifier+"x")
		wantError(t, status, reply, http.StatusBadRequest, "invalid_grant")
	})
	t.Run("another secret", func(t *testing.T) {
		p := confidentialClient(t, s)
		code := p.callback().Get("code")
		p.secret += "x"
		status, reply := p.exchange(code, verifier)
		wantError(t, status, reply, http.StatusUnauthorized, "invalid_client")
	})
	t.Run("no secret", func(t *testing.T) {
		p := confidentialClient(t, s)
		code := p.callback().Get("code")
		p.secret = ""
		status, reply := p.exchange(code, verifier)
		wantError(t, status, reply, http.StatusUnauthorized, "invalid_client")
	})
}

func TestRotation(t *testing.T) {
	s := zitadel.Start(t)
	p := publicClient(t, s)
	first := p.login()
	status, second := p.refresh(first["refresh_token"])
	if status != http.StatusOK || second["refresh_token"] == nil ||
		second["refresh_token"] == first["refresh_token"] {
		t.Fatalf("status %d: %v", status, second)
	}
	if s.Refreshes() != 1 || s.Reuses() != 0 {
		t.Errorf("%d refreshes, %d reuses", s.Refreshes(), s.Reuses())
	}

	status, reply := p.refresh(first["refresh_token"])
	wantError(t, status, reply, http.StatusBadRequest, "invalid_grant")
	if s.Refreshes() != 1 || s.Reuses() != 1 {
		t.Errorf("after a reuse: %d refreshes, %d reuses", s.Refreshes(), s.Reuses())
	}
	status, reply = p.refresh(second["refresh_token"])
	wantError(t, status, reply, http.StatusBadRequest, "invalid_grant")
}

func TestOneOfManyRefreshesSucceeds(t *testing.T) {
	s := zitadel.Start(t)
	p := publicClient(t, s)
	token := p.login()
	var requests sync.WaitGroup
	for range 8 {
		requests.Go(func() { p.refresh(token["refresh_token"]) })
	}
	requests.Wait()
	if s.Refreshes() != 1 || s.Reuses() != 7 {
		t.Errorf("%d refreshes, %d reuses", s.Refreshes(), s.Reuses())
	}
}

func TestDevice(t *testing.T) {
	s := zitadel.Start(t)
	p := publicClient(t, s)
	begin := func(t *testing.T) (deviceCode url.Values, userCode string) {
		status, reply := p.post("device_authorization_endpoint", url.Values{"scope": {scopes}})
		if status != http.StatusOK || reply["verification_uri"] == nil || reply["interval"] == nil {
			t.Fatalf("status %d: %v", status, reply)
		}
		return url.Values{
			"grant_type":  {"urn:ietf:params:oauth:grant-type:device_code"},
			"device_code": {reply["device_code"].(string)},
		}, reply["user_code"].(string)
	}
	t.Run("allow", func(t *testing.T) {
		form, userCode := begin(t)
		status, reply := p.post("token_endpoint", form)
		wantError(t, status, reply, http.StatusBadRequest, "authorization_pending")
		if !s.ApproveDevice(userCode) {
			t.Fatal("the server does not know the user code")
		}
		status, token := p.post("token_endpoint", form)
		if status != http.StatusOK || token["refresh_token"] == nil {
			t.Fatalf("status %d: %v", status, token)
		}
		if status, _ := p.refresh(token["refresh_token"]); status != http.StatusOK {
			t.Errorf("refresh: status %d", status)
		}
	})
	t.Run("deny", func(t *testing.T) {
		form, userCode := begin(t)
		if !s.DenyDevice(userCode) {
			t.Fatal("the server does not know the user code")
		}
		status, reply := p.post("token_endpoint", form)
		wantError(t, status, reply, http.StatusBadRequest, "access_denied")
	})
}

func TestRevocation(t *testing.T) {
	s := zitadel.Start(t)
	public, confidential := publicClient(t, s), confidentialClient(t, s)
	for _, kind := range []string{"access_token", "refresh_token"} {
		t.Run(kind, func(t *testing.T) {
			token := public.login()
			introspect := func() any {
				form := url.Values{"token": {token["access_token"].(string)}}
				_, reply := confidential.post("introspection_endpoint", form)
				return reply["active"]
			}
			status, userinfo := public.userinfo(token["access_token"])
			if status != http.StatusOK || userinfo["email"] != "alice@example.com" {
				t.Errorf("userinfo: status %d: %v", status, userinfo)
			}
			if got := introspect(); got != true {
				t.Errorf("before: active %v", got)
			}
			form := url.Values{"token": {token[kind].(string)}, "token_type_hint": {kind}}
			status, reply := public.post("revocation_endpoint", form)
			if status != http.StatusOK {
				t.Errorf("status %d: %v", status, reply)
			}
			if got := introspect(); got != false {
				t.Errorf("after: active %v", got)
			}
			if status, about := public.userinfo(token["access_token"]); status == http.StatusOK {
				t.Errorf("userinfo still returns %v", about)
			}
			status, reply = public.refresh(token["refresh_token"])
			wantError(t, status, reply, http.StatusBadRequest, "invalid_grant")
		})
	}
}
