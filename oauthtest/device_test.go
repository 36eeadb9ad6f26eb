package oauthtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// startDevice asks for a device code.
func startDevice(t *testing.T, s *Server, changes ...change) map[string]any {
	t.Helper()
	form := url.Values{"client_id": {s.ClientID()}}
	if s.cfg.Provider == Salesforce {
		form.Set("response_type", "device_code")
	}
	for _, change := range changes {
		change(form)
	}
	w := post(s, s.DeviceEndpoint(), form)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return object(t, w.Body.Bytes())
}

// poll asks whether the user has decided.
func poll(s *Server, reply map[string]any) *httptest.ResponseRecorder {
	form := url.Values{"client_id": {s.ClientID()}}
	if s.cfg.Provider == Salesforce {
		form.Set("grant_type", "device")
		form.Set("code", reply["device_code"].(string))
	} else {
		form.Set("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
		form.Set("device_code", reply["device_code"].(string))
	}
	return post(s, s.TokenEndpoint(), form)
}

func wantPending(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	wantError(t, w, "authorization_pending", "the user has not decided yet")
}

func TestDeviceReply(t *testing.T) {
	for provider, test := range map[string]struct{ members, page string }{
		Generic: {
			"device_code user_code verification_uri interval verification_uri_complete expires_in", local + "/device",
		},
		Salesforce: {"device_code user_code verification_uri interval", local + "/setup/connect"},
	} {
		s := NewHandler(Config{Provider: provider, DeviceInterval: 1500 * time.Millisecond, DeviceLife: time.Minute},
			local)
		form := url.Values{"client_id": {s.ClientID()}, "response_type": {"device_code"}}
		w := post(s, s.DeviceEndpoint(), form)
		if got := names(t, w.Body.Bytes()); got != test.members {
			t.Errorf("%s: members %s", provider, got)
		}
		reply := object(t, w.Body.Bytes())
		userCode, _ := reply["user_code"].(string)
		if !regexp.MustCompile(`^[B-Z]{4}-[B-Z]{4}$`).MatchString(userCode) {
			t.Errorf("%s: user code %q", provider, userCode)
		}
		if reply["verification_uri"] != test.page || reply["interval"] != 2.0 {
			t.Errorf("%s: %s", provider, w.Body)
		}
		if provider == Generic &&
			(reply["verification_uri_complete"] != test.page+"?user_code="+userCode || reply["expires_in"] != 60.0) {
			t.Errorf("%s", w.Body)
		}
	}
}

func TestDevice(t *testing.T) {
	for _, provider := range providers {
		t.Run(provider, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewHandler(Config{Provider: provider}, local)
				reply := startDevice(t, s, with("scope", "api openid"))
				wantPending(t, poll(s, reply))
				time.Sleep(5 * time.Second)
				wantPending(t, poll(s, reply))
				if !s.ApproveDevice(reply["user_code"].(string)) {
					t.Error("no device waits")
				}
				time.Sleep(5 * time.Second)
				w := poll(s, reply)
				access, refresh := wantSuccess(t, w)
				if got := object(t, w.Body.Bytes()); got["scope"] != "api openid" || got["id_token"] == nil {
					t.Errorf("reply %v", got)
				}
				if !s.ValidAccess(access) || !s.ValidRefresh(refresh) {
					t.Error("tokens that are not valid")
				}
				time.Sleep(5 * time.Second)
				wantError(t, poll(s, reply), "invalid_grant", "invalid authorization code")
				if s.Stats().Logins != 1 {
					t.Errorf("stats %+v", s.Stats())
				}
			})
		})
	}
}

func TestDeviceDenied(t *testing.T) {
	s := NewHandler(Config{}, local)
	reply := startDevice(t, s)
	userCode := reply["user_code"].(string)
	if !s.DenyDevice(userCode) || s.ApproveDevice(userCode) {
		t.Error("the first decision counts")
	}
	wantError(t, poll(s, reply), "access_denied", "end-user denied authorization")
	if s.ApproveDevice("WXYZ-WXYZ") || s.DenyDevice("") {
		t.Error("a device that does not exist was decided on")
	}
}

