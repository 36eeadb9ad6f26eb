package cli

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

func (a *app) loginCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use:   "login (PROVIDER | NAME)",
		Short: "Log in with a browser or device code and save the token",
		Long: `Log in with a browser or device code and save the token. From then on freshet keeps the token alive.
With --grant client-credentials, the token is the client's own: no person logs in.

The argument is one of these:
  - A provider that freshet knows. Its name becomes the name of the connection, unless --name gives another.
  - A new name, with --issuer for any OpenID Connect or OAuth 2.0 server, or with --authorize-url and --token-url.
  - The name of a connection, to log in again with its saved settings. Flags change these when the login succeeds.

freshet opens the desktop's browser, or runs the command in $FRESHET_BROWSER. Without a terminal it
opens no browser unless $FRESHET_BROWSER is set. Then it waits for the redirect to this machine, on
any free port, or on the port that the provider requires. If there is no display, or with --device,
it shows a code to enter in a browser on any device. With --paste, you paste the address that the
browser ends at.

A client of its own (RFC 6749, client credentials) needs a client secret. Its scopes are those of
--scope, and --refresh-param adds parameters to each of its requests.`,
		Example: `  freshet login salesforce --client-id 3MVG9...
  freshet login acme --issuer https://auth.example.com --client-id c-42 --scope "openid offline_access"
  freshet login acme --device
  freshet login billing --grant client-credentials --issuer https://auth.example.com \
    --client-id c-43 --client-secret-from env:BILLING_SECRET --scope invoices.read`,
		Args:              rangeArgs(1, 1, "the provider or connection is missing"),
		ValidArgsFunction: completeNames(1, a.loginNames, cobra.ShellCompDirectiveNoFileComp),
		RunE:              func(cmd *cobra.Command, args []string) error { return a.login(cmd.Context(), args[0], &f) },
	}
	flags := cmd.Flags()
	f.register(flags)
	a.outputFlags(flags)
	return cmd
}

