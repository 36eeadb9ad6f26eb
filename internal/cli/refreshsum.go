package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
)

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
