package cli

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

type refreshFlags struct {
	refresherFlags
	ifStale bool
	dryRun  bool
	force   bool
	indent  bool

	all         bool
	concurrency int
}

func (a *app) refreshCommand() *cobra.Command {
	var f refreshFlags
	cmd := &cobra.Command{
		Use:   "refresh (TARGET... | --all)",
		Short: "Refresh a token now, and save the result",
		Long: `Refresh the access token at the provider's token endpoint, and save the result in the place of the
token. Only the values that the provider sent change there, and expires_at if the provider says how
long the token is valid.

If another process completes a refresh while this one waits for the lock, its token is used and
nothing is sent.

A refresh token that the provider refused is not sent again, unless the client, its secret, the
endpoint or a parameter has changed, or with --force. freshet refresh reads the client secret first,
so that a corrected one counts at once. freshet token reads it only when it sends a request.

If the reply to a refresh was lost, the provider may have replaced the refresh token. While the saved
access token is valid, freshet token prints that, and only --force sends the refresh token again.

--all refreshes every connection, or with --if-stale every stale one. With it, and with several
targets, freshet continues after a failure. A server that is overloaded gets fewer requests at a time.
What failed temporarily is tried once more. The exit code is the most severe of those that failed, in
the order 6, 4, 3, 1, 5. After Ctrl-C the running refreshes are completed, and no other begins.`,
		Example: `  freshet refresh salesforce.json --client-id 3MVG9... --dry-run
  freshet refresh salesforce.json --client-id 3MVG9...
  freshet refresh --if-stale -q token.json
  freshet refresh --if-stale tokens/*.json
  freshet refresh --all --if-stale`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.all:
				return f.checkAll(args)
			case len(args) > 1:
				return f.checkMany(args)
			}
			return exactArgs(1)(cmd, args)
		},
		ValidArgsFunction: a.completeTargets(math.MaxInt),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.all:
				return a.refreshAll(cmd, &f)
			case len(args) > 1:
				return a.refreshMany(cmd, args, &f)
			}
			return a.refresh(cmd, args[0], &f)
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	flags.BoolVar(&f.ifStale, "if-stale", false, "refresh only if the access token is stale")
	flags.BoolVar(&f.dryRun, "dry-run", false, "do everything but send the request, and show it")
	flags.BoolVar(&f.force, "force", false,
		"send the refresh token even if the provider refused it, or another refresh replaced it or may have")
	f.registerResponse(flags)
	flags.BoolVar(&f.indent, "indent", false, "also write the token with each member on a line of its own")
	flags.BoolVar(&f.all, "all", false, "refresh every connection")
	flags.IntVar(&f.concurrency, "concurrency", 8, "with --all or several targets: refresh `N` at a time")
	a.outputFlags(flags)
	return cmd
}

func (f *refreshFlags) options() freshet.Options {
	return freshet.Options{
		Forced: f.force || !f.ifStale && f.minTTL == 0,
		Insist: f.force,
		MinTTL: f.minTTL,
		DryRun: f.dryRun,
	}
}

func (a *app) refresh(cmd *cobra.Command, target string, f *refreshFlags) error {
	result, err := a.getToken(cmd.Context(), target, &f.refresherFlags, f.options())
	var unsaved *freshet.UnsavedError
	if err != nil && !(errors.As(err, &unsaved) && a.json && result.Outcome != "") {
		return err
	}
	if result.Outcome == freshet.Planned {
		return a.printPlan(result.Connection)
	}
	if !a.quiet && err == nil {
		a.printRefreshed(result)
		if f.dryRun {
			text.Fprintln(a.err, "nothing was sent")
		}
	}
	if f.indent && err == nil && !f.dryRun {
		if err := a.indent(cmd.Context(), target, f, result); err != nil {
			return err
		}
	}
	a.warn(result)
	if !a.quiet {
		a.warnReadable(result.Connection.Name)
	}
	if !a.json {
		return nil
	}
	if unsaved != nil {
		a.explain(unsaved).print(a.err, "")
		err = &exitError{exitUnsaved}
	}
	return errors.Join(printJSON(a.out, newRefreshJSON(result, unsaved)), err)
}

// warnReadable warns of a token file that other users can read. freshet does not change its mode.
func (a *app) warnReadable(name string) {
	path := name
	if !filestore.IsPath(name) {
		var err error
		if path, err = a.store().Path(name); err != nil {
			return
		}
	}
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o044 != 0 {
		a.printWarning(fmt.Sprintf("%s: other users can read this file (%v)", path, info.Mode()), "chmod 600 "+path)
	}
}