func TestDeviceByItself(t *testing.T) {
	for _, provider := range providers {
		for consent, want := range map[string]any{Allow: nil, Deny: "access_denied"} {
			t.Run(provider+"/"+consent, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := NewHandler(Config{Provider: provider, Consent: consent, DeviceInterval: time.Second}, local)
					reply := startDevice(t, s)
					wantPending(t, poll(s, reply))
					time.Sleep(time.Second)
					if got := object(t, poll(s, reply).Body.Bytes()); got["error"] != want {
						t.Errorf("at the second poll: %v", got)
					}
				})
			})
		}
	}
}

// Each poll that comes too soon adds five seconds to the interval (RFC 8628 §3.5).
func TestSlowDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{DeviceInterval: 3 * time.Second}, local)
		reply := startDevice(t, s)
		for _, step := range []struct {
			wait time.Duration
			want string
		}{
			{0, "authorization_pending"},
			{3*time.Second - 1, "slow_down"},
			{8*time.Second - 1, "slow_down"},
			{13 * time.Second, "authorization_pending"},
			{13 * time.Second, "authorization_pending"},
		} {
			time.Sleep(step.wait)
			if got := object(t, poll(s, reply).Body.Bytes())["error"]; got != step.want {
				t.Errorf("after %v: %v, want %s", step.wait, got, step.want)
			}
		}
	})
}

func TestDeviceLife(t *testing.T) {
	for provider, want := range map[string]string{Generic: "expired_token", Salesforce: "invalid_grant"} {
		t.Run(provider, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewHandler(Config{Provider: provider, DeviceLife: time.Minute}, local)
				reply := startDevice(t, s)
				time.Sleep(time.Minute - 1)
				wantPending(t, poll(s, reply))
				time.Sleep(time.Nanosecond)
				if got := object(t, poll(s, reply).Body.Bytes())["error"]; got != want {
					t.Errorf("error %v", got)
				}
				if s.ApproveDevice(reply["user_code"].(string)) {
					t.Error("allowed after its end")
				}
			})
		})
	}
}

func TestRefusedDevices(t *testing.T) {
	for provider, code := range map[string]string{Generic: "invalid_client", Salesforce: "invalid_client_id"} {
		s := NewHandler(Config{Provider: provider}, local)
		form := url.Values{"client_id": {"wrong"}, "response_type": {"device_code"}}
		wantError(t, post(s, s.DeviceEndpoint(), form), code, "client identifier invalid")
		wantError(t, poll(s, map[string]any{"device_code": "garbage"}), "invalid_grant", "invalid authorization code")
		wantError(t, poll(s, map[string]any{"device_code": ""}), "invalid_request",
			"missing required parameter: "+s.profile.DeviceCode)
	}
}

func TestDevicePage(t *testing.T) {
	for _, provider := range providers {
		for decision, want := range map[string]any{Allow: nil, Deny: "access_denied"} {
			s := NewHandler(Config{Provider: provider}, local)
			reply := startDevice(t, s, with("scope", "email"))
			page, userCode := reply["verification_uri"].(string), reply["user_code"].(string)

			wantPage(t, get(s, page), http.StatusOK, `<input id="user_code" name="user_code"`)
			wantPage(t, get(s, page+"?user_code=WXYZ-WXYZ"), http.StatusNotFound, `id="problem"`)
			typed := page + "?user_code=" + strings.ToLower(strings.Replace(userCode, "-", "+", 1))
			wantPage(t, get(s, typed), http.StatusOK, userCode+"</output>")
			wantPage(t, get(s, typed), http.StatusOK, `<span>read your email address</span> <code>email</code>`)
			wantPage(t, post(s, typed, url.Values{"decision": {"perhaps"}}), http.StatusOK, `id="allow"`)
			wantPage(t, post(s, typed, url.Values{"decision": {decision}}), http.StatusOK, "go back to your device")
			wantPage(t, post(s, typed, url.Values{"decision": {decision}}), http.StatusNotFound, `id="problem"`)

			if got := object(t, poll(s, reply).Body.Bytes()); got["error"] != want {
				t.Errorf("%s, %s: %v", provider, decision, got)
			}
		}
	}
}

func wantPage(t *testing.T, w *httptest.ResponseRecorder, status int, part string) {
	t.Helper()
	if w.Code != status || !strings.Contains(w.Body.String(), part) {
		t.Errorf("status %d: %s; want %d, %s", w.Code, w.Body, status, part)
	}
}
