package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
)

type loginFlags struct {
	connectionFlags
	networkFlags

	name         string
	tokenFile    string
	issuer       string
	authorizeURL string
	deviceURL    string
	idleLimit    longDuration

	scopes          []string
	resources       []string
	authorizeParams []string
	codeParams      []string
	refreshParams   []string
	refreshHeaders  []string
	codeJSON        bool
	refreshJSON     bool

	device      bool
	paste       bool
	noBrowser   bool
	port        string
	listenHost  string
	redirectURI string
	callbackURL string
	allowPage   string
	denyPage    string
	timeout     time.Duration

	state        string
	pkce         string
	responseType string
	responseMode string
}

// loginPatience is how long a person may take.
const loginPatience = 5 * time.Minute

func (f *loginFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.name, "name", "", "`NAME` for the connection; default: the argument")
	flags.StringVar(&f.tokenFile, "token-file", "", "`FILE` to keep the token in, for other programs to share; default: the connection's own")
	flags.DurationVar(&f.timeout, "timeout", loginPatience, "how long a person may take")
	group(flags, "Ways to log in", func() {
		flags.BoolVar(&f.device, "device", false, "show a code to enter in a browser elsewhere")
		flags.BoolVar(&f.paste, "paste", false, "read the answer from standard input: the address that the browser ends at, or the code")
		flags.BoolVar(&f.noBrowser, "no-browser", false, "open no browser: print the address")
		flags.StringVar(&f.allowPage, "allow-page", "", "`FILE` with the HTML to show after a login that succeeded")
		flags.StringVar(&f.denyPage, "deny-page", "", "`FILE` with the HTML to show after one that did not")
		flags.StringVar(&f.state, "state", "", "`TEXT` that nobody can guess, to send as state; default: a random one")
	})
	f.registerRegistration(flags)
}

// ofConnections are the texts of flags that elsewhere speak of a token file.
var ofConnections = map[string]string{
	"client-id":          "client `ID`; default $FRESHET_CLIENT_ID",
	"client-secret-file": "`FILE` with the client secret, - for standard input, which is kept; default $FRESHET_CLIENT_SECRET",
	"token-url":          "`URL` of the token endpoint; default: the provider's",
	"provider":           "`NAME` of the provider; freshet providers lists them",
}

// registerRegistration registers the flags that a connection remembers.
func (f *loginFlags) registerRegistration(flags *pflag.FlagSet) {
	group(flags, "Application and server", func() {
		flags.StringVar(&f.issuer, "issuer", "", "`URL` of the authorization server, where its endpoints are looked up; of Salesforce: a sandbox or a My Domain")
		f.connectionFlags.register(flags)
		for name, usage := range ofConnections {
			flags.Lookup(name).Usage = usage
		}
		flags.StringVar(&f.authorizeURL, "authorize-url", "", "`URL` of the authorization endpoint; default: the provider's")
		flags.StringVar(&f.deviceURL, "device-url", "", "`URL` of the device authorization endpoint; default: the provider's")
		flags.Var(&f.idleLimit, "idle-limit", "how long a refresh token may stay unused at the provider: `DURATION`, such as 30d")
	})
	group(flags, "The browser's return", func() {
		flags.StringVar(&f.port, "port", "", "`N` or N-M: listen on this port, or the first free one of these; default: any, or the provider's")
		flags.StringVar(&f.listenHost, "listen-host", "", "`localhost|127.0.0.1`: how the browser is to call this machine")
		flags.StringVar(&f.redirectURI, "redirect-uri", "", "`URI` on this machine to be redirected to, letter for letter as it is registered")
		flags.StringVar(&f.callbackURL, "callback-url", "", "https `URL` of a page of yours that sends the browser on to this machine")
		flags.StringVar(&f.pkce, "pkce", "", "`S256|plain|none`: how the code is bound to this login; default S256, where the provider can")
		flags.StringVar(&f.responseType, "response-type", "", "`code` or \"code id_token\"; default code")
		flags.StringVar(&f.responseMode, "response-mode", "", "`query|form_post`: how the answer comes; default: the provider's usual way")
	})
	group(flags, "Requests", func() {
		flags.StringArrayVar(&f.scopes, "scope", nil, "`SCOPE` to ask for, or several with spaces; may be repeated; default: the provider's usual ones")
		flags.StringArrayVar(&f.resources, "resource", nil, "`URL` of what the token is for (RFC 8707); may be repeated")
		flags.StringArrayVar(&f.authorizeParams, "authorize-param", nil, "`NAME=VALUE` to add to the request in the browser; may be repeated")
		flags.StringArrayVar(&f.codeParams, "code-param", nil, "`NAME=VALUE` to add to the exchange of the code; may be repeated")
		flags.StringArrayVar(&f.refreshParams, "refresh-param", nil, "`NAME=VALUE` to add to each refresh; may be repeated")
		flags.StringArrayVar(&f.refreshHeaders, "refresh-header", nil, "`NAME=VALUE` of a header to add to each refresh; may be repeated")
		flags.BoolVar(&f.codeJSON, "code-json", false, "exchange the code with a JSON object instead of a form")
		flags.BoolVar(&f.refreshJSON, "refresh-json", false, "refresh with a JSON object instead of a form")
	})
	f.networkFlags.register(flags)
}