// printRefreshed prints one line about what happened, unless a warning says it: after a failure the
// saved token was used.
func (a *app) printRefreshed(result *freshet.Result) {
	c := result.Connection
	valid := validity(c, time.Now())
	rotation := "refresh token kept"
	switch {
	case isOwnClient(c):
		rotation = "a new token of the client's own"
	case result.Rotated:
		rotation = "refresh token rotated"
	}
	switch result.Outcome {
	case freshet.Adopted:
		text.Fprintf(a.err, "%s was refreshed by another process; %s\n", c.Name, valid)
	case freshet.Cached:
		if result.Warning == nil {
			text.Fprintf(a.err, "%s needs no refresh; %s\n", c.Name, valid)
		}
	case freshet.Recovered:
		text.Fprintf(a.err, "recovered %s: saved the reply of an interrupted refresh; %s; %s\n",
			c.Name, rotation, valid)
	default:
		text.Fprintf(a.err, "refreshed %s: %s; %s\n", c.Name, rotation, valid)
	}
}

// refreshJSON is the output of refresh --json.
type refreshJSON struct {
	Target  string          `json:"target"`
	Outcome freshet.Outcome `json:"outcome"`
	Rotated bool            `json:"rotated"` // the refresh token was replaced
	expiryJSON
	Warning string `json:"warning,omitempty"`
	Unsaved string `json:"unsaved,omitempty"` // where the result is, if it could not be saved in its place
}

func newRefreshJSON(result *freshet.Result, unsaved *freshet.UnsavedError) refreshJSON {
	c := result.Connection
	r := refreshJSON{
		Target: c.Name, Outcome: result.Outcome, Rotated: result.Rotated,
		expiryJSON: newExpiryJSON(c.Expiry(time.Now())),
	}
	if result.Warning != nil {
		r.Warning = result.Warning.Error()
	}
	if unsaved != nil {
		r.Unsaved = unsaved.Place
	}
	return r
}

// planJSON is the output of refresh --dry-run --json.
type planJSON struct {
	Target        string   `json:"target"`
	Outcome       string   `json:"outcome"` // "planned"
	TokenEndpoint string   `json:"token_endpoint"`
	ClientID      string   `json:"client_id"`
	ClientAuth    string   `json:"client_auth"`
	GrantType     string   `json:"grant_type"` // what is sent: see renewed_by of status
	SavedIn       string   `json:"saved_in"`
	Touched       []string `json:"touched"` // the token file and its siblings that a refresh writes
	Sent          bool     `json:"sent"`    // always false
}

// printPlan prints what a refresh would send, to which server, as which client, and the files that it
// would write. The dry run has taken the lock and reserved the space before.
func (a *app) printPlan(c freshet.Connection) error {
	request, err := c.Request()
	if err != nil {
		return err
	}
	path, err := a.store().Path(c.Name)
	if err != nil {
		return err
	}
	plan := planJSON{
		Target: c.Name, Outcome: string(freshet.Planned),
		TokenEndpoint: request.Endpoint, ClientID: request.Client.ID, ClientAuth: string(request.Client.Style()),
		GrantType: string(renewedBy(c)),
		SavedIn:   path, Touched: []string{path, path + ".lock", path + ".pending", path + ".next"},
	}
	siblings, tried := ".lock (stays), .pending and .next (deleted)", "the lock was taken and the disk space reserved, "+
		"and both were released"
	if isOwnClient(c) {
		plan.Touched = []string{path, path + ".lock", path + ".next"}
		siblings, tried = ".lock (stays) and .next (deleted)", "the lock was taken and released"
	}
	if a.json {
		return printJSON(a.out, plan)
	}
	styles := map[string]string{
		"none":           "not at all: a public client, identified by its id",
		"body":           "by the client secret in the request's body",
		"basic":          "by the client secret in the Authorization header (HTTP Basic)",
		"secret-as-user": "by the client secret as the user name in the Authorization header (HTTP Basic)",
	}
	record := ""
	if dir := stateDir(); dir != "" && c.TokenFile != "" {
		record = filepath.Join(dir, "health") + ": time and outcome, but no token"
	}
	text.Fprintf(a.err, "%s: a refresh would\n", c.Name)
	err = printFacts(a.err, "  ", [][2]string{
		{"send to", plan.TokenEndpoint},
		{"as client", plan.ClientID},
		{"authenticated", styles[plan.ClientAuth]},
		{"save the result in", path},
		{"write next to it", filepath.Base(path) + siblings},
		{"change", "the values that the provider sends, and expires_at if it sends a lifetime; nothing else"},
		{"record in", record},
	}...)
	if err != nil {
		return err
	}
	text.Fprintln(a.err, tried+"; nothing was sent")
	return nil
}
