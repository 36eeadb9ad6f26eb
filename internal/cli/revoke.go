package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

type revokeFlags struct {
	connectionFlags
	networkFlags
	endpoint endpointFlag
}

func (a *app) revokeCommand() *cobra.Command {
	f := revokeFlags{endpoint: endpointFlag{what: "revocation"}}
	cmd := &cobra.Command{
		Use:   "revoke TARGET",
		Short: "End a grant at the provider",
		Long: `Tell the provider to end the grant (RFC 7009): its refresh token and its access tokens are of no use any more, to nobody.

The token stays where it is, and is marked: freshet hands it out no more, however fresh it looks, until somebody logs in again.
To forget a connection as well: freshet logout NAME --revoke.

A grant that the provider no longer knew is marked, too. Not every provider tells that apart.`,
		Example: `  freshet revoke acme
  freshet revoke salesforce.json --client-id 3MVG9...
  freshet revoke token.json --revocation-url https://auth.example.com/revoke --client-id app`,
		Args:              exactArgs(1),
		ValidArgsFunction: a.completeTargets,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.revoke(cmd.Context(), args[0], &f) },
	}
	flags := cmd.Flags()
	f.connectionFlags.register(flags)
	f.networkFlags.register(flags)
	f.endpoint.register(flags)
	a.outputFlags(flags)
	return cmd
}

// revokeJSON is the output of revoke --json. Members may be added; none will change its meaning.
type revokeJSON struct {
	Target  string `json:"target"`
	Outcome string `json:"outcome"` // "revoked", or "already_dead" when the provider no longer knew the grant
	Path    string `json:"path"`    // where the token stays
	Doubt   string `json:"doubt"`   // why the grant may live all the same; "" when it does not
}

func (a *app) revoke(ctx context.Context, target string, f *revokeFlags) error {
	if err := f.endpoint.check(target); err != nil {
		return err
	}
	store, err := a.storeFor(target, &f.connectionFlags)
	if err != nil {
		return err
	}
	store.Defaults.Endpoints.Revocation = f.endpoint.url
	ended, err := a.endGrant(ctx, store, target, &f.networkFlags)
	if err != nil {
		return err
	}
	path, err := store.Path(target)
	if err != nil {
		return err
	}
	if !a.quiet {
		text.Fprintf(a.err, "%s; the token stays in %s, marked\n", ended.sentence(target), path)
	}
	ended.warn(a, target)
	if a.json {
		return printJSON(a.out, revokeJSON{target, ended.outcome(), path, ended.doubt})
	}
	return nil
}

// ended is a grant that was revoked.
type ended struct {
	known bool   // to the provider, as far as it says
	doubt string // why the grant may live all the same
}

func (e ended) outcome() string {
	if e.known {
		return "revoked"
	}
	return "already_dead"
}

func (e ended) sentence(target string) string {
	if e.known {
		return fmt.Sprintf("revoked %s: the provider ended the grant", target)
	}
	return fmt.Sprintf("%s was dead already: the provider no longer knew the grant", target)
}

func (e ended) warn(a *app, target string) {
	if e.doubt != "" {
		explanation{Message: target + ": " + e.doubt, Remedy: "look for the grant in the provider's own settings, and end it there"}.print(a.err, "warning: ")
	}
}

// endGrant revokes the target's grant. A signal ends the waiting for others, and not what was begun.
func (a *app) endGrant(ctx context.Context, store *filestore.Store, target string, f *networkFlags) (ended, error) {
	if err := f.check(); err != nil {
		return ended{}, err
	}
	r := a.refresher(store, f)
	ctx = withSignals(ctx)
	var e ended
	if in, err := store.Inspect(ctx, target); err == nil && in.Abandoned() && in.Pending.Refresh() != nil && in.Pending.Reply == nil {
		e.doubt = "a refresh was interrupted before; if the provider had replaced the refresh token by then, the grant still lives"
	}
	var err error
	e.known, err = r.Revoke(ctx, target)
	if errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	return e, err
}

// endpointFlag names an endpoint that a plain token file does not know, unless its provider is known.
type endpointFlag struct{ what, url string }

func (e *endpointFlag) name() string { return e.what + "-url" }

func (e *endpointFlag) register(flags *pflag.FlagSet) {
	flags.StringVar(&e.url, e.name(), "", "`URL` of the "+e.what+" endpoint; default: the provider's")
}

func (e *endpointFlag) check(target string) error {
	if e.url == "" || filestore.IsPath(target) {
		return nil
	}
	return &usageError{
		fmt.Sprintf("--%s is for token files; the connection %s has this setting already", e.name(), target),
		"if it does not, log in again with --issuer, so that it is looked up",
	}
}