// loginNames returns the names of connections and providers.
func (a *app) loginNames() []string {
	names := a.connectionNames()
	for _, name := range provider.Names() {
		if name != provider.Generic().Name && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// loginRun is the state of a login, or of freshet set.
type loginRun struct {
	*app
	flags *loginFlags
	store *filestore.Store

	name         string
	known        bool // the connection existed before
	created      bool // this login created the connection
	madeFile     bool // this login created its token file
	registration freshet.Registration
	tokenFile    string

	secret     oauth.Secret
	ownSecrets []string // the connection's files in secretsDir, the old one and the new one

	redirectURI string // that the browser is sent to, once the login waits for it
	begun       bool   // the exchange of the code has begun, and its outcome is not known
}

func (a *app) login(ctx context.Context, arg string, f *loginFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	ctx = withSignals(ctx)
	a.trace, a.response = a.tracer(&f.networkFlags), f.response
	l := &loginRun{app: a, flags: f, store: a.store(), name: cmp.Or(f.name, arg)}
	a.creating, a.loggingIn = l.name, true
	defer l.removeUnusedSecrets(ctx)
	result, err := l.run(ctx, arg)
	if err != nil {
		l.discard(ctx)
		return l.describeError(ctx, err)
	}
	a.creating, a.loggingIn = "", false // from here on, the connection exists
	return l.report(result)
}

// run logs in the way that the flags say, or that is possible on this machine.
func (l *loginRun) run(ctx context.Context, arg string) (freshet.Result, error) {
	if err := l.prepare(ctx, arg); err != nil {
		return freshet.Result{}, err
	}
	switch {
	case l.isOwnClient():
		return l.byClientCredentials(ctx)
	case l.flags.device:
		return l.byDevice(ctx)
	case l.flags.paste:
		return l.byPaste(ctx)
	case l.prefersDevice():
		l.printf("there is no display; to get an address instead of a code, pass --no-browser")
		return l.byDevice(ctx)
	default:
		return l.byBrowser(ctx)
	}
}

// describeError returns the error to print for a login that failed with err.
func (l *loginRun) describeError(ctx context.Context, err error) error {
	interrupted := interruption(ctx)
	switch {
	case interrupted != nil:
		return l.interrupted(interrupted)
	case errors.Is(err, errTimeout):
		p := &freshet.SetupError{
			Name: l.name, Kind: oauth.LoginRequired,
			What:   "login timed out after " + text.FormatDuration(l.flags.timeout),
			Remedy: "{login again}; to wait longer, pass --timeout", Err: err,
		}
		if l.redirectURI != "" { // a server shows this error only in the browser (RFC 6749 §4.1.2.1)
			p.Remedy += oauth.Remedyf("; if the browser shows an error about the redirect address, "+
				"register %s with the provider", l.redirectURI)
		}
		return p
	}
	if p, ok := errors.AsType[*freshet.SetupError](err); ok && p.Name == "" {
		p.Name = l.name
	}
	return err
}

// interrupted prints what happens after an interrupted login, and returns the exit code.
func (l *loginRun) interrupted(i *interruptError) error {
	e := explanation{code: i.code(), Kind: "interrupted", Message: i.Error() + ": nothing was saved"}
	switch {
	case l.begun && l.isOwnClient():
		e.Message = i.Error()
		e.Remedy = afterwards("the request",
			"continues in the background and saves the token; to see it, run freshet status")
	case l.begun:
		e.Message = i.Error()
		e.Remedy = afterwards("the exchange of the code",
			"continues in the background and saves the token; to see it, run freshet status")
	default:
		e.Remedy = l.remedyFor(l.name, "to log in later, {login}")
	}
	if l.json {
		if err := printJSON(l.out, map[string]explanation{"error": e}); err != nil {
			return err
		}
	}
	e.print(l.err, "")
	return &exitError{e.code}
}

// printf prints a message, unless --quiet is given.
func (l *loginRun) printf(format string, args ...any) {
	if !l.quiet {
		text.Fprintf(l.err, format+"\n", args...)
	}
}

// loginJSON is the output of login --json. Later versions may add members, but do not change these.
type loginJSON struct {
	Name       string            `json:"name"`
	Provider   string            `json:"provider"`
	Account    string            `json:"account"` // "" if the token does not name it
	HasRefresh bool              `json:"has_refresh_token"`
	Grant      grantKind         `json:"grant"`
	Missing    []string          `json:"missing_scopes"` // requested and not granted
	Redirect   map[string]string `json:"redirect"`       // parameters that the provider added to the redirect
	expiryJSON
	refreshExpiryJSON
}

func (l *loginRun) report(result freshet.Result) error {
	c := result.Connection
	now := time.Now()
	l.printLoggedIn(c, now)
	l.warn(&result)
	l.warnOfGrant(c, now)
	l.warnOfScopes(c)
	l.warnOfLimit(c)
	if l.tokenFile != "" {
		l.warnReadable(l.name)
	}
	if !l.json {
		return nil
	}
	j := loginJSON{
		Name: l.name, Provider: c.ProviderInfo().Name, Account: c.Account(), HasRefresh: c.Token.RefreshToken() != "",
		Grant: grantOf(c, now), Missing: missingScopes(c), Redirect: map[string]string{},
		expiryJSON: newExpiryJSON(c.Expiry(now)), refreshExpiryJSON: newRefreshExpiryJSON(c, now),
	}
	maps.Copy(j.Redirect, c.Redirect)
	return printJSON(l.out, j)
}

func (l *loginRun) printLoggedIn(c freshet.Connection, now time.Time) {
	where := "at " + c.ProviderInfo().Name
	if host := text.Host(c.ResolvedEndpoints().Token); c.ProviderInfo().IsGeneric() && host != "" {
		where = "at " + host
	}
	if account := c.Account(); account != "" {
		where = account + " " + where
	}
	l.printf("logged in: %s (%s); %s; %s", l.name, where, validity(c, now), grantOf(c, now).describe())
	for _, name := range slices.Sorted(maps.Keys(c.Redirect)) {
		l.printf("the provider added %s=%s", name, c.Redirect[name])
	}
	l.printf("next: freshet token %s", l.name)
}

// canOpenBrowser reports whether there is a browser, and a person who can see it.
func (l *loginRun) canOpenBrowser() bool {
	if l.flags.noBrowser {
		return false
	}
	return os.Getenv("FRESHET_BROWSER") != "" || isTerminal(l.err) && login.HasDisplay()
}

// prefersDevice reports whether to log in with a device code although --device was not given: this
// machine has no browser, and no flag asks for one.
func (l *loginRun) prefersDevice() bool {
	return !l.flags.noBrowser && os.Getenv("FRESHET_BROWSER") == "" && !login.HasDisplay() &&
		l.flags.browserFlag() == "" && (&freshet.Connection{Registration: l.registration}).ResolvedEndpoints().Device != ""
}

// byDevice shows a code, and waits until the user has entered it in a browser on any device.
func (l *loginRun) byDevice(ctx context.Context) (freshet.Result, error) {
	client, err := l.client()
	if err != nil {
		return freshet.Result{}, err
	}
	defer client.CloseIdleConnections()
	withSecret := l.registration
	withSecret.Client.Secret = l.secret
	device, err := login.StartDevice(ctx, client, withSecret)
	if err != nil {
		return freshet.Result{}, err
	}
	device.Registration = l.registration // the child process reads the secret itself
	text.Fprintf(l.err, "to log in, open %s on any device and enter the code\n\n  %s\n\n",
		device.VerificationURI, device.UserCode)
	if device.VerificationURIComplete != "" {
		l.printf("or open %s, which contains the code", device.VerificationURIComplete)
	}
	limit, waiting := device.ExpiresIn, ctx
	if l.flags.flags.Changed("timeout") && l.flags.timeout < limit {
		var cancel context.CancelFunc
		limit = l.flags.timeout
		waiting, cancel = context.WithTimeoutCause(ctx, limit, errTimeout)
		defer cancel()
	}
	l.printEvent(loginEvent{
		Event: "waiting", By: "device", URL: device.VerificationURI, UserCode: device.UserCode,
		URLWithCode: device.VerificationURIComplete,
	}, limit)
	l.printf("waiting for confirmation (%s; Ctrl-C to cancel)", text.FormatDuration(limit))
	return device.Poll(waiting, func(_ context.Context, g freshet.CodeExchange) (freshet.Result, error) {
		return l.exchange(ctx, g)
	})
}
