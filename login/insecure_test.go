package login_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A login asks a server without TLS only if the registration names its host.
func TestLoginOverPlainHTTP(t *testing.T) {
	const host = "keycloak.auth.svc:8080"
	server := oauthtest.NewHandler(oauthtest.Config{}, "http://"+host)
	for insecure, ok := range map[string]bool{host: true, "": false, "keycloak.auth.svc": false, "auth.svc:8080": false} {
		reg := freshet.Registration{
			Client: oauth.Client{ID: server.ClientID()}, InsecureHosts: strings.Fields(insecure),
			Endpoints: oauth.Endpoints{
				Issuer: server.URL(), Authorization: server.AuthorizationEndpoint(), Token: server.TokenEndpoint(),
				Device: server.DeviceEndpoint(),
			},
		}
		_, errBrowser := login.Begin(reg, login.Options{RedirectURI: "http://127.0.0.1/callback"})
		before := server.Stats().Requests
		_, errDevice := login.StartDevice(t.Context(), &http.Client{Transport: server.Transport()}, reg)
		for way, err := range map[string]error{"browser": errBrowser, "device code": errDevice} {
			if (err == nil) != ok {
				t.Errorf("%s, %q allowed: %v", way, insecure, err)
			}
			p, _ := errors.AsType[*freshet.SetupError](err)
			if !ok && (p == nil || !strings.Contains(p.What, "is not https") ||
				!strings.Contains(p.Remedy.String(), "InsecureHosts to "+host)) {
				t.Errorf("%s, %q allowed: %v", way, insecure, err)
			}
		}
		if sent := server.Stats().Requests - before; !ok && sent > 0 {
			t.Errorf("%q allowed: %d requests", insecure, sent)
		}
	}
}
