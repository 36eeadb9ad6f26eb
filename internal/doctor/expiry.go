package doctor

import (
	"fmt"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

const (
	idleLimit     = "idle-limit"
	absoluteLimit = "absolute-limit"
)

// Members of draft-ietf-oauth-refresh-token-expiration.
const (
	refreshTokenTimeout = "refresh_token_timeout"
	grantLifetime       = "authorization_expires_in"
)

// checkExpiry checks when the refresh token expires: by its own lifetime, the idle limit or the absolute
// limit. It has no findings without a refresh token, or if that was refused (explainFailure).
func (s *subject) checkExpiry() []Finding {
	if s.Token.RefreshToken() == "" || !sendsRefreshToken(s.Connection) || s.CurrentHealth().LoginRequired {
		return nil
	}
	var findings []Finding
	issued := s.Expiry(s.now).Issued
	switch at, source := s.RefreshExpiry(s.now); source {
	case freshet.FromIdleLimit:
		findings = s.checkIdle(at)
	case refreshTokenTimeout:
		findings = checkTimeout(at, s.now, issued)
	case "", freshet.FromAbsoluteLimit, grantLifetime: // checked below
	default:
		findings = checkAbsolute(at, s.now, issued, Certain, "as "+string(source)+" says")
	}
	if at := s.GrantExpiry(s.now); !at.IsZero() {
		findings = append(findings, checkAbsolute(at, s.now, issued, Certain, "as "+grantLifetime+" says")...)
	}
	lifetime := time.Duration(s.provider.RefreshToken.Absolute)
	if at, certainty := absoluteEnd(s.History, lifetime, s.certainty("absolute")); !at.IsZero() {
		findings = append(findings,
			checkAbsolute(at, s.now, at.Add(-lifetime), certainty, "usual at "+s.provider.Title)...)
	}
	return findings
}

// checkTimeout checks the expiry of a refresh token that each refresh extends.
func checkTimeout(at, now, issued time.Time) []Finding {
	source := "as " + refreshTokenTimeout + " says"
	switch left := at.Sub(now); {
	case left <= 0:
		return problem(idleLimit, Certain, oauth.LoginRequired,
			fmt.Sprintf("the refresh token expired unused at %s, %s", localTime(at), source), "{login again}")
	case left < warningTime(at.Sub(issued)):
		return warning(idleLimit, Certain,
			fmt.Sprintf("if unused, the refresh token expires at %s, %s", localTime(at), source),
			oauth.Remedyf("{refresh} before %s", localTime(at)))
	default:
		return ok(idleLimit, "if unused, the refresh token is valid until %s, %s", localTime(at), source)
	}
}

// checkIdle checks the idle limit, which is reached at the given time.
func (s *subject) checkIdle(at time.Time) []Finding {
	limit, source, certainty := s.idleLimit()
	limited := fmt.Sprintf("the app's idle limit is %s (%s)", text.RoundDuration(limit), source)
	what := fmt.Sprintf("not used since %s; %s", localTime(at.Add(-limit)), limited)
	switch left := at.Sub(s.now); {
	case left <= 0 && s.Policy.IdleLimit > 0:
		return problem(idleLimit, certainty, oauth.LoginRequired, what, "{login again}")
	case left <= 0:
		return warning(idleLimit, certainty, what,
			"{refresh}: that works if the app has no such limit; if it is refused, {login again}")
	case left < warningTime(limit):
		return warning(idleLimit, certainty, what+", reached in "+text.RoundDuration(left),
			oauth.Remedyf("{refresh} before %s", localTime(at)))
	default:
		findings := ok(idleLimit, "if unused, the refresh token is valid for another %s: %s", text.RoundDuration(left),
			limited)
		findings[0].Certainty = certainty
		return findings
	}
}

// warningTime is how long before the end of a lifetime a warning begins.
func warningTime(lifetime time.Duration) time.Duration { return min(lifetime/6, 5*24*time.Hour) }

// checkAbsolute checks an expiry that no refresh extends. source says how it is known.
func checkAbsolute(at, now, issued time.Time, certainty Certainty, source string) []Finding {
	switch left := at.Sub(now); {
	case left <= 0:
		return problem(absoluteLimit, certainty, oauth.LoginRequired,
			fmt.Sprintf("the refresh token expired at %s, %s", localTime(at), source), "{login again}")
	case left < warningTime(at.Sub(issued)):
		return warning(absoluteLimit, certainty,
			fmt.Sprintf("the refresh token expires at %s, %s; a refresh does not extend it", localTime(at), source),
			"{login again} before")
	default:
		return ok(absoluteLimit, "the refresh token is valid until %s, %s", localTime(at), source)
	}
}

// absoluteEnd returns when a grant with this lifetime ends, counted from the last login. It returns
// zero if there is no such lifetime or no history. Without a known login it returns the latest
// possible time, as [Possible].
func absoluteEnd(h freshet.History, lifetime time.Duration, known Certainty) (time.Time, Certainty) {
	switch {
	case lifetime == 0:
	case len(h.Logins) > 0:
		return h.Logins[len(h.Logins)-1].Add(lifetime), known
	case len(h.Entries) > 0:
		return h.Entries[0].Time.Add(lifetime), Possible
	}
	return time.Time{}, ""
}
