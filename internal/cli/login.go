package cli

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

func (a *app) loginCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use:   "login (PROVIDER | NAME)",
		Short: "Get the first token, from a person in a browser",
		Long: `Get the first token of a connection: a person allows it in a browser, once. The token is saved before anything is said, and kept
alive from then on.

The argument is a provider that freshet knows, whose name the connection gets unless --name says another; or a new name, with
--issuer for any OpenID Connect or OAuth 2.0 server, or with --authorize-url and --token-url; or the name of a connection, to
log in again with what it knows. Flags change what it knows, once the login has succeeded.

The browser of the desktop is opened, or the command in $FRESHET_BROWSER; without a terminal only the latter. It comes back to an
address on this machine, where freshet listens: any free port, or the one that the provider insists on. Where there is no
display, or with --device, a code is shown instead, to be entered in a browser elsewhere. With --paste, what the browser shows in
the end is copied by hand.`,
		Example: `  freshet login salesforce --client-id 3MVG9...
  freshet login acme --issuer https://auth.example.com --client-id c-42 --scope "openid offline_access"
  freshet login acme --device`,
		Args:              rangeArgs(1, 1, "the provider or the connection is missing"),
		ValidArgsFunction: a.completeLogin,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.login(cmd.Context(), args[0], &f) },
	}
	flags := cmd.Flags()
	f.register(flags)
	a.outputFlags(flags)
	return cmd
}

