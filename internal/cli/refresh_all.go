package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
)

// checkAll says what is wrong with a command line that has --all.
func (f *refreshFlags) checkAll(args []string) error {
	switch given := f.firstGiven(); {
	case len(args) > 0:
		return &usageError{fmt.Sprintf("--all and the target %q exclude each other", args[0]), "give one of them"}
	case given != "":
		return &usageError{fmt.Sprintf("--%s is for token files; connections have this setting already", given), "leave it out"}
	case f.dryRun:
		return &usageError{"--dry-run shows one refresh", "give one connection: freshet refresh NAME --dry-run"}
	case f.force:
		return &usageError{"--force is for one connection: a provider may block who repeats what it refused", "give one: freshet refresh NAME --force"}
	case f.concurrency < 1:
		return &usageError{"--concurrency must be positive", "give a number such as 8"}
	}
	return f.check()
}

// refreshAll refreshes every connection. What there is to say of each is said in the order of their names.
func (a *app) refreshAll(cmd *cobra.Command, f *refreshFlags) error {
	names, err := a.store().Names()
	if err != nil {
		return fmt.Errorf("listing the connections: %w", err)
	}
	if len(names) == 0 && !a.json {
		a.printNoConnections()
		return nil
	}
	ctx := withSignals(cmd.Context())
	all := make([]*turn, len(names))
	for i, name := range names {
		all[i] = &turn{name: name, ended: make(chan struct{})}
	}
	bar := newProgress(a.err, len(all))
	eachInALine := !a.quiet && !bar.terminal
	stop := context.AfterFunc(ctx, func() {
		bar.above(func() { text.Fprintln(a.err, "interrupted: what was begun is completed, nothing else is tried") })
	})
	go a.inTurn(ctx, all, f, bar)
	for _, t := range all {
		<-t.ended
		bar.above(func() { t.say(a, eachInALine) })
	}
	stop()
	bar.clear()
	return a.sum(ctx, all)
}

// turn is the refresh of one connection.
type turn struct {
	name   string
	said   bytes.Buffer // the trace
	answer freshet.Answer
	err    error
	tried  bool
	ended  chan struct{}
}

// inTurn begins a refresh whenever one of f.concurrency has ended, until ctx ends.
func (a *app) inTurn(ctx context.Context, all []*turn, f *refreshFlags, bar *progress) {
	free := make(chan struct{}, f.concurrency)
	for _, t := range all {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			close(t.ended)
			continue
		}
		t.tried = true
		go func() {
			t.answer, t.err = t.refresh(context.WithoutCancel(ctx), f)
			bar.add(t.err != nil)
			close(t.ended)
			<-free
		}()
	}
}

// refresh is ask for one of many: a signal is no reason to leave what was begun.
func (t *turn) refresh(ctx context.Context, f *refreshFlags) (freshet.Answer, error) {
	a := &app{out: io.Discard, err: &t.said}
	r := a.childRefresher(a.store(), &f.networkFlags, func() {})
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, errTimeout)
	defer cancel()
	return r.Ask(ctx, t.name, f.demand())
}

func (t *turn) say(a *app, inALine bool) {
	_, _ = a.err.Write(t.said.Bytes())
	switch {
	case !t.tried:
	case t.err != nil:
		t.explain().print(a.err, "")
	default:
		if inALine {
			a.sayRefreshed(t.answer)
		}
		a.warn(t.answer)
		if !a.quiet {
			a.warnReadable(t.name)
		}
	}
}

// explain names the connection, whatever the error is.
func (t *turn) explain() explanation {
	e := explain(t.err)
	if !strings.HasPrefix(e.Message, t.name+": ") {
		e.Message = t.name + ": " + e.Message
	}
	return e
}

// refreshAllJSON is the output of refresh --all --json.
type refreshAllJSON struct {
	Connections []any `json:"connections"` // refreshJSON or failedJSON
	Refreshed   int   `json:"refreshed"`
	Failed      int   `json:"failed"`
	NotTried    int   `json:"not_tried"` // because of a signal; they are not in the list
}

// failedJSON is a connection that was not refreshed.
type failedJSON struct {
	Target string      `json:"target"`
	Error  explanation `json:"error"`
}

// json is the turn's part of the output. A result that is not saved in its place is one all the same.
func (t *turn) json() any {
	var unsaved *freshet.UnsavedError
	if t.err == nil || errors.As(t.err, &unsaved) && t.answer.Outcome != "" {
		return newRefreshJSON(t.answer, unsaved)
	}
	return failedJSON{t.name, t.explain()}
}

// tally counts how the turns ended.
type tally struct {
	refreshed int
	unneeded  int
	tolerated int // not refreshed, but the access token is still valid
	notTried  int
	failed    []string
	codes     []int // of those that failed
}

func (s *tally) add(t *turn) {
	switch {
	case !t.tried:
		s.notTried++
	case t.err != nil:
		s.failed = append(s.failed, t.name)
		s.codes = append(s.codes, explain(t.err).code)
	case t.answer.Outcome != freshet.Cached:
		s.refreshed++
	case t.answer.Warning != nil:
		s.tolerated++
	default:
		s.unneeded++
	}
}

// line is such as "12 refreshed, 3 needed no refresh, 2 failed: acme, beta".
func (s *tally) line() string {
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

// sum says what became of all, and returns it as an exit code.
func (a *app) sum(ctx context.Context, all []*turn) error {
	var s tally
	out := refreshAllJSON{Connections: []any{}}
	for _, t := range all {
		s.add(t)
		if t.tried {
			out.Connections = append(out.Connections, t.json())
		}
	}
	code := worst(s.codes)
	if line := s.line(); line != "" && (!a.quiet || code != exitDone || s.notTried > 0) {
		text.Fprintln(a.err, line)
	}
	if a.json {
		out.Refreshed, out.Failed, out.NotTried = s.refreshed, len(s.failed), s.notTried
		if err := printJSON(a.out, out); err != nil {
			return err
		}
	}
	var interrupted *interruptError
	switch {
	case s.notTried > 0 && errors.As(context.Cause(ctx), &interrupted):
		return &exitError{interrupted.code()}
	case code != exitDone:
		return &exitError{code}
	}
	return nil
}