// check says what is wrong with the flags by themselves.
func (f *loginFlags) check() error {
	if f.timeout <= 0 {
		return &usageError{"--timeout must be positive", "give a duration such as 5m"}
	}
	if err := f.checkRegistration(); err != nil {
		return err
	}
	switch {
	case f.device && f.forBrowsers() != "":
		return &usageError{"--" + f.forBrowsers() + " is for a login with a browser, and --device is one without", "give one of them"}
	case f.paste && f.secretFile == "-":
		return &usageError{"standard input cannot have both the client secret and the answer", "pass --client-secret-from, or log in without --paste"}
	case f.paste && strings.Contains(f.responseType, "id_token"):
		return &usageError{"an answer with an id_token is posted, and cannot be pasted", "log in without --paste, or take the response type code"}
	}
	return nil
}

// checkRegistration does so for those that a connection remembers.
func (f *loginFlags) checkRegistration() error {
	if err := f.networkFlags.check(); err != nil {
		return err
	}
	for _, pair := range [][2]string{
		{"device", "paste"},
		{"no-browser", "paste"},
		{"no-browser", "device"},
		{"redirect-uri", "port"},
		{"redirect-uri", "listen-host"},
		{"client-secret-file", "client-secret-from"},
	} {
		if f.flags.Changed(pair[0]) && f.flags.Changed(pair[1]) {
			return &usageError{fmt.Sprintf("--%s and --%s exclude each other", pair[0], pair[1]), "give one of them"}
		}
	}
	for flag, address := range map[string]string{
		"issuer": f.issuer, "authorize-url": f.authorizeURL, "token-url": f.tokenURL, "device-url": f.deviceURL,
	} {
		if address != "" && !strings.Contains(address, "://") {
			return &usageError{fmt.Sprintf("--%s %s has no https:// before it", flag, address), "write https://" + address}
		}
		if name, ok := strings.CutSuffix(hostOf(address), ".lightning.force.com"); ok {
			return &usageError{
				fmt.Sprintf("--%s: at %s Salesforce shows pages, and issues no tokens", flag, hostOf(address)),
				"name the My Domain: https://" + name + ".my.salesforce.com",
			}
		}
		if _, err := oauth.ParseEndpoint(address); address != "" && err != nil {
			return &usageError{"--" + flag + ": " + strings.Replace(err.Error(), "the token endpoint", "the address", 1), "pass an https address"}
		}
	}
	return nil
}

// forBrowsers returns the first of the flags that is given and means nothing without a browser, or "".
func (f *loginFlags) forBrowsers() string {
	for _, name := range []string{
		"no-browser", "port", "listen-host", "redirect-uri", "callback-url", "allow-page", "deny-page", "state", "pkce", "response-type",
		"response-mode", "resource",
	} {
		if f.flags.Changed(name) {
			return name
		}
	}
	return ""
}

// options are those of the request for consent.
func (f *loginFlags) options() login.Options {
	return login.Options{
		State: f.state, Challenge: f.pkce, ResponseType: f.responseType, ResponseMode: f.responseMode, Resources: f.resources,
	}
}

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
