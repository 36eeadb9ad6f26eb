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
)

type refreshFlags struct {
	askFlags
	ifStale bool
	dryRun  bool
	force   bool
}

func (a *app) refreshCommand() *cobra.Command {
	var f refreshFlags
	cmd := &cobra.Command{
		Use:   "refresh TARGET",
		Short: "Refresh a saved token now, and save the result",
		Long: `Refresh the access token at the provider's token endpoint, keep or replace the refresh token, and save the result in the
file it came from. Nothing is changed there but the values that the provider sent, and expires_at where it says how long the
token lives.

If another process completes a refresh while this one waits for it, its token is adopted and nothing is sent.`,
		Example: `  freshet refresh salesforce.json --client-id 3MVG9... --dry-run
  freshet refresh salesforce.json --client-id 3MVG9...
  freshet refresh --if-stale -q token.json`,
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.refresh(cmd, args[0], &f) },
	}
	flags := cmd.Flags()
	f.register(flags)
	flags.BoolVar(&f.ifStale, "if-stale", false, "only if the access token is stale")
	flags.BoolVar(&f.dryRun, "dry-run", false, "do everything but the request, and show it")
	flags.BoolVar(&f.force, "force", false, "send the refresh token even if the provider refused it for good")
	a.outputFlags(flags)
	return cmd
}

func (a *app) refresh(cmd *cobra.Command, target string, f *refreshFlags) error {
	demand := freshet.Demand{
		Forced: f.force || !f.ifStale && f.minTTL == 0,
		Insist: f.force,
		DryRun: f.dryRun,
	}
	answer, err := a.ask(cmd.Context(), target, &f.askFlags, demand)
	var unsaved *freshet.UnsavedError
	if err != nil && !(errors.As(err, &unsaved) && a.json && answer.Outcome != "") {
		return err
	}
	if answer.Outcome == freshet.Planned {
		return a.printPlan(answer.Connection)
	}
	if !a.quiet && err == nil && !(answer.Outcome == freshet.Cached && answer.Warning != nil) {
		fmt.Fprintln(a.err, refreshed(answer))
		if f.dryRun {
			fmt.Fprintln(a.err, "nothing was sent")
		}
	}
	a.warn(answer)
	if !a.quiet {
		a.warnReadable(answer.Connection.Name)
	}
	if a.json {
		return errors.Join(a.printRefresh(answer, unsaved), exitWith(unsaved))
	}
	return nil
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
			Message: fmt.Sprintf("%s: other users can read this file (%v)", printable(path), info.Mode()), Remedy: "chmod 600 " + printable(path),
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

func (a *app) printRefresh(answer freshet.Answer, unsaved *freshet.UnsavedError) error {
	c := answer.Connection
	r := refreshJSON{
		Target: c.Name, Outcome: answer.Outcome, Rotated: answer.Rotated, expiryJSON: newExpiryJSON(c.Expiry(time.Now())),
	}
	if answer.Warning != nil {
		r.Warning = answer.Warning.Error()
	}
	if unsaved != nil {
		r.Unsaved = unsaved.Place
		explain(unsaved).print(a.err, "")
	}
	return printJSON(a.out, r)
}
