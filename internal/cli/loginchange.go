package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// change makes what is known of a connection what the flags say. given is what [connectionFlags.registration] made of its
// part of them; of what it took from the environment, only what was not known counts.
func (f *loginFlags) change(r, given freshet.Registration) (freshet.Registration, error) {
	for flag, set := range map[string]func(){
		"provider":   func() { r.Provider = given.Provider },
		"client-id":  func() { r.Client.ID = given.Client.ID },
		"auth":       func() { r.Client.Auth = given.Client.Auth },
		"scope":      func() { r.Scopes = strings.Fields(strings.Join(f.scopes, " ")) },
		"assume-ttl": func() { r.Policy.AssumeTTL = f.assumeTTL },
		"idle-limit": func() { r.Policy.IdleLimit = time.Duration(f.idleLimit) },
		"proxy":      func() { r.Proxy = f.Proxy },
		"ca-file":    func() { r.CAFile = f.CAFile },

		"code-json":    func() { r.Requests.Code.JSON = f.codeJSON },
		"refresh-json": func() { r.Requests.Refresh.JSON = f.refreshJSON },
	} {
		if f.flags.Changed(flag) {
			set()
		}
	}
	if r.Client.ID == "" {
		r.Client.ID = given.Client.ID
	}
	r.Login = f.keep(r.Login)
	for _, p := range []struct {
		flag  string
		pairs []string
		to    *map[string]string
	}{
		{"authorize-param", f.authorizeParams, &r.Requests.Authorize.Params},
		{"part", f.parts, &r.Parts},
		{"code-param", f.codeParams, &r.Requests.Code.Params},
		{"refresh-param", f.refreshParams, &r.Requests.Refresh.Params},
		{"refresh-header", f.refreshHeaders, &r.Requests.Refresh.Headers},
	} {
		var err error
		if *p.to, err = changed(*p.to, p.flag, p.pairs); err != nil {
			return r, err
		}
	}
	return r, nil
}

// keep takes from known what no flag says, and returns what to know from now on.
func (f *loginFlags) keep(known freshet.LoginOptions) freshet.LoginOptions {
	if f.flags.Changed("redirect-uri") {
		known.Port, known.ListenHost = "", ""
	}
	if f.flags.Changed("port") || f.flags.Changed("listen-host") {
		known.RedirectURI = ""
	}
	for _, option := range []struct {
		flag     string
		to, from *string
	}{
		{"redirect-uri", &f.redirectURI, &known.RedirectURI},
		{"callback-url", &f.callbackURL, &known.CallbackURL},
		{"port", &f.port, &known.Port},
		{"listen-host", &f.listenHost, &known.ListenHost},
		{"pkce", &f.pkce, &known.Challenge},
		{"response-type", &f.responseType, &known.ResponseType},
		{"response-mode", &f.responseMode, &known.ResponseMode},
	} {
		if f.flags.Changed(option.flag) {
			*option.from = *option.to
		}
		*option.to = *option.from
	}
	if f.flags.Changed("resource") {
		known.Resources = f.resources
	}
	f.resources = known.Resources
	return known
}

// secretNames are parameters and headers that only ever hold a secret.
var secretNames = []string{
	"client_secret", "client_assertion", "assertion", "password", "refresh_token", "code_verifier", "authorization", "proxy-authorization", "cookie",
}

// changed returns known with the pairs in it. An empty value takes its name out.
func changed(known map[string]string, flag string, pairs []string) (map[string]string, error) {
	next := map[string]string{}
	for name, value := range known {
		next[name] = value
	}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, &usageError{"--" + flag + " is not NAME=VALUE", "write --" + flag + " name=value"}
		}
		if value != "" && slices.Contains(secretNames, strings.ToLower(name)) {
			return nil, &usageError{
				fmt.Sprintf("--%s %s=...: a secret in a flag can be seen by every user of this machine", flag, name),
				"say where the client secret is with --client-secret-from, and how it is sent with --auth",
			}
		}
		if next[name] = value; value == "" {
			delete(next, name)
		}
	}
	if len(next) == 0 {
		return nil, nil
	}
	return next, nil
}

// nameEndpoints makes the endpoints those that the flags name. Those that follow from an issuer are known by then.
func (f *loginFlags) nameEndpoints(e *oauth.Endpoints) {
	for _, named := range []struct {
		address string
		to      *string
	}{{f.authorizeURL, &e.Authorization}, {f.tokenURL, &e.Token}, {f.deviceURL, &e.Device}} {
		if named.address != "" {
			*named.to = named.address
		}
	}
}
