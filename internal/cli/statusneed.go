package cli

import (
	"cmp"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

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
	if state(c, now) == "no_token" {
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
