package cli

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/doctor"
	"github.com/freshet-dev/freshet/internal/filestore"
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
		Use:   "doctor [TARGET...]",
		Short: "Find out why a token does not work, or will not soon",
		Long: `Check everything about a token that can be checked without sending it, and explain the last failure.
Without a target, check all connections and the store.

The checks cover the token file (mode, owner, links, mounts, free space, other machines that share
it, files left by an interrupted refresh), the client, its secret and the scope, the expiry of the
refresh token, the number of logins from this machine, the way to the provider (DNS, proxy,
certificate, clock, metadata, token endpoint) and the results of earlier refreshes. Nothing is
changed, and neither a token nor a secret is sent. To test saving, use freshet refresh TARGET
--dry-run.

Each finding has a severity (ok, note, warning or problem), a certainty, and what to do. Without one
target, a connection in good order gets one line, and only notes, warnings and problems of the
others are shown. What several have in common is shown once, with their names. --quiet shows only
warnings and problems. --timeout applies to each provider and to each client secret. The exit code
is that of the worst problem, in the order 6, 4, 3, 1, 5. Warnings do not affect it.`,
		Example: `  freshet doctor
  freshet doctor acme
  freshet doctor tokens/*.json
  freshet doctor salesforce.json --client-id 3MVG9... --offline
  freshet doctor --quiet --json`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: a.completeTargets(math.MaxInt),
		RunE:              func(cmd *cobra.Command, args []string) error { return a.doctor(cmd.Context(), args, &f) },
	}
	flags := cmd.Flags()
	f.connectionFlags.register(flags)
	f.networkFlags.register(flags)
	positiveDurationVar(flags, &f.timeout, "timeout", freshet.DefaultTimeout, "how long to wait for each provider")
	flags.BoolVar(&f.offline, "offline", false, "skip the checks that need the network")
	a.outputFlags(flags)
	return cmd
}

func (a *app) doctor(ctx context.Context, args []string, f *doctorFlags) error {
	if err := f.check(filePaths(args...)...); err != nil {
		return err
	}
	all, err := a.doctorTargets(args, f)
	if err != nil {
		return err
	}
	ctx = withSignals(ctx)
	a.examine(ctx, all)
	if interrupted := interruption(ctx); interrupted != nil {
		return interrupted
	}
	if len(args) == 0 {
		return a.report(all, a.newDoctor(a.store(), f).ExamineStore(), true)
	}
	return a.report(all, nil, len(args) > 1)
}

func (a *app) newDoctor(store *filestore.Store, f *doctorFlags) *doctor.Doctor {
	return &doctor.Doctor{
		Store: store, Secrets: secret.Read, Network: f.HTTPConfig, Timeout: f.timeout, Offline: f.offline,
		Trace: a.tracer(&f.networkFlags),
	}
}

// doctorTargets returns the targets, or all connections, without findings. Connections share a doctor,
// which asks each provider once, and so do token files, which have the same settings.
func (a *app) doctorTargets(args []string, f *doctorFlags) ([]*examined, error) {
	names := args
	if len(args) == 0 {
		if err := f.refuseForAll(); err != nil {
			return nil, err
		}
		var err error
		if names, err = a.allNames(); err != nil {
			return nil, err
		}
	}
	var all []*examined
	doctors := map[bool]*doctor.Doctor{} // by whether they examine token files
	for _, name := range withoutRepeats(names) {
		store, err := a.storeFor(name, &f.connectionFlags)
		if err != nil {
			return nil, err
		}
		isFile := filestore.IsPath(name)
		if doctors[isFile] == nil {
			doctors[isFile] = a.newDoctor(store, f)
			doctors[isFile].PartlyKnown = isFile && f.firstGiven() == ""
		}
		all = append(all, &examined{target: name, doctor: doctors[isFile]})
	}
	return all, nil
}

// examine sets the findings of all targets, up to eight at a time. It shows the progress on a terminal.
func (a *app) examine(ctx context.Context, all []*examined) {
	bar := newProgress(a.err, len(all))
	defer bar.clear()
	free := make(chan struct{}, 8)
	var examining sync.WaitGroup
	for _, e := range all {
		free <- struct{}{}
		examining.Go(func() {
			e.findings = e.doctor.Examine(ctx, e.target)
			bar.add(doctor.Worst(e.findings) == doctor.Problem)
			<-free
		})
	}
	examining.Wait()
}
