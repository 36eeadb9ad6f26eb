package cli

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/internal/urls"
)

type loginFlags struct {
	connectionFlags
	networkFlags

	name         string
	tokenFile    string
	issuer       string
	authorizeURL string
	deviceURL    string

	revocationURL    string
	introspectionURL string
	userinfoURL      string

	idleLimit time.Duration
	notBefore time.Duration

	scopes          []string
	resources       []string
	authorizeParams []string
	codeParams      []string
	refreshParams   []string
	refreshHeaders  []string
	codeJSON        bool
	refreshJSON     bool

	grant       string
	device      bool
	paste       bool
	noBrowser   bool
	port        string
	listenHost  string
	redirectURI string
	callbackURL string
	allowPage   string
	denyPage    string
	redirect    keptFile
	timeout     time.Duration

	state        string
	nonceLength  int
	pkce         string
	responseType string
	responseMode string
}

func (f *loginFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.name, "name", "", "`NAME` of the connection; default: the argument")
	flags.StringVar(&f.tokenFile, "token-file", "",
		"`FILE` for the token, shared with other programs; default: a file of freshet's own")
	positiveDurationVar(flags, &f.timeout, "timeout", 5*time.Minute, "how long to wait for the login")
	group(flags, "Ways to log in", func() {
		flags.BoolVar(&f.device, "device", false, "show a code to enter in a browser on any device")
		flags.BoolVar(&f.paste, "paste", false,
			"read the result from standard input: the address that the browser ends at, or the code")
		flags.BoolVar(&f.noBrowser, "no-browser", false, "print the address instead of opening a browser")
		flags.StringVar(&f.allowPage, "allow-page", "", "`FILE` with the HTML to show after a successful login")
		flags.StringVar(&f.denyPage, "deny-page", "", "`FILE` with the HTML to show after a failed login")
		f.redirect.flag, f.redirect.what = "redirect-request", "the redirect's request"
		flags.StringVar(&f.redirect.path, "redirect-request", "",
			"save the browser's request to the redirect URI in `FILE`, with its secrets; only you can read it")
		flags.StringVar(&f.state, "state", "",
			"unguessable `TEXT` to send as state; {listenPort} in it stands for the port; default: random")
		flags.IntVar(&f.nonceLength, "nonce-length", 0,
			"send a nonce of `N` characters; default: one of 26 if an id_token is requested")
	})
	f.registerResponse(flags)
	f.registerRegistration(flags)
}

// connectionUsages are the usages of flags that mean something else for a connection than for a token file.
var connectionUsages = map[string]string{
	"auth": "how the client authenticates: `none|body|basic|secret-as-user`; default: what worked before, " +
		"or as the provider's file or the server's metadata say; none without a secret",
	"client-id": "client `ID`; default $FRESHET_CLIENT_ID",
	"client-secret-file": "`FILE` with the client secret, - for standard input; freshet keeps a copy; " +
		"default $FRESHET_CLIENT_SECRET",
	"provider": "`NAME` of the provider; freshet providers lists the names",
}