// completeLogin offers the connections, and the providers that have none of their name.
func (a *app) completeLogin(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := a.connectionNames(toComplete, nil)
	for _, name := range provider.Names() {
		if name != provider.Generic().Name && strings.HasPrefix(name, toComplete) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// loginRun is one login, from the flags to the token.
type loginRun struct {
	*app
	flags *loginFlags
	store *filestore.Store

	name         string
	known        bool // there is a connection of this name
	created      bool // by this login
	madeFile     bool // for its token
	registration freshet.Registration
	tokenFile    string

	secret     oauth.Secret
	ownSecrets []string // files of ours with a secret: the one that the connection had, and the one that it gets

	begun bool // a code is on its way to the provider, and nobody knows what became of it
}

func (a *app) login(ctx context.Context, arg string, f *loginFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	ctx = withSignals(ctx)
	a.trace = a.tracer(&f.networkFlags)
	l := &loginRun{app: a, flags: f, store: a.store(), name: cmp.Or(f.name, arg)}
	defer l.removeOtherSecrets(ctx)
	answer, err := l.run(ctx, arg)
	if err != nil {
		l.takeBack(ctx)
		return l.again(ctx, l.failed(ctx, err))
	}
	return l.report(answer)
}

// run gets the token in the way that was asked for, or that is possible here.
func (l *loginRun) run(ctx context.Context, arg string) (freshet.Answer, error) {
	if err := l.prepare(ctx, arg); err != nil {
		return freshet.Answer{}, err
	}
	switch {
	case l.flags.device:
		return l.byDevice(ctx)
	case l.flags.paste:
		return l.byPaste(ctx)
	case l.noBrowserHere():
		l.say("there is no display here; to get an address instead of a code, pass --no-browser")
		return l.byDevice(ctx)
	default:
		return l.byBrowser(ctx)
	}
}

// failed is err as it is told.
func (l *loginRun) failed(ctx context.Context, err error) error {
	interrupted, ok := errors.AsType[*interruptError](context.Cause(ctx))
	switch {
	case ok:
		return l.interrupted(interrupted)
	case errors.Is(err, errTimeout):
		return &freshet.Problem{
			Name: l.name, Kind: oauth.LoginRequired, What: "nobody finished the login within " + spelled(l.flags.timeout),
			Remedy: "log in again; to wait longer, pass --timeout", Err: err,
		}
	default:
		return named(l.name, err)
	}
}

// interrupted says what an interrupted login leaves.
func (l *loginRun) interrupted(i *interruptError) error {
	e := explanation{code: i.code(), Kind: "interrupted", Message: i.Error() + ": nothing was saved"}
	switch {
	case l.begun:
		e.Message, e.Remedy = i.Error(), "what was asked for goes on in the background; a token that it brings is saved: see freshet status"
	case l.known:
		e.Remedy = "to log in later: freshet login " + l.name
	default:
		e.Remedy = "to log in later, run the same command again"
	}
	if l.json {
		if err := printJSON(l.out, map[string]explanation{"error": e}); err != nil {
			return err
		}
	}
	e.print(l.err, "")
	return &exitError{e.code}
}

// say tells people what happens, unless they want to hear nothing.
func (l *loginRun) say(format string, args ...any) {
	if !l.quiet {
		text.Fprintf(l.err, format+"\n", args...)
	}
}

// loginJSON is the output of login --json. Members may be added; none will change its meaning.
type loginJSON struct {
	Name       string            `json:"name"`
	Provider   string            `json:"provider"`
	Account    string            `json:"account"` // "" when the token does not tell
	HasRefresh bool              `json:"has_refresh_token"`
	Redirect   map[string]string `json:"redirect"` // what the provider added to the redirect
	expiryJSON
}

func (l *loginRun) report(answer freshet.Answer) error {
	c := answer.Connection
	hasRefresh := c.Token.RefreshToken() != ""
	if !l.quiet {
		l.sayLoggedIn(c, hasRefresh)
	}
	l.warn(answer)
	if !hasRefresh {
		explanation{
			Message: l.name + ": the provider gave no refresh token, so that the access token cannot be renewed",
			Remedy:  "log in again and ask for one: --scope refresh_token or offline_access at most providers, --authorize-param access_type=offline at Google",
		}.print(l.err, "warning: ")
	}
	if l.tokenFile != "" {
		l.warnReadable(l.name)
	}
	if !l.json {
		return nil
	}
	j := loginJSON{
		Name: l.name, Provider: c.Vendor().Name, Account: c.Account(), HasRefresh: hasRefresh,
		Redirect: map[string]string{}, expiryJSON: newExpiryJSON(c.Expiry(time.Now())),
	}
	maps.Copy(j.Redirect, c.Redirect)
	return printJSON(l.out, j)
}

func (l *loginRun) sayLoggedIn(c freshet.Connection, hasRefresh bool) {
	where := "at " + c.Vendor().Name
	if host := hostOf(c.Addresses().Token); c.Vendor().IsGeneric() && host != "" {
		where = "at " + host
	}
	if account := c.Account(); account != "" {
		where = account + " " + where
	}
	kept := "no refresh token"
	if hasRefresh {
		kept = "refresh token saved"
	}
	text.Fprintf(l.err, "logged in: %s (%s); valid %s; %s\n", l.name, where, until(c, time.Now()), kept)
	for _, name := range slices.Sorted(maps.Keys(c.Redirect)) {
		text.Fprintf(l.err, "the provider added %s=%s\n", name, c.Redirect[name])
	}
	text.Fprintf(l.err, "next: freshet token %s\n", l.name)
}

// canOpen reports whether a browser may be opened: one that nobody sees helps nobody.
func (l *loginRun) canOpen() bool {
	if l.flags.noBrowser {
		return false
	}
	return os.Getenv("FRESHET_BROWSER") != "" || isTerminal(l.err) && login.HasDisplay()
}

// noBrowserHere reports whether a code for another device is the better way.
func (l *loginRun) noBrowserHere() bool {
	return !l.flags.noBrowser && os.Getenv("FRESHET_BROWSER") == "" && !login.HasDisplay() && l.flags.forBrowsers() == "" &&
		freshet.Connection{Registration: l.registration}.Addresses().Device != ""
}

// byDevice shows a code, and waits until it is confirmed in a browser elsewhere.
func (l *loginRun) byDevice(ctx context.Context) (freshet.Answer, error) {
	client, err := l.client()
	if err != nil {
		return freshet.Answer{}, err
	}
	defer client.CloseIdleConnections()
	asked := l.registration
	asked.Client.Secret = l.secret
	device, err := login.StartDevice(ctx, client, asked)
	if err != nil {
		return freshet.Answer{}, err
	}
	device.Registration = l.registration
	text.Fprintf(l.err, "to log in, open %s on any device and enter the code\n\n  %s\n\n", device.VerificationURI, device.UserCode)
	if device.VerificationURIComplete != "" {
		l.say("or open %s, which has the code in it", device.VerificationURIComplete)
	}
	limit, waiting := device.ExpiresIn, ctx
	if l.flags.flags.Changed("timeout") && l.flags.timeout < limit {
		var cancel context.CancelFunc
		limit = l.flags.timeout
		waiting, cancel = context.WithTimeoutCause(ctx, limit, errTimeout)
		defer cancel()
	}
	l.say("waiting until it is confirmed (%s; Ctrl-C ends it)", spelled(limit))
	return device.Poll(waiting, func(_ context.Context, g freshet.Grant) (freshet.Answer, error) { return l.exchange(ctx, g) })
}
