package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

func (a *app) setCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change a connection's client, endpoints or settings without logging in",
		Long: `Change a connection's client, endpoints or settings without logging in. The token stays as it is.
A flag that is left out keeps its setting. Nothing is sent, except with --issuer, which looks up the
endpoints. FRESHET_CLIENT_ID and FRESHET_CLIENT_SECRET are ignored.

After a change of the client id or the server, the old client secret is no longer used. If the new
client has one, pass it in the same command. A secret in the keyring is kept.`,
		Example: `  freshet set acme --client-secret-from keyring:acme
  freshet set acme --proxy socks5://127.0.0.1:1080
  freshet set acme --refresh-param audience=https://api.example.com`,
		Args:              exactArgs(1),
		ValidArgsFunction: a.completeTargets(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.set(withSignals(cmd.Context()), args[0], &f)
		},
	}
	flags := cmd.Flags()
	f.registerRegistration(flags)
	flags.Lookup("client-id").Usage = "client `ID`" // set ignores the environment
	flags.Lookup("client-secret-file").Usage = "`FILE` with the client secret, - for standard input; freshet keeps a copy"
	flags.VisitAll(func(flag *pflag.Flag) {
		flag.Usage, _, _ = strings.Cut(flag.Usage, "; default") // the default of set is the present setting
	})
	return cmd
}

func (a *app) set(ctx context.Context, name string, f *loginFlags) error {
	if err := f.checkRegistration(); err != nil {
		return err
	}
	a.trace = a.tracer(&f.networkFlags)
	l := &loginRun{app: a, flags: f, store: a.store(), name: name}
	defer l.removeUnusedSecrets(ctx)
	before, err := l.prepareChange(ctx)
	if err != nil {
		return unchanged(ctx, err)
	}
	changed := differences(before, l.registration)
	if len(changed) == 0 {
		text.Fprintf(a.err, "%s: nothing to change\n", name)
		return nil
	}
	if err := l.saveChange(ctx, before); err != nil {
		return unchanged(ctx, err)
	}
	text.Fprintf(a.err, "changed %s (%s); nothing was sent: %s\n", name, strings.Join(changed, ", "), l.nextStep(ctx))
	if from, to := tokenHost(before), tokenHost(l.registration); from != "" && from != to {
		explanation{
			Message: fmt.Sprintf("%s: its refresh token is from %s and will be sent to %s", name, from, to),
			Remedy:  "if that is another server, log in there: freshet login " + name,
		}.print(a.err, "warning: ")
	}
	if before.SecretFrom != "" && l.registration.SecretFrom == "" {
		explanation{
			Message: fmt.Sprintf("%s: the client secret from %s is no longer used", name, before.SecretFrom),
			Remedy:  "if the new client has a secret, pass --client-secret-from",
		}.print(a.err, "warning: ")
	}
	return nil
}

// unchanged returns the error to print for err, after which the settings are the old ones.
func unchanged(ctx context.Context, err error) error {
	if interrupted := interruption(ctx); interrupted != nil {
		return &interruptError{signal: interrupted.signal, outcome: "nothing was changed"}
	}
	return err
}

// nextStep returns what to do with the changed connection. If an earlier refusal still applies, a
// refresh would only repeat it.
func (l *loginRun) nextStep(ctx context.Context) string {
	c, err := l.store.Get(ctx, l.name)
	c.Client.Secret = oauth.Secret(l.secret)
	if err == nil && c.CurrentHealth().LoginRequired {
		return "its refresh token was refused before; to log in again, run freshet login " + l.name
	}
	return "to try it, run freshet refresh " + l.name
}

// prepareChange sets l.registration to the new registration and returns the old one.
func (l *loginRun) prepareChange(ctx context.Context) (before freshet.Registration, err error) {
	if err := checkTarget(l.name); err != nil {
		return before, err
	}
	flags := l.flags.flags
	if filestore.IsPath(l.name) || flags.NFlag() == 0 {
		return before, &usageError{
			"set needs the name of a connection and the settings to change",
			"usage: freshet set NAME --FLAG VALUE ...",
		}
	}
	c, err := l.store.Get(ctx, l.name)
	if err != nil {
		return before, err
	}
	before = c.Registration
	l.known, l.registration, l.tokenFile = true, c.Registration, c.TokenFile
	if l.flags.secretFile == "-" {
		if err := l.checkSavable(ctx); err != nil {
			return before, err
		}
	}
	given, err := l.flags.registration(l.in) // it may be typed
	if err != nil {
		return before, err
	}
	if !flags.Changed("client-id") {
		given.Client.ID = "" // from the environment
	}
	if err := checkClient(given.Client); err != nil {
		return before, err
	}
	if err := l.change(given, l.name); err != nil {
		return before, err
	}
	if _, _, err := l.redirectAddress(); err != nil {
		return before, err
	}
	if l.flags.namesEndpoint() {
		if err := l.locate(ctx); err != nil {
			return before, err
		}
	}
	if err := l.changeSecret(given, c); err != nil {
		return before, err
	}
	sameAuth := l.registration.Client.Auth == before.Client.Auth || c.Token.Member("client_secret") != ""
	if l.registration.SecretFrom == before.SecretFrom && sameAuth {
		return before, nil // other settings can be changed even if the secret cannot be read now
	}
	return before, l.readSecret(ctx)
}

// saveChange replaces the registration, unless it differs from before.
func (l *loginRun) saveChange(ctx context.Context, before freshet.Registration) error {
	ctx, cancel := context.WithTimeout(ctx, freshet.DefaultTimeout)
	defer cancel()
	return l.store.Update(ctx, l.name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		p := freshet.SetupError{Name: l.name, Kind: oauth.Temporary}
		switch {
		case c.Pending != nil && !filestore.IsMark(c.Pending) && !c.Health.ReplyKept: // a kept reply waits for another provider
			p.What = "a refresh or login of this connection was interrupted; nothing was changed"
			p.Remedy = "{refresh} first"
			return &p
		case !reflect.DeepEqual(c.Registration, before):
			p.What = "another process changed this connection at the same time; nothing was changed"
			p.Remedy = "run the same command again"
			return &p
		}
		c.Registration = l.registration
		return save(c)
	})
}

// differences returns the names of the JSON members in which two registrations differ.
func differences(a, b freshet.Registration) []string {
	members := func(r freshet.Registration) (m map[string]json.RawMessage) {
		r.Client.Secret = ""
		data, _ := json.Marshal(r) // a registration always can be marshaled
		_ = json.Unmarshal(data, &m)
		return m
	}
	before, after := members(a), members(b)
	all := maps.Clone(before)
	maps.Copy(all, after)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool {
		return bytes.Equal(before[name], after[name])
	})
}