// registerRegistration registers the flags whose values a connection keeps.
func (f *loginFlags) registerRegistration(flags *pflag.FlagSet) {
	group(flags, "Application and server", func() {
		flags.StringVar(&f.issuer, "issuer", "",
			"`URL` of the authorization server, whose metadata has the endpoints; "+
				"for Salesforce: a sandbox or a My Domain")
		f.connectionFlags.register(flags)
		for name, usage := range connectionUsages {
			flags.Lookup(name).Usage = usage
		}
		flags.StringVar(&f.grant, "grant", "",
			"`authorization-code|client-credentials`: how tokens are obtained; default: a person logs in")
		flags.StringVar(&f.authorizeURL, "authorize-url", "",
			"`URL` of the authorization endpoint; default: the provider's")
		flags.StringVar(&f.deviceURL, "device-url", "",
			"`URL` of the device authorization endpoint; default: the provider's")
		flags.StringVar(&f.revocationURL, "revocation-url", "", "`URL` of the revocation endpoint; default: the provider's")
		flags.StringVar(&f.introspectionURL, "introspection-url", "",
			"`URL` of the introspection endpoint; default: the provider's")
		flags.StringVar(&f.userinfoURL, "userinfo-url", "", "`URL` of the userinfo endpoint; default: the provider's")
		positiveDurationVar(flags, &f.idleLimit, "idle-limit", 0,
			"the provider's limit for an unused refresh token: `DURATION`, such as 30d")
		positiveDurationVar(flags, &f.notBefore, "not-before", 0,
			"`DURATION` before the access token expires, such as 5m: the server refuses an earlier refresh")
	})
	group(flags, "Redirect", func() {
		flags.StringVar(&f.port, "port", "",
			"`N` or N-M: the port to listen on, or a range to take the first free one; default: the provider's, or any")
		flags.StringVar(&f.listenHost, "listen-host", "",
			"`localhost|127.0.0.1`: this machine's name in the redirect URI")
		flags.StringVar(&f.redirectURI, "redirect-uri", "",
			"redirect `URI`, exactly as registered: on this machine; with --paste or --callback-url, any text")
		flags.StringVar(&f.callbackURL, "callback-url", "",
			"https `URL` of a page of yours that redirects to this machine")
		flags.StringVar(&f.pkce, "pkce", "", "`S256|plain|none`: PKCE method; default S256 if the provider supports it")
		flags.StringVar(&f.responseType, "response-type", "", "`code` or \"code id_token\"; default code")
		flags.StringVar(&f.responseMode, "response-mode", "",
			"`query|form_post`: how the provider returns the code; default: the provider's usual way")
	})
	group(flags, "Requests", func() {
		flags.Var((*repeated)(&f.scopes), "scope",
			"`SCOPE` to request, or several with spaces; may be repeated; default: the provider's usual scopes")
		flags.Var((*repeated)(&f.resources), "resource",
			"`URL` of the API that the token is for (RFC 8707); may be repeated")
		flags.Var((*repeated)(&f.authorizeParams), "authorize-param",
			"`NAME=VALUE` to add to the authorization request; may be repeated")
		flags.Var((*repeated)(&f.codeParams), "code-param",
			"`NAME=VALUE` to add to the exchange of the code; may be repeated")
		flags.Var((*repeated)(&f.refreshParams), "refresh-param",
			"`NAME=VALUE` to add to each refresh; may be repeated")
		flags.Var((*repeated)(&f.refreshHeaders), "refresh-header",
			"header `NAME=VALUE` to add to each refresh; may be repeated")
		flags.BoolVar(&f.codeJSON, "code-json", false, "exchange the code with a JSON object instead of a form")
		flags.BoolVar(&f.refreshJSON, "refresh-json", false, "refresh with a JSON object instead of a form")
	})
	f.networkFlags.register(flags)
}

// check returns an error if the flags are invalid or contradict each other.
func (f *loginFlags) check() error {
	if err := f.checkRegistration(); err != nil {
		return err
	}
	if err := f.redirect.check([]string{f.tokenFile}); err != nil {
		return err
	}
	switch {
	case f.tokenFile != "" && isOwnFile(f.tokenFile):
		return &usageError{
			"cannot keep the token in " + f.tokenFile + ": only freshet writes in that directory",
			"give --token-file another file, or leave it out",
		}
	case f.device && f.browserFlag() != "":
		return &usageError{"--" + f.browserFlag() + " does not apply to a login with --device", "give one of them"}
	case f.device && f.flags.Changed("resource"):
		return &usageError{"--resource does not apply to a login with --device", "give one of them"}
	case f.paste && f.secretFile == "-":
		return &usageError{
			"standard input cannot have both the client secret and the code",
			"pass --client-secret-from, or log in without --paste",
		}
	case f.paste && f.redirect.path != "":
		return &usageError{"--redirect-request needs a browser that is redirected here", "leave out --paste"}
	case f.paste && strings.Contains(f.state, listenPort):
		return &usageError{listenPort + " in --state needs a port, and --paste opens none", "leave one of them out"}
	case f.flags.Changed("nonce-length") && (f.nonceLength < 8 || f.nonceLength > 256):
		return &usageError{fmt.Sprintf("invalid --nonce-length %d", f.nonceLength), "give a number from 8 to 256"}
	case f.paste && strings.Contains(f.responseType, "id_token"):
		return &usageError{
			"a response with an id_token is posted and cannot be pasted",
			"log in without --paste, or pass --response-type code",
		}
	}
	return nil
}

