package cli

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

func (a *app) revokeCommand() *cobra.Command {
	f := endpointFlags{endpoint: endpointFlag{what: "revocation"}}
	yes := false
	cmd := &cobra.Command{
		Use:   "revoke TARGET",
		Short: "Revoke a grant at the provider",
		Long: `Revoke the grant at the provider (RFC 7009): its refresh token and its access tokens become invalid.

The token stays in its place and is marked as revoked. freshet does not return it, even if it looks
fresh, until the next login. To delete the connection, too: freshet logout NAME --revoke.

A grant that the provider no longer knew is marked, too. Not every provider reports that.

On a terminal, freshet asks for confirmation, unless --yes is given.`,
		Example: `  freshet revoke acme
  freshet revoke salesforce.json --client-id 3MVG9...
  freshet revoke token.json --revocation-url https://auth.example.com/revoke --client-id app`,
		Args:              exactArgs(1),
		ValidArgsFunction: a.completeTargets(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.revoke(cmd.Context(), args[0], &f, yes)
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	flags.BoolVarP(&yes, "yes", "y", false, "do not ask for confirmation")
	a.outputFlags(flags)
	return cmd
}

// revokeJSON is the output of revoke --json. Members may be added; none changes its meaning.
type revokeJSON struct {
	Target  string `json:"target"`
	Outcome string `json:"outcome"` // "revoked", or "already_dead" if the provider no longer knew the grant
	Path    string `json:"path"`    // of the token
	Doubt   string `json:"doubt"`   // why the grant may still be valid; "" if it is not
}

func (a *app) revoke(ctx context.Context, target string, f *endpointFlags, yes bool) error {
	store, err := a.storeForEndpoint(target, f)
	if err != nil {
		return err
	}
	store.Defaults.Endpoints.Revocation = f.endpoint.url
	if _, ok := a.inputTerminal(); ok && !yes {
		if _, err := store.Get(ctx, target); err != nil {
			return err
		}
		if err := a.askYesNo(ctx, "revoke the grant of "+target+" at the provider? A login is needed after that.",
			target+" was not revoked"); err != nil {
			return err
		}
	}
	revoked, err := a.revokeGrant(ctx, store, target, &f.networkFlags)
	if err != nil {
		return err
	}
	path, err := store.Path(target)
	if err != nil {
		return err
	}
	if !a.quiet {
		text.Fprintf(a.err, "%s; the token stays in %s, marked as revoked\n", revoked.sentence(target), path)
	}
	revoked.warn(a, target)
	if a.json {
		return printJSON(a.out, revokeJSON{target, revoked.outcome(), path, revoked.doubt})
	}
	return nil
}

// revocation is the result of revoking a grant.
type revocation struct {
	known bool   // the provider knew the grant; true if it does not say
	doubt string // why the grant may still be valid, or ""
}

func (r revocation) outcome() string {
	if r.known {
		return "revoked"
	}
	return "already_dead"
}

func (r revocation) sentence(target string) string {
	if r.known {
		return fmt.Sprintf("revoked %s at the provider", target)
	}
	return fmt.Sprintf("%s was invalid already: the provider no longer knew the grant", target)
}

func (r revocation) warn(a *app, target string) {
	if r.doubt != "" {
		a.printWarning(target+": "+r.doubt, "look for the grant in the provider's settings, and revoke it there")
	}
}

// revokeGrant revokes the target's grant. A signal ends the wait for the lock, but no request.
func (a *app) revokeGrant(
	ctx context.Context, store *filestore.Store, target string, f *networkFlags,
) (result revocation, err error) {
	if err := f.check(filePaths(target)...); err != nil {
		return result, err
	}
	ctx = withSignals(ctx)
	in, err := store.Inspect(ctx, target)
	if err == nil && in.Abandoned() && in.Pending.Refresh() != nil && in.Pending.Reply == nil {
		result.doubt = "a refresh was interrupted before; " +
			"if the provider had replaced the refresh token by then, the grant is still valid"
	}
	locked := &lockedStore{Store: store}
	stop := context.AfterFunc(ctx, func() {
		if locked.held.Load() {
			text.Fprintf(a.err, "waiting for the provider's answer, at most %s; a second Ctrl-C ends freshet at once, "+
				"and the grant may be revoked without a mark here\n", text.FormatDuration(freshet.DefaultTimeout))
		}
	})
	defer stop()
	result.known, err = a.refresher(locked, f).Revoke(ctx, target)
	if interrupted := interruption(ctx); errors.Is(err, context.Canceled) && interrupted != nil {
		err = &interruptError{signal: interrupted.signal, outcome: "nothing was revoked"}
	}
	return result, err
}

// lockedStore is a store that tells whether an update holds its lock: a signal no longer ends that.
type lockedStore struct {
	*filestore.Store
	held atomic.Bool
}

func (s *lockedStore) Update(ctx context.Context, name string, change freshet.Change) error {
	return s.Store.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		s.held.Store(true)
		defer s.held.Store(false)
		return change(ctx, c, save)
	})
}

// endpointFlags are the flags of a command that sends a request to one endpoint.
type endpointFlags struct {
	connectionFlags
	networkFlags
	endpoint endpointFlag
}

func (f *endpointFlags) register(flags *pflag.FlagSet) {
	f.connectionFlags.register(flags)
	f.networkFlags.register(flags)
	f.endpoint.register(flags)
}

func (a *app) storeForEndpoint(target string, f *endpointFlags) (*filestore.Store, error) {
	if err := f.endpoint.check(target); err != nil {
		return nil, err
	}
	if err := f.check(filePaths(target)...); err != nil {
		return nil, err
	}
	return a.storeFor(target, &f.connectionFlags)
}

// endpointFlag is a flag for an endpoint of which a token file says nothing.
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
		fmt.Sprintf("--%s is for token files; a connection keeps this setting", e.name()),
		"to change it: freshet set " + target + " --" + e.name() + " URL",
	}
}
