package doctor

import (
	"fmt"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

const (
	idleLimit     = "idle-limit"
	absoluteLimit = "absolute-limit"
)

// checkDeadlines looks when the refresh token dies. One that is dead already is explained elsewhere.
func (p *patient) checkDeadlines() []Finding {
	if p.Token.RefreshToken() == "" || p.CurrentHealth().LoginRequired {
		return nil
	}
	var findings []Finding
	if at, from := p.RefreshExpiry(p.now); from == freshet.FromIdleLimit {
		findings = append(findings, p.checkIdle(at))
	} else if from != "" && from != freshet.FromAbsoluteLimit { // that one comes below
		findings = append(findings, checkAbsolute(at, p.now, p.Expiry(p.now).Issued, Certain, "as "+from+" says"))
	}
	if at, sure := absoluteEnd(p.History, p.facts.absolute, p.facts.absoluteSure); !at.IsZero() {
		findings = append(findings, checkAbsolute(at, p.now, at.Add(-p.facts.absolute), sure, "usual at "+p.facts.title))
	}
	return findings
}

func (p *patient) checkIdle(at time.Time) Finding {
	what := fmt.Sprintf("not used since %s; the app's idle limit is %s (%s)", moment(at.Add(-p.facts.idle)), span(p.facts.idle), p.facts.idleFrom)
	switch left := at.Sub(p.now); {
	case left <= 0 && p.Policy.IdleLimit > 0:
		return problem(idleLimit, p.facts.idleSure, oauth.LoginRequired, what, "log in again")
	case left <= 0:
		return warning(idleLimit, p.facts.idleSure, what, "refresh it: where the app has no such limit that works; if it is refused, log in again")
	case left < soon(p.facts.idle):
		return warning(idleLimit, p.facts.idleSure, what+", which is reached in "+span(left), "refresh it before "+moment(at))
	default:
		fine := ok(idleLimit, "the refresh token lives for another %s if it is not used: the app's idle limit is %s (%s)", span(left), span(p.facts.idle), p.facts.idleFrom)
		fine.Certainty = p.facts.idleSure
		return fine
	}
}

// soon is how long before its end a life of the given length is worth a warning.
func soon(life time.Duration) time.Duration { return min(life/6, 5*24*time.Hour) }

// checkAbsolute is about an end that no refresh puts off; source says how it is known.
func checkAbsolute(at, now, began time.Time, sure Certainty, source string) Finding {
	switch left := at.Sub(now); {
	case left <= 0:
		return problem(absoluteLimit, sure, oauth.LoginRequired, fmt.Sprintf("the refresh token died at %s, %s", moment(at), source), "log in again")
	case left < soon(at.Sub(began)):
		return warning(absoluteLimit, sure, fmt.Sprintf("the refresh token dies at %s, %s, whatever is done with it", moment(at), source), "log in again before")
	default:
		return ok(absoluteLimit, "the refresh token lives until %s, %s", moment(at), source)
	}
}

// absoluteEnd is when a grant ends that lives for so long after its login, as far as the history knows that: zero if not at all.
// known is how sure the life is.
func absoluteEnd(h freshet.History, life time.Duration, known Certainty) (at time.Time, sure Certainty) {
	switch {
	case life == 0:
		return time.Time{}, ""
	case len(h.Logins) > 0:
		return h.Logins[len(h.Logins)-1].Add(life), known
	case len(h.Entries) > 0:
		return h.Entries[0].Time.Add(life), Possible // at the latest: the login was before
	}
	return time.Time{}, ""
}