// checkRegistration is like check, for the flags whose values a connection keeps.
func (f *loginFlags) checkRegistration() error {
	if err := f.networkFlags.check(f.tokenFile); err != nil {
		return err
	}
	for _, pair := range [][2]string{
		{"device", "paste"},
		{"no-browser", "paste"},
		{"no-browser", "device"},
		{"redirect-uri", "port"},
		{"redirect-uri", "listen-host"},
	} {
		isName := pair[0] == "redirect-uri" && isRedirectName(f.redirectURI)
		if f.flags.Changed(pair[0]) && f.flags.Changed(pair[1]) && !isName {
			return &usageError{fmt.Sprintf("--%s and --%s exclude each other", pair[0], pair[1]), "give one of them"}
		}
	}
	if err := f.checkGrant(); err != nil {
		return err
	}
	for flag, address := range f.addresses() {
		if address != "" && !strings.Contains(address, "://") {
			return &usageError{
				fmt.Sprintf("--%s %s does not begin with https://", flag, address),
				"write https://" + address,
			}
		}
		if name, ok := strings.CutSuffix(text.Host(address), ".lightning.force.com"); ok {
			return &usageError{
				fmt.Sprintf("--%s: %s serves Salesforce's pages and issues no tokens", flag, text.Host(address)),
				"pass the My Domain: https://" + name + ".my.salesforce.com",
			}
		}
	}
	return nil
}

// checkAddresses returns an error if an address is not https, and http is not allowed for its host.
func (f *loginFlags) checkAddresses(insecureHosts []string) error {
	for flag, address := range f.addresses() {
		if err := checkAddress("--"+flag+": the address", address, insecureHosts); err != nil {
			return err
		}
	}
	return nil
}

// namesEndpoint reports whether a flag names the server or one of its endpoints.
func (f *loginFlags) namesEndpoint() bool {
	return f.issuer+f.tokenURL+f.authorizeURL+f.deviceURL+f.revocationURL+f.introspectionURL+f.userinfoURL != ""
}

// addresses returns the values of the flags for endpoints, by flag.
func (f *loginFlags) addresses() map[string]string {
	return map[string]string{
		"issuer": f.issuer, "authorize-url": f.authorizeURL, "token-url": f.tokenURL, "device-url": f.deviceURL,
		"revocation-url": f.revocationURL, "introspection-url": f.introspectionURL, "userinfo-url": f.userinfoURL,
	}
}

// browserFlag returns the first flag given that applies only to a login with a browser, or "".
func (f *loginFlags) browserFlag() string {
	for _, name := range []string{
		"no-browser", "port", "listen-host", "redirect-uri", "callback-url", "allow-page", "deny-page", "state",
		"redirect-request",
		"nonce-length", "pkce", "response-type", "response-mode",
	} {
		if f.flags.Changed(name) {
			return name
		}
	}
	return ""
}

// personFlag returns the first flag given that applies only to a login by a person, or "".
func (f *loginFlags) personFlag() string {
	if name := f.browserFlag(); name != "" {
		return name
	}
	for _, name := range []string{
		"device", "paste", "authorize-url", "device-url", "authorize-param", "code-param", "code-json", "idle-limit",
	} {
		if f.flags.Changed(name) {
			return name
		}
	}
	return ""
}

