package cli

import (
	"context"
	"fmt"
	"reflect"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

func (a *app) setCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change who asks, whom and how, without a login",
		Long: `Change what a connection knows: its client, where the client secret comes from, endpoints, scopes, parameters, proxy and so on. The
token stays as it is. Nothing is sent.

A client id or a token endpoint of another server takes the client secret of the old one away.`,
		Example: `  freshet set acme --client-secret-from keyring:acme
  freshet set acme --proxy socks5://127.0.0.1:1080
  freshet set acme --refresh-param audience=https://api.example.com`,
		Args:              exactly(1),
		ValidArgsFunction: a.completeTargets,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.set(untilSignal(cmd.Context()), args[0], &f) },
	}
	f.registerRegistration(cmd.Flags())
	return cmd
}

func (a *app) set(ctx context.Context, name string, f *loginFlags) error {
	if err := f.checkRegistration(); err != nil {
		return err
	}
	l := &loginRun{app: a, flags: f, store: a.store(), name: name}
	defer l.removeOtherSecrets(ctx)
	if err := l.prepareChange(ctx); err != nil {
		return err
	}
	changed := false
	ctx, cancel := context.WithTimeout(ctx, freshet.DefaultPatience)
	defer cancel()
	err := l.store.Update(ctx, name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		if c.Pending != nil {
			return &freshet.Problem{
				Name: name, Kind: oauth.Temporary, What: "a refresh or login of this connection was interrupted; nothing was changed",
				Remedy: "run freshet refresh " + name + " first",
			}
		}
		changed = !reflect.DeepEqual(c.Registration, l.registration)
		c.Registration = l.registration
		return save(c)
	})
	if err != nil {
		return err
	}
	if !changed {
		fmt.Fprintf(a.err, "%s knew all that already\n", name)
		return nil
	}
	fmt.Fprintf(a.err, "changed %s; nothing was sent: to try it, freshet refresh %[1]s\n", name)
	return nil
}
