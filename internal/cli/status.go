package cli

import (
	"cmp"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

type statusFlags struct {
	connectionFlags
	within time.Duration
}

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:     "status [TARGET...]",
		Aliases: []string{"list"},
		Short:   "Show the state of tokens",
		Long: `Show the state of tokens. Nothing is sent or changed.

Without a target, the output is a table of all connections: the state of the access token and how
long it is still valid (~ if that is an assumption), the times of the last and the next refresh, and
when the refresh token expires, by age or inactivity.

With one target, the output shows the type, scope and account of the token, when the access token
expires and how freshet knows that, the last refreshes, the last failure, an interrupted refresh,
and related files. Values that may be secret are hidden.

--within DURATION shows only the connections that need a person now, or whose refresh token expires
within that time. Standard error says what to do about each. The exit code is 4 if a person has to do
it, and 0 if a refresh suffices. If there are none, nothing is printed and the exit code is 0. This
suits cron, which mails the output of a command.`,
		Example: `  freshet status
  freshet status salesforce.json
  freshet status acme --json
  freshet status --within 5d`,
		ValidArgsFunction: a.completeTargets(math.MaxInt),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && f.within == 0 {
				return a.statusOne(cmd, args[0], &f.connectionFlags)
			}
			return a.statusAll(cmd, args, &f)
		},
	}
	flags := cmd.Flags()
	f.registerPolicy(flags)
	positiveDurationVar(flags, &f.within, "within", 0,
		"show only connections that need a person within `DURATION`, such as 5d or 36h; exit code 4 if one has to act")
	a.jsonFlag(flags)
	return cmd
}

// tokenState returns the state as JSON output names it. With spaces instead of underscores it is
// the state that people see.
func tokenState(c freshet.Connection, now time.Time) string {
	e := c.Expiry(now)
	stale := e.StaleAt(c.Token.AccessToken())
	switch {
	case c.Revoked():
		return "revoked"
	case c.CurrentHealth().LoginRequired:
		return "login_required"
	case c.Token.AccessToken() == "" && c.Token.RefreshToken() == "" && !isOwnClient(c):
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

// nextRefresh returns the time from which a caller who asks for the token gets it refreshed: when
// it is stale, but not before the next attempt that a failure left. It is zero if that time is not
// known, or if only a login helps.
func nextRefresh(c freshet.Connection, now time.Time) time.Time {
	health := c.CurrentHealth()
	if renewedBy(c) == "" || health.LoginRequired {
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

// byRefresh is the remedy for a refresh token that expires if it is not used. A command can do that,
// so that no person is needed.
const byRefresh = oauth.Remedy("{refresh}")

// need returns what a person has to do about the connection before now+within, and why. Both are
// empty if there is nothing to do.
func (r *readResult) need(now time.Time, within time.Duration) (remedy oauth.Remedy, reason string) {
	if r.err != nil {
		if p, ok := errors.AsType[*freshet.SetupError](r.err); ok {
			remedy = p.Remedy
		}
		return cmp.Or(remedy, "repair or replace it"), r.problem()
	}
	c := r.connection
	const login = "{login again}"
	health := c.CurrentHealth()
	switch {
	case health.LoginRequired && health.LastFailure == nil:
		return login, "its refresh token is no longer valid"
	case health.LoginRequired:
		return login, health.LastFailure.Cause
	case tokenState(c, now) == "no_token":
		return "{login}", "not logged in yet"
	case renewedBy(c) == "":
		if e := c.Expiry(now); e.From != "" && !e.At.After(now.Add(within)) {
			reason := "it has no refresh token, and its access token " + expires(e.At, now) + " "
			return login, reason + text.RelativeTime(e.At, now)
		}
		return "", ""
	}
	if f := health.LastFailure; f != nil && f.Kind == oauth.Misconfigured {
		return f.Remedy, f.Cause
	}
	at, from := c.RefreshExpiry(now)
	if at.IsZero() || at.After(now.Add(within)) {
		return "", ""
	}
	reason = "its refresh token " + expires(at, now) + " " + refreshTokenExpiry(c, now)
	if at.After(now) && endsUnused(from) {
		return byRefresh, reason + " unless it is used"
	}
	return login, reason
}

// endsUnused reports whether the refresh token expires only if it is not used, by the source of its
// expiry.
func endsUnused(from freshet.ExpirySource) bool {
	return from == freshet.FromIdleLimit || from == "refresh_token_timeout"
}

func expires(at, now time.Time) string {
	if at.After(now) {
		return "expires"
	}
	return "expired"
}

// refreshTokenExpiry returns when the refresh token expires, like relative. A ~ marks the idle limit
// that is usual at the provider, as opposed to one that is set for this connection.
func refreshTokenExpiry(c freshet.Connection, now time.Time) string {
	at, from := c.RefreshExpiry(now)
	when := text.RelativeTime(at, now)
	if from != freshet.FromIdleLimit || c.Policy.IdleLimit > 0 {
		return when
	}
	if left, ok := strings.CutPrefix(when, "in "); ok {
		return "in ~" + left
	}
	return "~" + when
}