// apply returns r with the settings that the flags change. given is the result of
// [connectionFlags.registration]. A client id from the environment counts only if r has none.
func (f *loginFlags) apply(r, given freshet.Registration) (freshet.Registration, error) {
	for flag, set := range map[string]func(){
		"provider":   func() { r.Provider, r.Definition = given.Provider, nil },
		"client-id":  func() { r.Client.ID = given.Client.ID },
		"auth":       func() { r.Client.Auth = given.Client.Auth },
		"grant":      func() { r.RenewBy, _ = grants(f.grant) },
		"scope":      func() { r.Scopes = strings.Fields(strings.Join(f.scopes, " ")) },
		"assume-ttl": func() { r.Policy.AssumeTTL = f.assumeTTL },
		"idle-limit": func() { r.Policy.IdleLimit = f.idleLimit },
		"not-before": func() { r.Policy.NotBefore = f.notBefore },
		"proxy":      func() { r.Proxy = f.Proxy },
		"ca-file":    func() { r.CAFile = f.CAFile },

		"insecure-host": func() { r.InsecureHosts = given.InsecureHosts },

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
	r.Login = f.mergeLoginOptions(r.Login)
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
		if *p.to, err = mergePairs(*p.to, p.flag, p.pairs); err == nil {
			err = checkOwnParams(p.flag, p.pairs, r)
		}
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

// mergeLoginOptions returns the saved options with the changes of the flags, and sets the flags that
// were not given to the saved options. An address of this machine in --redirect-uri removes a saved
// port and host, and the reverse.
func (f *loginFlags) mergeLoginOptions(saved freshet.LoginOptions) freshet.LoginOptions {
	if f.flags.Changed("redirect-uri") && !isRedirectName(f.redirectURI) {
		saved.Port, saved.ListenHost = "", ""
	}
	if (f.flags.Changed("port") || f.flags.Changed("listen-host")) && !isRedirectName(saved.RedirectURI) {
		saved.RedirectURI = ""
	}
	for _, option := range []struct {
		name        string
		flag, saved *string
	}{
		{"redirect-uri", &f.redirectURI, &saved.RedirectURI},
		{"callback-url", &f.callbackURL, &saved.CallbackURL},
		{"port", &f.port, &saved.Port},
		{"listen-host", &f.listenHost, &saved.ListenHost},
		{"pkce", &f.pkce, &saved.Challenge},
		{"response-type", &f.responseType, &saved.ResponseType},
		{"response-mode", &f.responseMode, &saved.ResponseMode},
	} {
		if f.flags.Changed(option.name) {
			*option.saved = *option.flag
		}
		*option.flag = *option.saved
	}
	if f.flags.Changed("resource") {
		saved.Resources = slices.DeleteFunc(f.resources, func(url string) bool { return url == "" })
	}
	f.resources = saved.Resources
	return saved
}

// isRedirectName reports whether the redirect URI is not an address of this machine: a name that stands
// for a page, as at eBay, or the page's own address.
func isRedirectName(redirectURI string) bool {
	u, err := url.Parse(redirectURI)
	return redirectURI != "" && (err != nil || u.Scheme != "http" || !urls.IsLoopback(u.Hostname()))
}

// secretNames are the parameters and headers whose values are always secret.
var secretNames = []string{
	"client_secret", "client_assertion", "assertion", "password", "refresh_token", "code_verifier",
	"authorization", "proxy-authorization", "cookie",
}

// mergePairs returns saved with the NAME=VALUE pairs of a flag. An empty value removes its name.
func mergePairs(saved map[string]string, flag string, pairs []string) (map[string]string, error) {
	merged := map[string]string{}
	maps.Copy(merged, saved)
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, &usageError{"--" + flag + " is not NAME=VALUE", "write --" + flag + " name=value"}
		}
		if value != "" && slices.Contains(secretNames, strings.ToLower(name)) {
			return nil, &usageError{
				fmt.Sprintf("--%s %s=...: a secret in a flag can be seen by every user of this machine", flag, name),
				"pass the source of the client secret with --client-secret-from, and how to send it with --auth",
			}
		}
		if merged[name] = value; value == "" {
			delete(merged, name)
		}
	}
	if len(merged) == 0 {
		return nil, nil
	}
	return merged, nil
}
