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

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

func (a *app) setCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change who asks, whom and how, without a login",
		Long: `Change what a connection knows: its client, where the client secret comes from, endpoints, scopes, parameters, proxy and so on. The
token stays as it is. Nothing is sent, unless --issuer has endpoints looked up. Only flags count, not the environment.

A client id or a token endpoint of another server takes the client secret of the old one away.`,
		Example: `  freshet set acme --client-secret-from keyring:acme
  freshet set acme --proxy socks5://127.0.0.1:1080
  freshet set acme --refresh-param audience=https://api.example.com`,
		Args:              exactArgs(1),
		ValidArgsFunction: a.completeTargets,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.set(withSignals(cmd.Context()), args[0], &f) },
	}
	f.registerRegistration(cmd.Flags())
	return cmd
}

func (a *app) set(ctx context.Context, name string, f *loginFlags) error {
	if err := f.checkRegistration(); err != nil {
		return err
	}
	a.trace = a.tracer(&f.networkFlags)
	l := &loginRun{app: a, flags: f, store: a.store(), name: name}
	defer l.removeOtherSecrets(ctx)
	before, err := l.prepareChange(ctx)
	if err != nil {
		return err
	}
	changed := differences(before, l.registration)
	if len(changed) == 0 {
		text.Fprintf(a.err, "%s knew all that already\n", name)
		return nil
	}
	if err := l.saveChange(ctx, before); err != nil {
		return err
	}
	text.Fprintf(a.err, "changed %s (%s); nothing was sent: %s\n", name, strings.Join(changed, ", "), l.nextStep(ctx))
	if from, to := tokenHost(before), tokenHost(l.registration); from != "" && from != to {
		explanation{
			Message: fmt.Sprintf("%s: its refresh token is from %s, and will be sent to %s", name, from, to),
			Remedy:  "if that is another server, log in there: freshet login " + name,
		}.print(a.err, "warning: ")
	}
	if before.SecretFrom != "" && l.registration.SecretFrom == "" {
		explanation{
			Message: fmt.Sprintf("%s: the client secret from %s is no longer used", name, before.SecretFrom),
			Remedy:  "if there is one for the client and the server that it has now, pass --client-secret-from",
		}.print(a.err, "warning: ")
	}
	return nil
}

// nextStep says what to do with the changed connection. A refusal that still counts would only be repeated.
func (l *loginRun) nextStep(ctx context.Context) string {
	c, err := l.store.Get(ctx, l.name)
	c.Client.Secret = oauth.Secret(l.secret)
	if err == nil && c.CurrentHealth().LoginRequired {
		return "its refresh token was refused, and that still counts: to log in again, freshet login " + l.name
	}
	return "to try it, freshet refresh " + l.name
}

// prepareChange works out what the connection is to know, and returns what it knows now.
func (l *loginRun) prepareChange(ctx context.Context) (before freshet.Registration, err error) {
	if err := checkTarget(l.name); err != nil {
		return before, err
	}
	flags := l.flags.flags
	if filestore.IsPath(l.name) || flags.NFlag() == 0 {
		return before, &usageError{"a connection and what to change about it are wanted", "usage: freshet set NAME --FLAG VALUE ..."}
	}
	given, err := l.flags.registration(l.in)
	if err != nil {
		return before, err
	}
	if !flags.Changed("client-id") {
		given.Client.ID = "" // was the environment's
	}
	c, err := l.store.Get(ctx, l.name)
	if err != nil {
		return before, err
	}
	before = c.Registration
	l.known, l.registration, l.tokenFile = true, c.Registration, c.TokenFile
	if err := l.change(given, l.name); err != nil {
		return before, err
	}
	if _, _, err := l.redirectAddress(); err != nil {
		return before, err
	}
	if l.flags.issuer+l.flags.tokenURL+l.flags.authorizeURL+l.flags.deviceURL != "" {
		if err := l.locate(ctx); err != nil {
			return before, err
		}
	}
	if err := l.changeSecret(given, c); err != nil {
		return before, err
	}
	if l.registration.SecretFrom == before.SecretFrom && (l.registration.Client.Auth == before.Client.Auth || c.Token.Member("client_secret") != "") {
		return before, nil // a secret that cannot be read now is no reason not to change something else
	}
	return before, l.readSecret(ctx)
}

// saveChange replaces what the connection knew before.
func (l *loginRun) saveChange(ctx context.Context, before freshet.Registration) error {
	ctx, cancel := context.WithTimeout(ctx, freshet.DefaultPatience)
	defer cancel()
	return l.store.Update(ctx, l.name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		p := freshet.Problem{Name: l.name, Kind: oauth.Temporary}
		switch {
		case c.Pending != nil:
			p.What = "a refresh or login of this connection was interrupted; nothing was changed"
			p.Remedy = "run freshet refresh " + l.name + " first"
			return &p
		case !reflect.DeepEqual(c.Registration, before):
			p.What = "somebody else changed this connection at the same moment; nothing was changed"
			p.Remedy = "run the same command again"
			return &p
		}
		c.Registration = l.registration
		return save(c)
	})
}

// differences are the members in which two registrations differ, as the connection's document names them.
func differences(a, b freshet.Registration) []string {
	members := func(r freshet.Registration) (m map[string]json.RawMessage) {
		r.Client.Secret = ""
		data, _ := json.Marshal(r) // has nothing that cannot be written
		_ = json.Unmarshal(data, &m)
		return m
	}
	before, after := members(a), members(b)
	all := maps.Clone(before)
	maps.Copy(all, after)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool { return bytes.Equal(before[name], after[name]) })
}
