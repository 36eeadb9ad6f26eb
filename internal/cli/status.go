package cli

import (
	"cmp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

type statusFlags struct {
	connectionFlags
	within longDuration
}

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:     "status [TARGET...]",
		Aliases: []string{"list"},
		Short:   "Show what is known about tokens, without network",
		Long: `Show what is known about tokens, without network and without changing anything.

Without a target it is a table of all connections: what state their access tokens are in and how much time is left (~ where
that is assumed), when they were refreshed and when they will be, and when the refresh token dies, of its own age or of not
being used.

With one target it is all about that: type, scope, account, when the access token expires and from what that is known, the
last refreshes, the last failure, an interrupted refresh, and the files beside it. Only members that are known to be harmless
are shown.

--within shows only those that need a person now, or whose refresh token dies within that time, and says on standard error
what to do about each; the exit code is then 4. When all is well it prints nothing and exits with 0: a line for cron, which
mails what is printed.`,
		Example: `  freshet status
  freshet status salesforce.json
  freshet status acme --json
  freshet status --within 5d`,
		ValidArgsFunction: a.completeManyTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && f.within == 0 {
				return a.statusOne(cmd, args[0], &f.connectionFlags)
			}
			return a.statusAll(cmd, args, &f)
		},
	}
	flags := cmd.Flags()
	f.registerPolicy(flags)
	flags.Var(&f.within, "within", "show only what needs a person within `DURATION`, such as 5d or 36h; exit code 4 if there is any")
	a.jsonFlag(flags)
	return cmd
}

// tokenState is what can be said about a token in one word of JSON; spaces instead of low lines make it one for people.
func tokenState(c freshet.Connection, now time.Time) string {
	e := c.Expiry(now)
	stale := e.StaleAt(c.Token.AccessToken())
	switch {
	case c.Revoked():
		return "revoked"
	case c.CurrentHealth().LoginRequired:
		return "login_required"
	case c.Token.AccessToken() == "" && c.Token.RefreshToken() == "":
		return "no_token"
	case c.Token.AccessToken() == "":
		return "no_access_token"
	case e.From != "" && !now.Before(e.At):
		return "expired"
	case !stale.IsZero() && !now.Before(stale):
		return "stale"
	default:
		return "fresh"
	}
}

// nextRefresh is when a caller who asks for the token will have it refreshed: when it is stale, but not before the next
// attempt is due. It is zero when that is not known, and when only a person can help.
func nextRefresh(c freshet.Connection, now time.Time) time.Time {
	health := c.CurrentHealth()
	if c.Token.RefreshToken() == "" || health.LoginRequired {
		return time.Time{}
	}
	at := c.Expiry(now).StaleAt(c.Token.AccessToken())
	if c.Token.AccessToken() == "" {
		at = now
	}
	if next := health.NextAttempt; next.After(at) {
		return next
	}
	return at
}

// line says what a person has to do about a connection now, or within a time, and why; "" if nothing.
func (s seen) line(now time.Time, within time.Duration) string {
	do, why := s.need(now, within)
	if why == "" {
		return ""
	}
	return s.name + ": " + do + " — " + why
}

// need is what a person has to do, and why, as a terminal can show it.
func (s seen) need(now time.Time, within time.Duration) (do, why string) {
	return s.remedy(now, within)
}

func (s seen) remedy(now time.Time, within time.Duration) (do, why string) {
	if s.err != nil {
		return cmp.Or(explain(s.err).Remedy, "see what is wrong with it"), s.problem()
	}
	c := s.connection
	login := "log in again: freshet login " + s.name
	if filestore.IsPath(s.name) {
		login = "log in again, and save the token there"
	}
	health := c.CurrentHealth()
	if health.LoginRequired {
		return login, refusal(health)
	}
	if tokenState(c, now) == "no_token" {
		return strings.Replace(login, "log in again", "log in", 1), "nobody has logged in yet"
	}
	if c.Token.RefreshToken() == "" {
		return login, withoutRefreshToken(c, now, within)
	}
	if f := health.LastFailure; f != nil && f.Kind == oauth.Misconfigured {
		return onCommandLine(s.name, f.Remedy), f.Cause
	}
	at, from := c.RefreshExpiry(now)
	switch {
	case at.IsZero() || at.After(now.Add(within)):
		return "", ""
	case !at.After(now):
		return login, "its refresh token died " + dies(c, now)
	case from == freshet.FromIdleLimit:
		return "refresh it: freshet refresh " + s.name, "its refresh token dies " + dies(c, now) + " unless it is used"
	default:
		return login, "its refresh token dies " + dies(c, now)
	}
}

// dies says when the refresh token does, as relative says it, with ~ where the time is the provider's usual one and nobody said
// so of this connection.
func dies(c freshet.Connection, now time.Time) string {
	at, from := c.RefreshExpiry(now)
	said := relative(at, now)
	if from != freshet.FromIdleLimit || c.Policy.IdleLimit > 0 {
		return said
	}
	if left, ok := strings.CutPrefix(said, "in "); ok {
		return "in ~" + left
	}
	return "~" + said
}

func refusal(h freshet.Health) string {
	if h.LastFailure == nil {
		return "its refresh token is of no use any more"
	}
	return h.LastFailure.Cause
}

// withoutRefreshToken says why a token that nobody can refresh needs a person, or "".
func withoutRefreshToken(c freshet.Connection, now time.Time, within time.Duration) string {
	e := c.Expiry(now)
	switch {
	case e.From == "" || e.At.After(now.Add(within)):
		return ""
	case e.At.After(now):
		return "it has no refresh token, and its access token ends " + relative(e.At, now)
	default:
		return "it has no refresh token, and its access token ended " + relative(e.At, now)
	}
}
