package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

// checkAll returns an error for flags and arguments that --all excludes.
func (f *refreshFlags) checkAll(args []string) error {
	switch given := f.firstGiven(); {
	case len(args) > 0:
		return &usageError{fmt.Sprintf("--all and the target %q exclude each other", args[0]), "give one of them"}
	case given != "":
		return &usageError{
			fmt.Sprintf("--%s is for token files; connections have this setting already", given), "leave it out",
		}
	}
	return f.checkMany(nil)
}

// checkMany returns an error for flags that do not fit several targets.
func (f *refreshFlags) checkMany(targets []string) error {
	switch {
	case f.response.path != "":
		return &usageError{"--response keeps the response of one refresh", "give one connection"}
	case f.indent:
		return &usageError{"--indent is for one token", "give one connection or file"}
	case f.dryRun:
		return &usageError{"--dry-run shows one refresh", "give one connection: freshet refresh NAME --dry-run"}
	case f.force:
		return &usageError{
			"--force is for one connection: a provider may block a client that repeats a refused request",
			"name one: freshet refresh NAME --force",
		}
	case f.concurrency < 1:
		return &usageError{"--concurrency must be positive", "give a number such as 8"}
	}
	return f.check(filePaths(targets...)...)
}

// refreshAll refreshes every connection.
func (a *app) refreshAll(cmd *cobra.Command, f *refreshFlags) error {
	names, err := a.allNames()
	if err != nil {
		return err
	}
	if len(names) == 0 && !a.json {
		a.printNoConnections()
		return nil
	}
	return a.refreshMany(cmd, names, f)
}

// refreshMany refreshes the targets, and prints the results in this order.
func (a *app) refreshMany(cmd *cobra.Command, targets []string, f *refreshFlags) error {
	targets = withoutRepeats(targets)
	jobs := make([]*refreshJob, len(targets))
	for i, target := range targets {
		store, err := a.storeFor(target, &f.connectionFlags)
		if _, isUsage := errors.AsType[*usageError](err); isUsage || err != nil && store != nil {
			return err // of the flags
		}
		jobs[i] = &refreshJob{name: target, store: store, err: err, done: make(chan struct{})}
	}
	ctx := withSignals(cmd.Context())
	bar := newProgress(a.err, len(jobs))
	lines := !a.quiet && !bar.terminal
	stop := context.AfterFunc(ctx, func() {
		bar.above(func() { text.Fprintln(a.err, "interrupted: running refreshes are completed, and no other begins") })
	})
	for _, job := range jobs {
		job.host = job.tokenHost(ctx)
	}
	worker := new(sharedWorker)
	run := &refreshRun{
		concurrency: f.concurrency,
		refresh: func(j *refreshJob, overloaded func()) (freshet.Result, error) {
			return j.refresh(context.WithoutCancel(ctx), f, worker, overloaded)
		},
		ended: func(j *refreshJob) { bar.add(j.err != nil) },
	}
	go run.all(ctx, jobs)
	for _, job := range jobs {
		<-job.done
		bar.above(func() { job.print(a, lines) })
	}
	stop()
	bar.clear()
	return a.summarize(ctx, jobs)
}

// withoutRepeats returns the targets, each once.
func withoutRepeats(targets []string) []string {
	seen := make(map[string]bool, len(targets))
	return slices.DeleteFunc(slices.Clone(targets), func(target string) bool {
		again := seen[target]
		seen[target] = true
		return again
	})
}

// refreshJob is the refresh of one target.
type refreshJob struct {
	name   string
	host   string // of the token endpoint; "" if it is not known
	store  *filestore.Store
	trace  bytes.Buffer
	result freshet.Result
	err    error
	tried  bool
	done   chan struct{}
}

