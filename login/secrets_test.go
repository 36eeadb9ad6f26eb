package login_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/redact/redacttest"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
)

// An answer may repeat any secret of the login, in any encoding. No error shows it.
func TestErrorsHideSecretsOfLogin(t *testing.T) {
	reg := example()
	reg.Client.Secret = oauth.Secret(redacttest.Token("client secret"))
	reg.Requests.Authorize.Params = map[string]string{"custom": redacttest.Secret("parameter")}
	a := begin(t, reg, login.Options{State: redacttest.Secret("state"), ResponseType: "code id_token"})
	a.Verifier, a.Nonce = oauth.Secret(redacttest.Secret("verifier")), redacttest.Secret("nonce")
	for name, secret := range map[string]string{
		"state": a.State, "verifier": string(a.Verifier), "nonce": a.Nonce, "client secret": string(reg.Client.Secret),
		"parameter": reg.Requests.Authorize.Params["custom"], "code": redacttest.Secret("code"),
		"id_token":     redacttest.Secret("id-token"),
		"access token": redacttest.Token("access token"),
	} {
		for spelled, echo := range redacttest.Encodings {
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
					"state": {a.State}, "code": {redacttest.Secret("code")},
					"id_token": {redacttest.Secret("id-token")}, "access_token": {redacttest.Token("access token")},
				}
				change(callback)
				_, err := a.Grant(t.Context(), reg, callback)
				if err == nil {
					t.Fatalf("a server that %s makes a login", how)
				}
				redacttest.WantHidden(t, fmt.Sprintf("%s, which a server that %s repeats as %s", name, how, spelled), redacttest.Texts(err))
			}
		}
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestErrorsHideSecretsOfDeviceLogin(t *testing.T) {
	reg := freshet.Registration{
		Client: oauth.Client{
			ID: "app", Secret: oauth.Secret(redacttest.Token("client secret")),
			Auth: oauth.AuthBasic,
		}, Endpoints: oauth.Endpoints{Device: "https://op.example/device"},
		Requests: freshet.Requests{
			Authorize: freshet.RequestOptions{Params: map[string]string{"custom": redacttest.Secret("parameter")}},
		},
	}
	for name, secret := range map[string]string{
		"client secret": string(reg.Client.Secret), "parameter": reg.Requests.Authorize.Params["custom"],
		"device code": redacttest.Secret("device code"),
	} {
		for spelled, echo := range redacttest.Encodings {
			reply, _ := json.Marshal(map[string]string{
				"error": "no " + echo(secret), "error_description": "it was " + echo(secret),
				"device_code": redacttest.Secret("device code"),
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
				redacttest.WantHidden(t, fmt.Sprintf("%s, which a server that %s repeats as %s", name, how, spelled), redacttest.Texts(err))
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
	redacttest.WantHidden(t, "the state", redacttest.Texts(err))
}
