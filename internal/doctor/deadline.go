package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

const (
	idleLimit     = "idle-limit"
	absoluteLimit = "absolute-limit"
)

// checkDeadlines looks when the refresh token dies. One that is dead already is explained elsewhere.
func (p *patient) checkDeadlines() []Finding {
	if p.Token.RefreshToken() == "" || p.Health.LoginRequired {
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

// loginsLike are the times of the logins from here with the account and the client of p, over all connections. A grant that was
// not begun by a login from here, and was imported, counts as one of unknown time, unless it is known to be dead.
func (d *Doctor) loginsLike(ctx context.Context, p *patient) []time.Time {
	own := ownerOf(p.Connection)
	if p.facts.limit == 0 || own.account == "" {
		return nil
	}
	all := d.connections(ctx)
	if filestore.IsPath(p.Name) {
		all = append(all[:len(all):len(all)], neighbour{Connection: p.Connection, owner: own})
	}
	var logins []time.Time
	known := map[string]bool{}
	for _, c := range all {
		if c.owner != own {
			continue
		}
		token := c.Token.RefreshTokenHash()
		if len(c.History.Logins) == 0 && c.Token.RefreshToken() != "" && !c.Health.LoginRequired && !known[token] {
			logins = append(logins, time.Time{})
		}
		known[token] = true
		logins = append(logins, c.History.Logins...)
	}
	return logins
}

// checkLogins counts the logins: one more than the limit ends the oldest grant.
func (p *patient) checkLogins(logins []time.Time) []Finding {
	const check = "logins"
	n, limit := len(logins), p.facts.limit
	what := fmt.Sprintf("%s made from here with the account %s and this client, of %d that %s keeps alive", logged(n), p.Account(), limit, p.facts.title)
	switch {
	case n == 0:
		return nil
	case n >= limit:
		return []Finding{warning(check, p.facts.limitSure, what+"; each further one ends the oldest, and there may be more from elsewhere",
			"log in once, and let every program get its token from that connection; revoke the others with freshet revoke")}
	case n == limit-1:
		return []Finding{warning(check, p.facts.limitSure, what+"; there may be more from elsewhere", "share one connection instead of logging in again, or revoke one that is not needed with freshet revoke")}
	default:
		return []Finding{ok(check, "%s", what)}
	}
}

// logged counts logins, as a sentence begins.
func logged(n int) string {
	if n == 1 {
		return "1 login was"
	}
	return fmt.Sprintf("%d logins were", n)
}
