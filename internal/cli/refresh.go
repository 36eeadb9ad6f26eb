package cli

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

type refreshFlags struct {
	refresherFlags
	ifStale bool
	dryRun  bool
	force   bool

	all         bool
	concurrency int
}

func (a *app) refreshCommand() *cobra.Command {
	var f refreshFlags
	cmd := &cobra.Command{
		Use:   "refresh (TARGET | --all)",
		Short: "Refresh a saved token now, and save the result",
		Long: `Refresh the access token at the provider's token endpoint, keep or replace the refresh token, and save the result in the
file it came from. Nothing is changed there but the values that the provider sent, and expires_at where it says how long the
token lives.

If another process completes a refresh while this one waits for it, its token is adopted and nothing is sent.

A refresh token that the provider refused for good is not sent again, unless --force is given or the request is another one:
with another client, client secret, endpoint or parameter. A client secret is read from its source first, so that one that
was corrected there counts at once. freshet token does not read it before it knows that there is something to send.

With --all it refreshes every connection, with --if-stale those that are stale, and goes on when one fails. The exit code is
then the worst of those that failed, in the order 6, 4, 3, 1, 5. Ctrl-C begins no further refresh and completes those that
were begun.`,
		Example: `  freshet refresh salesforce.json --client-id 3MVG9... --dry-run
  freshet refresh salesforce.json --client-id 3MVG9...
  freshet refresh --if-stale -q token.json
  freshet refresh --all --if-stale`,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.all {
				return f.checkAll(args)
			}
			return exactArgs(1)(cmd, args)
		},
		ValidArgsFunction: a.completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.all {
				return a.refreshAll(cmd, &f)
			}
			return a.refresh(cmd, args[0], &f)
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	flags.BoolVar(&f.ifStale, "if-stale", false, "only if the access token is stale")
	flags.BoolVar(&f.dryRun, "dry-run", false, "do everything but the request, and show it")
	flags.BoolVar(&f.force, "force", false, "send the refresh token even if the provider refused it for good, or another refresh replaced it")
	flags.BoolVar(&f.all, "all", false, "refresh every connection")
	flags.IntVar(&f.concurrency, "concurrency", 8, "with --all: refresh `N` at a time")
	a.outputFlags(flags)
	return cmd
}

func (f *refreshFlags) demand() freshet.Demand {
	return freshet.Demand{
		Forced: f.force || !f.ifStale && f.minTTL == 0,
		Insist: f.force,
		MinTTL: f.minTTL,
		DryRun: f.dryRun,
	}
}

func (a *app) refresh(cmd *cobra.Command, target string, f *refreshFlags) error {
	answer, err := a.getToken(cmd.Context(), target, &f.refresherFlags, f.demand())
	var unsaved *freshet.UnsavedError
	if err != nil && !(errors.As(err, &unsaved) && a.json && answer.Outcome != "") {
		return err
	}
	if answer.Outcome == freshet.Planned {
		return a.printPlan(answer.Connection)
	}
	if !a.quiet && err == nil {
		a.sayRefreshed(answer)
		if f.dryRun {
			text.Fprintln(a.err, "nothing was sent")
		}
	}
	a.warn(answer)
	if !a.quiet {
		a.warnReadable(answer.Connection.Name)
	}
	if !a.json {
		return nil
	}
	if unsaved != nil {
		explain(unsaved).print(a.err, "")
	}
	return errors.Join(printJSON(a.out, newRefreshJSON(answer, unsaved)), exitWith(unsaved))
}

// sayRefreshed says what happened, but for a token that had to do: there the warning says it.
func (a *app) sayRefreshed(answer freshet.Answer) {
	if answer.Outcome != freshet.Cached || answer.Warning == nil {
		text.Fprintln(a.err, refreshed(answer))
	}
}

// warnReadable tells who keeps a token where others can read it. The mode is the owner's to change.
func (a *app) warnReadable(name string) {
	path := name // as the user wrote it
	if !filestore.IsPath(name) {
		var err error
		if path, err = a.store().Path(name); err != nil {
			return
		}
	}
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o044 != 0 {
		explanation{
			Message: fmt.Sprintf("%s: other users can read this file (%v)", path, info.Mode()), Remedy: "chmod 600 " + path,
		}.print(a.err, "warning: ")
	}
}

// exitWith is the exit code for a result that was printed, and is good, but not saved.
func exitWith(unsaved *freshet.UnsavedError) error {
	if unsaved == nil {
		return nil
	}
	return &exitError{exitUnsaved}
}

// refreshed is the one line that says what happened.
func refreshed(answer freshet.Answer) string {
	c := answer.Connection
	valid := "valid " + until(c, time.Now())
	rotation := "refresh token kept"
	if answer.Rotated {
		rotation = "refresh token rotated"
	}
	switch answer.Outcome {
	case freshet.Adopted:
		return fmt.Sprintf("%s was refreshed by another process; %s", c.Name, valid)
	case freshet.Cached:
		return fmt.Sprintf("%s needs no refresh; %s", c.Name, valid)
	case freshet.Recovered:
		return fmt.Sprintf("recovered %s: saved the answer of an interrupted refresh; %s; %s", c.Name, rotation, valid)
	default:
		return fmt.Sprintf("refreshed %s: %s; %s", c.Name, rotation, valid)
	}
}

// refreshJSON is the output of refresh --json.
type refreshJSON struct {
	Target  string          `json:"target"`
	Outcome freshet.Outcome `json:"outcome"`
	Rotated bool            `json:"rotated"` // the refresh token was replaced
	expiryJSON
	Warning string `json:"warning,omitempty"`
	Unsaved string `json:"unsaved,omitempty"` // where the result is safe, when it could not be saved in its place
}

func newRefreshJSON(answer freshet.Answer, unsaved *freshet.UnsavedError) refreshJSON {
	c := answer.Connection
	r := refreshJSON{
		Target: c.Name, Outcome: answer.Outcome, Rotated: answer.Rotated, expiryJSON: newExpiryJSON(c.Expiry(time.Now())),
	}
	if answer.Warning != nil {
		r.Warning = answer.Warning.Error()
	}
	if unsaved != nil {
		r.Unsaved = unsaved.Place
	}
	return r
}