// refresh makes a job's refresh. overloaded is called after each attempt with such an answer.
func (j *refreshJob) refresh(
	ctx context.Context, f *refreshFlags, worker *sharedWorker, overloaded func(),
) (freshet.Result, error) {
	if j.store == nil {
		return freshet.Result{}, j.err // its name is not valid
	}
	a := &app{out: io.Discard, err: &j.trace, worker: worker}
	r := a.childRefresher(j.store, &f.networkFlags, func() {})
	attempt := r.Attempt
	r.Attempt = func(ctx context.Context, name string, o freshet.Options) (freshet.Result, error) {
		result, err := attempt(ctx, name, o)
		if isOverloaded(err) {
			overloaded()
		}
		return result, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, errTimeout)
	defer cancel()
	return r.Token(ctx, j.name, f.options())
}

// print prints warnings and errors, and with line also a successful refresh.
func (j *refreshJob) print(a *app, line bool) {
	_, _ = a.err.Write(j.trace.Bytes())
	switch {
	case !j.tried:
	case j.err != nil:
		j.explain(a).print(a.err, "")
	default:
		if line {
			a.printRefreshed(&j.result)
		}
		a.warn(&j.result)
		if !a.quiet {
			a.warnReadable(j.name)
		}
	}
}

// explain returns an explanation that names the connection, even if the error does not.
func (j *refreshJob) explain(a *app) explanation {
	e := a.explain(j.err)
	if !strings.HasPrefix(e.Message, j.name+": ") {
		e.Message = j.name + ": " + e.Message
	}
	return e
}

// refreshAllJSON is the output of refresh --json for many targets.
type refreshAllJSON struct {
	Connections []any `json:"connections"` // refreshJSON or failedJSON
	Refreshed   int   `json:"refreshed"`
	Failed      int   `json:"failed"`
	NotTried    int   `json:"not_tried"` // because of a signal; not in Connections
}

// failedJSON is a connection that was not refreshed.
type failedJSON struct {
	Target string      `json:"target"`
	Error  explanation `json:"error"`
}

// json returns the job's member of the output. A result that was not saved in its place is a
// result, too.
func (j *refreshJob) json(a *app) any {
	var unsaved *freshet.UnsavedError
	if j.err == nil || errors.As(j.err, &unsaved) && j.result.Outcome != "" {
		return newRefreshJSON(&j.result, unsaved)
	}
	return failedJSON{j.name, j.explain(a)}
}

// summary counts how the jobs ended.
type summary struct {
	refreshed int
	unneeded  int
	tolerated int // not refreshed, but the access token is still valid
	notTried  int
	failed    []string
	codes     []int // of the failed jobs
}

func (s *summary) add(j *refreshJob) {
	switch {
	case !j.tried:
		s.notTried++
	case j.err != nil:
		s.failed = append(s.failed, j.name)
		s.codes = append(s.codes, (&app{}).explain(j.err).code)
	case j.result.Outcome != freshet.Cached:
		s.refreshed++
	case j.result.Warning != nil:
		s.tolerated++
	default:
		s.unneeded++
	}
}

// String returns, for example, "12 refreshed, 3 needed no refresh, 2 failed: acme, beta".
func (s *summary) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{s.refreshed, "refreshed"},
		{s.unneeded, "needed no refresh"},
		{s.tolerated, "not refreshed but still valid"},
		{s.notTried, "not tried"},
		{len(s.failed), "failed: " + strings.Join(s.failed, ", ")},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return strings.Join(parts, ", ")
}

// summarize prints how the jobs ended, and returns the exit code as an error.
func (a *app) summarize(ctx context.Context, jobs []*refreshJob) error {
	var s summary
	out := refreshAllJSON{Connections: []any{}}
	for _, job := range jobs {
		s.add(job)
		if job.tried {
			out.Connections = append(out.Connections, job.json(a))
		}
	}
	code := worst(s.codes)
	if len(jobs) > 0 && (!a.quiet || code != exitDone || s.notTried > 0) {
		text.Fprintln(a.err, s.String())
	}
	if a.json {
		out.Refreshed, out.Failed, out.NotTried = s.refreshed, len(s.failed), s.notTried
		if err := printJSON(a.out, out); err != nil {
			return err
		}
	}
	if interrupted := interruption(ctx); interrupted != nil && s.notTried > 0 {
		code = interrupted.code()
	}
	if code != exitDone {
		return &exitError{code}
	}
	return nil
}
