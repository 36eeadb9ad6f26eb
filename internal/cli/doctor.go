package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/doctor"
	"github.com/freshet-dev/freshet/secret"
)

type doctorFlags struct {
	connectionFlags
	networkFlags
	timeout time.Duration
	offline bool
}

func (a *app) doctorCommand() *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor [TARGET]",
		Short: "Find out why a token does not work, or soon will not",
		Long: `Check everything about a token that can be checked without spending the refresh token, and explain the last failure. Without a
target that is done for all connections, and for what belongs to none.

It looks at the file and where it is (mode, owner, links, mounts, room, whether other machines share it and see its lock, what
was left beside it), at the client, its secret and the scope, at when the refresh token dies, at how many logins were made from
here, at the way to the provider (name, proxy, certificate, clock, metadata, token endpoint) and at what is remembered of past
refreshes. Nothing is changed, and neither a token nor a secret is sent. That a refresh could be saved is tried out by freshet
refresh TARGET --dry-run.

Each finding says how bad it is (ok, note, warning, problem), how sure that is, and what to do. Without a target, a connection that
is well has one line, and of another what is ok is left out; --quiet leaves out what is ok or a note. --timeout is for each provider,
and for each client secret. The exit code is that of the worst problem, in the order 6, 4, 3, 1, 5; warnings are none.`,
		Example: `  freshet doctor
  freshet doctor acme
  freshet doctor salesforce.json --client-id 3MVG9... --offline
  freshet doctor --quiet --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Sprintf("unexpected argument %q", args[1]), "give one target, or none for all connections"}
			}
			return nil
		},
		ValidArgsFunction: a.completeTargets,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.doctor(cmd.Context(), args, &f) },
	}
	flags := cmd.Flags()
	f.connectionFlags.register(flags)
	f.networkFlags.register(flags)
	flags.DurationVar(&f.timeout, "timeout", freshet.DefaultPatience, "how long to wait for each provider")
	flags.BoolVar(&f.offline, "offline", false, "leave the network out")
	a.outputFlags(flags)
	return cmd
}

// doctorConcurrency is how many connections are examined at a time.
const doctorConcurrency = 8

func (a *app) doctor(ctx context.Context, args []string, f *doctorFlags) error {
	if f.timeout <= 0 {
		return &usageError{"--timeout must be positive", "give a duration such as 45s"}
	}
	if err := f.check(); err != nil {
		return err
	}
	all, d, err := a.patients(args, f)
	if err != nil {
		return err
	}
	ctx = withSignals(ctx)
	a.examine(ctx, d, all)
	if interrupted, ok := errors.AsType[*interruptError](context.Cause(ctx)); ok {
		return &interruptError{signal: interrupted.signal, idle: true}
	}
	report := doctorReport{Targets: all}
	if len(args) == 0 {
		report.Store, report.brief = d.ExamineStore(), true
	}
	return a.report(report)
}

// patients are the target, or all connections, not examined yet.
func (a *app) patients(args []string, f *doctorFlags) ([]*examined, *doctor.Doctor, error) {
	d := &doctor.Doctor{
		Store: a.store(), Secrets: secret.Read, Network: f.HTTPConfig, Timeout: f.timeout, Offline: f.offline, Trace: a.tracer(&f.networkFlags),
	}
	if len(args) == 1 {
		store, err := a.storeFor(args[0], &f.connectionFlags)
		d.Store, d.PartlyKnown = store, filestore.IsPath(args[0]) && f.firstGiven() == ""
		return []*examined{{Target: args[0]}}, d, err
	}
	if err := f.refuseForAll(); err != nil {
		return nil, nil, err
	}
	names, err := d.Store.Names()
	if err != nil {
		return nil, nil, fmt.Errorf("listing the connections: %w", err)
	}
	all := make([]*examined, len(names))
	for i, name := range names {
		all[i] = &examined{Target: name}
	}
	return all, d, nil
}

// examine fills in the findings, and shows on a terminal how far it is.
func (a *app) examine(ctx context.Context, d *doctor.Doctor, all []*examined) {
	bar := newProgress(a.err, len(all))
	defer bar.clear()
	free := make(chan struct{}, doctorConcurrency)
	var examining sync.WaitGroup
	for _, e := range all {
		free <- struct{}{}
		examining.Go(func() {
			e.Findings = d.Examine(ctx, e.Target)
			bar.add(doctor.Worst(e.Findings) == doctor.Problem)
			<-free
		})
	}
	examining.Wait()
}
