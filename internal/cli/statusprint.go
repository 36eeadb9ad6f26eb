package cli

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

func (s statusJSON) print(a *app) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(label, value string) {
		if value != "" {
			text.Fprintf(w, "%s\t%s\n", label, value)
		}
	}
	s.printNames(row)
	row("state", s.stateLine())
	row("type", s.TokenType)
	row("scope", s.Scope)
	row("host", s.Host)
	row("account", cmp.Or(s.Members["id"], s.Account))
	row("instance", s.Members["instance_url"])
	row("issued", moment(s.IssuedAt))
	row("expires", s.expiresLine())
	row("stale", moment(s.StaleAt))
	row("refresh token", s.refreshLine())
	row("last refresh", moment(s.LastSuccess))
	if f := s.LastFailure; f != nil {
		row("last failure", f.Time.Local().Format(time.DateTime)+": "+f.Cause)
		row("", "→ "+f.Remedy)
		row("next attempt", moment(s.NextAttempt))
	}
	if p := s.Interrupted; p != nil {
		row("interrupted", fmt.Sprintf("a refresh begun %s by process %d on %s %s", moment(p.Since), p.PID, p.Host, p.outcome()))
	}
	s.printHistory(row)
	row("mode", s.Mode)
	if s.readableByOthers() {
		row("", "→ others can read this file: chmod 600 "+s.file())
	}
	row("not shown", strings.Join(s.Hidden, ", "))
	for _, sibling := range s.SiblingFiles {
		row("beside it", sibling.Path+": "+sibling.What)
	}
	return w.Flush()
}

// printNames says what the token is called, and what is known of who asks.
func (s statusJSON) printNames(row func(label, value string)) {
	if filestore.IsPath(s.Target) {
		row("token", s.Target)
	} else {
		row("connection", s.Target)
		row("token file", s.TokenFile)
	}
	row("provider", s.Provider)
	row("client", s.ClientID)
	row("scopes", strings.Join(s.Scopes, " "))
	for _, name := range slices.Sorted(maps.Keys(s.Redirect)) {
		row(name, s.Redirect[name])
	}
}

// lastRefreshes is how many of the history are shown to people.
const lastRefreshes = 3

// printHistory shows the latest first.
func (s statusJSON) printHistory(row func(label, value string)) {
	last := s.History[max(0, len(s.History)-lastRefreshes):]
	label := "history"
	for _, e := range slices.Backward(last) {
		line := moment(&e.Time) + ": " + whatHappened(e)
		if e.Fingerprint != "" {
			line += "; refresh token #" + e.Fingerprint
		}
		row(label, line)
		label = ""
	}
	if more := len(s.History) - len(last); more > 0 {
		row("", fmt.Sprintf("(%d more: --json)", more))
	}
}

func whatHappened(e freshet.HistoryEntry) string {
	if e.Outcome == freshet.Failed && e.Code == freshet.CodeRevoked {
		return "revoked from here"
	}
	what := strings.ReplaceAll(string(e.Outcome), "_", " ")
	if reason := cmp.Or(e.Code, strings.ReplaceAll(string(e.Kind), "_", " ")); reason != "" {
		what += " (" + reason + ")"
	}
	return fmt.Sprintf("%s in %d ms", what, e.Millis)
}

func (p *interruptedJSON) outcome() string {
	if p.HasReply {
		return "had received its answer, which the next run saves"
	}
	return "left no answer; the provider may have replaced the refresh token"
}

func (s statusJSON) stateLine() string {
	words := strings.ReplaceAll(s.State, "_", " ")
	if s.Refreshing {
		return words + ", being refreshed now"
	}
	return words
}

// file is where the token is, as the user knows it.
func (s statusJSON) file() string {
	if filestore.IsPath(s.Target) {
		return s.Target
	}
	return s.Path
}

func (s statusJSON) expiresLine() string {
	switch s.ExpiresFrom {
	case "":
		if s.permanent {
			return "never: what this provider gives no expires_in does not expire"
		}
		return "not known"
	case "assumed":
		return "about " + moment(s.ExpiresAt) + " (assumed: neither the provider nor the token says)"
	case "jwt":
		return moment(s.ExpiresAt) + " (the token's own exp)"
	default:
		return moment(s.ExpiresAt) + " (" + s.ExpiresFrom + ")"
	}
}

func (s statusJSON) refreshLine() string {
	switch {
	case !s.HasRefresh:
		return "none: this token cannot be refreshed"
	case s.RefreshExpiresFrom == freshet.FromIdleLimit:
		return "dies unless used before " + moment(s.RefreshExpiresAt) + " (where the app limits idle time)"
	case s.RefreshExpiresAt != nil:
		return "dies " + moment(s.RefreshExpiresAt) + " (" + s.RefreshExpiresFrom + ")"
	default:
		return "present"
	}
}

// readableByOthers looks at the group's and the others' part of a mode such as -rw-r-----.
func (s statusJSON) readableByOthers() bool {
	return runtime.GOOS != "windows" && strings.Contains(s.Mode[len(s.Mode)-6:], "r")
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format(time.DateTime)
}
