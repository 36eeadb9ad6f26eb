package login_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
)

// echoes are the encodings in which a server may repeat a secret.
var echoes = map[string]func(string) string{
	"plain":     func(s string) string { return s },
	"form":      url.QueryEscape,
	"path":      url.PathEscape,
	"JSON":      func(s string) string { quoted, _ := json.Marshal(s); return string(quoted) },
	"HTML":      html.EscapeString,
	"base64":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte("app:" + s)) },
	"base64url": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("[" + s + "]")) },
}

// wantNoSecret looks for the part of a secret that no encoding but base64 changes, and for base64
// of it.
func wantNoSecret(t *testing.T, what string, err error) {
	t.Helper()
	for text := fmt.Sprintf("%v %#v", err, err); err != nil; err = errors.Unwrap(err) {
		text += fmt.Sprintf(" %v %#v", err, err)
		for _, part := range []string{"hunter2", "aHVudGVy", "dW50ZXIy", "h1bnRlcj", "VudGVyM"} {
			if strings.Contains(text, part) {
				t.Errorf("%s shows: %s", what, text)
			}
		}
	}
}

// An answer may repeat any secret of the login, in any encoding. No error shows it.
func TestErrorsHideSecretsOfLogin(t *testing.T) {
	reg := example()
	reg.Client.Secret = "s-client-secret/+ü<>hunter2="
	reg.Requests.Authorize.Params = map[string]string{"custom": "s-parameter/+ü<>hunter2="}
	a := begin(t, reg, login.Options{State: "s-state/+ü<>hunter2=", ResponseType: "code id_token"})
	a.Verifier, a.Nonce = "s-verifier/+ü<>hunter2=", "s-nonce/+ü<>hunter2="
	for name, secret := range map[string]string{
		"state": a.State, "verifier": string(a.Verifier), "nonce": a.Nonce, "client secret": string(reg.Client.Secret),
		"parameter": reg.Requests.Authorize.Params["custom"], "code": "s-code/+ü<>hunter2=",
		"id_token":     "s-id-token/+ü<>hunter2=",
		"access token": "s-access-token/+ü<>hunter2=",
	} {
		for spelled, echo := range echoes {
			text := echo(secret)
			claims, _ := json.Marshal(map[string]any{"iss": text, "aud": "me", "exp": 1})
			forged := "x." + base64.RawURLEncoding.EncodeToString(claims) + ".x"
			for how, change := range map[string]func(url.Values){
				"refuses": func(c url.Values) {
					c.Set("error", "no "+text)
					c.Set("error_description", strings.Repeat("é", 290)+text)
				},
				"claims an iss":  func(c url.Values) { c.Set("iss", text) },
				"forges a token": func(c url.Values) { c.Set("id_token", forged) },
			} {
				if how == "forges a token" && name == "id_token" {
					continue // no token has its own text in it
				}
				callback := url.Values{
					"state": {a.State}, "code": {"s-code/+ü<>hunter2="},
					"id_token": {"s-id-token/+ü<>hunter2="}, "access_token": {"s-access-token/+ü<>hunter2="},
				}
				change(callback)
				_, err := a.Grant(t.Context(), reg, callback)
				if err == nil {
					t.Fatalf("a server that %s makes a login", how)
				}
				wantNoSecret(t, fmt.Sprintf("%s, which a server that %s repeats as %s", name, how, spelled), err)
			}
		}
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestErrorsHideSecretsOfDeviceLogin(t *testing.T) {
	reg := freshet.Registration{
		Client: oauth.Client{
			ID: "app", Secret: "s-client-secret/+ü<>hunter2=",
			Auth: oauth.AuthBasic,
		}, Endpoints: oauth.Endpoints{Device: "https://op.example/device"},
		Requests: freshet.Requests{
			Authorize: freshet.RequestOptions{Params: map[string]string{"custom": "s-parameter/+ü<>hunter2="}},
		},
	}
	for name, secret := range map[string]string{
		"client secret": string(reg.Client.Secret), "parameter": reg.Requests.Authorize.Params["custom"],
		"device code": "s-device-code/+ü<>hunter2=",
	} {
		for spelled, echo := range echoes {
			reply, _ := json.Marshal(map[string]string{
				"error": "no " + echo(secret), "error_description": "it was " + echo(secret),
				"device_code": "s-device-code/+ü<>hunter2=",
			})
			for how, transport := range map[string]transportFunc{
				"refuses": func(*http.Request) (*http.Response, error) {
					body := io.NopCloser(bytes.NewReader(reply))
					return &http.Response{StatusCode: http.StatusBadRequest, Body: body}, nil
				},
				"cannot be reached": func(*http.Request) (*http.Response, error) {
					return nil, errors.New("no route for " + echo(secret))
				},
			} {
				if name == "device code" && how != "refuses" {
					continue // there is none yet
				}
				_, err := login.StartDevice(t.Context(), &http.Client{Transport: transport}, reg)
				wantNoSecret(t, fmt.Sprintf("%s, which a server that %s repeats as %s", name, how, spelled), err)
			}
		}
	}
}

// The error of OpenBrowser hides the address, which has the state in it.
func TestErrorsOfBrowserHideAddress(t *testing.T) {
	err := login.OpenBrowser(t.Context(), "https://op.example/authorize?state=hunter2-hunter2", "%s")
	if err == nil {
		t.Fatal("an address was run as a command")
	}
	wantNoSecret(t, "the state", err)
}
