package doctor

import (
	"cmp"
	"fmt"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// explain says what the last failure was about, and what was left behind by a refresh that nobody knows the end of.
func (p *patient) explain(logins []time.Time) []Finding {
	var findings []Finding
	unanswered, pending := p.interrupted()
	if pending {
		findings = append(findings, unanswered)
	}
	if f, found := p.rotatedElsewhere(); found {
		findings = append(findings, f)
	}
	failure := p.CurrentHealth().LastFailure
	switch {
	case failure == nil && p.Health.LastFailure != nil:
		return append(findings, ofAnotherRequest(*p.Health.LastFailure))
	case failure == nil:
		if f, found := p.wrongHost(); found {
			findings = append(findings, warning(tokenHost, f.Certainty, f.What, f.Remedy))
		}
		return append(findings, p.overcome()...)
	case failure.Kind == oauth.LoginRequired:
		return append(findings, p.dead(*failure, logins))
	case failure.Kind == oauth.Unknown && pending:
		return findings // it is the same
	default:
		return append(findings, p.standing(*failure))
	}
}

const interrupted = "interrupted"

// interrupted is about a refresh of this very token whose answer never came.
func (p *patient) interrupted() (Finding, bool) {
	pending := p.seen.Pending.Refresh()
	if pending == nil || p.seen.Busy || pending.Reply != nil || pending.Elsewhere != "" || pending.Spent != p.Token.RefreshTokenHash() {
		return Finding{}, false
	}
	what := fmt.Sprintf("the refresh of %s by process %d on %s was interrupted before the answer was saved", moment(pending.Since), pending.PID, pending.Host)
	if pending.Problem != "" {
		what += " (" + pending.Problem + ")"
	}
	if p.stillAnswers(pending.Since) {
		return note(interrupted, Likely, what+"; nothing is lost: the provider still takes the saved refresh token", "refresh it"), true
	}
	return warning(interrupted, Likely, what+"; the provider had probably replaced the refresh token",
		"nothing to do while the access token is valid; the next refresh makes one attempt with the saved refresh token, and if that is refused, log in again"), true
}

// rotatedElsewhere compares the refresh token with the one that the last login or refresh of ours left.
func (p *patient) rotatedElsewhere() (Finding, bool) {
	entries := p.History.Entries
	if len(entries) == 0 || entries[len(entries)-1].Fingerprint == "" || p.Token.RefreshToken() == "" || p.isOurs() {
		return Finding{}, false
	}
	last := entries[len(entries)-1]
	when := ""
	if p.Saved.After(last.Time) {
		when = " at " + moment(p.Saved)
	}
	what := fmt.Sprintf("the refresh token was replaced%s by another program, which does not take freshet's lock: it is not the one that was there at %s",
		when, moment(last.Time))
	if last.Outcome == freshet.Failed {
		what += fmt.Sprintf(", when a refresh failed (%s)", cmp.Or(last.Code, string(last.Kind)))
	}
	return warning("rotated-elsewhere", Likely, what, "let only one program refresh this token, or let the others ask freshet for it; to see whether it still works, refresh it"), true
}

// isOurs reports whether a login or refresh of ours left the refresh token: one under this name, or of the same token file under
// another.
func (p *patient) isOurs() bool {
	for _, h := range append(p.sharers, p.History, p.ground.History) {
		if n := len(h.Entries); n > 0 && h.Entries[n-1].Fingerprint == h.Fingerprint(p.Token) {
			return true
		}
	}
	return false
}

// dead explains a refresh token that the provider will not take again.
func (p *patient) dead(f freshet.Failure, logins []time.Time) Finding {
	said := fmt.Sprintf("the refresh of %s was refused", moment(f.Time))
	if f.Code != "" {
		said += " (" + f.Code + ")"
	}
	if f.Code == freshet.CodeRevoked {
		return problem("revoked", Certain, oauth.LoginRequired, fmt.Sprintf("%s, at %s", f.Cause, moment(f.Time)), f.Remedy)
	}
	if f.Code == freshet.CodeCopied {
		return problem(copiedToken, Certain, oauth.LoginRequired, "nothing was sent at "+moment(f.Time)+": "+f.Cause, f.Remedy)
	}
	for _, cause := range []func(freshet.Failure, []time.Time) (Finding, bool){
		p.afterCopy, p.afterInterruption, p.afterWrongHost, p.afterIdling, p.afterItsEnd, p.afterNewerLogins,
	} {
		if found, is := cause(f, logins); is {
			found.Severity, found.Kind, found.What = Problem, oauth.LoginRequired, said+": "+found.What
			found.Remedy = cmp.Or(found.Remedy, f.Remedy)
			return found
		}
	}
	return problem("last-failure", Certain, oauth.LoginRequired, said+": "+f.Cause+p.evidence(f, logins), f.Remedy)
}

// evidence is what is known from here of a token that was refused for one of several reasons.
func (p *patient) evidence(f freshet.Failure, logins []time.Time) string {
	said := ""
	var used time.Time
	for _, e := range p.History.Entries {
		if e.Outcome != freshet.Failed && e.Time.Before(f.Time) {
			used = e.Time
		}
	}
	if !used.IsZero() {
		said += fmt.Sprintf("; it had worked %s before, at %s", span(f.Time.Sub(used)), moment(used))
	}
	if n := len(logins); n > 0 && p.facts.limit > 0 {
		said += fmt.Sprintf("; %s with this account and client, of %d that %s keeps alive", logged(n), p.facts.limit, p.facts.title)
	}
	return said
}

// failedEntry is what the history remembers of f.
func (p *patient) failedEntry(f freshet.Failure) (entry freshet.HistoryEntry) {
	for _, e := range p.History.Entries {
		if e.Outcome == freshet.Failed && e.Time.Sub(f.Time).Abs() < time.Second {
			entry = e
		}
	}
	return entry
}

func (p *patient) afterInterruption(f freshet.Failure, _ []time.Time) (Finding, bool) {
	begun := p.failedEntry(f).Interrupted
	return Finding{Check: interrupted, Certainty: Likely, What: fmt.Sprintf(
		"one begun at %s had been interrupted before its answer was saved, and the provider had probably replaced the refresh token then", moment(begun),
	), Remedy: "log in again"}, !begun.IsZero()
}

func (p *patient) afterIdling(f freshet.Failure, _ []time.Time) (Finding, bool) {
	at, from := p.aliveUntil()
	used := at.Add(-p.facts.idle)
	return Finding{Check: idleLimit, Certainty: p.facts.idleSure, What: fmt.Sprintf(
		"not used for %s, since %s: the app's idle limit is %s (%s)", span(f.Time.Sub(used)), moment(used), span(p.facts.idle), p.facts.idleFrom,
	), Remedy: "log in again; then have it refreshed more often, such as by freshet refresh --all --if-stale once a day"}, from == freshet.FromIdleLimit && at.Before(f.Time)
}

func (p *patient) afterItsEnd(f freshet.Failure, _ []time.Time) (Finding, bool) {
	at, from := p.aliveUntil()
	source, sure := "as "+from+" said", Certain
	if end, how := absoluteEnd(p.History, p.facts.absolute, p.facts.absoluteSure); !end.IsZero() && end.Before(f.Time) {
		at, sure, source = end, how, "so long after the login, as is usual at "+p.facts.title
	} else if from == "" || from == freshet.FromIdleLimit {
		return Finding{}, false
	}
	return Finding{Check: absoluteLimit, Certainty: sure, What: fmt.Sprintf("the refresh token had died at %s, %s", moment(at), source), Remedy: "log in again"}, at.Before(f.Time)
}

// aliveUntil is when the refresh token would have died if nobody had refused it before.
func (p *patient) aliveUntil() (at time.Time, from string) {
	c := p.Connection
	c.Health.LoginRequired = false
	return c.RefreshExpiry(p.now)
}

// afterNewerLogins looks whether later logins of the same account with the same client pushed this one out.
func (p *patient) afterNewerLogins(f freshet.Failure, logins []time.Time) (Finding, bool) {
	own, sure := time.Time{}, Possible
	if n := len(p.History.Logins); n > 0 {
		own, sure = p.History.Logins[n-1], p.facts.limitSure
	}
	newer := 0
	for _, login := range logins {
		if login.After(own) && login.Before(f.Time) {
			newer++
		}
	}
	return Finding{Check: "pushed-out", Certainty: sure, What: fmt.Sprintf(
		"since its login, %d others of the same account with this client were made from here, and %s keeps %d alive", newer, p.facts.title, p.facts.limit,
	), Remedy: "log in once, and let every program get its token from that connection"}, p.facts.limit > 0 && newer >= p.facts.limit
}

// ofAnotherRequest is about a failure that the next refresh need not have.
func ofAnotherRequest(f freshet.Failure) Finding {
	return note("last-failure", Certain, fmt.Sprintf(
		"the refresh of %s failed (%s), but with another client, client secret, endpoint or parameter: this says nothing about the next refresh",
		moment(f.Time), cmp.Or(f.Code, string(f.Kind))), "refresh it")
}

// standing is about a failure that another attempt, or somebody who mends the registration, may end.
func (p *patient) standing(f freshet.Failure) Finding {
	const check = "last-failure"
	what := fmt.Sprintf("the refresh of %s failed: %s", moment(f.Time), f.Cause)
	if f.Kind == oauth.Misconfigured {
		sure := Certain
		if f.Code == "invalid_client" && p.CheckSignature() == freshet.SignatureInvalid {
			what, sure = what+"; the token's signature does not fit the client secret either, so that it is the secret that is wrong", Likely
		}
		return problem(check, sure, f.Kind, what, f.Remedy)
	}
	switch {
	case f.Code == "" && p.online:
		what += "; now its server can be reached"
	case f.Code == "" && !p.askedNetwork:
		what += "; whether its server can be reached now was not looked at"
	case f.Code == "":
		what += "; its server cannot be reached now either"
	}
	return warning(check, Certain, what, f.Remedy)
}

// overcome is about the last failure if a later refresh or login worked.
func (p *patient) overcome() []Finding {
	entries := p.History.Entries
	for i := len(entries) - 1; i > 0; i-- {
		if failed, next := entries[i-1], entries[i]; failed.Outcome == freshet.Failed && next.Outcome != freshet.Failed {
			reason := cmp.Or(failed.Code, string(failed.Kind))
			how := "it was refreshed"
			if next.Outcome == freshet.LoggedIn {
				how = "somebody logged in"
			}
			return []Finding{ok("last-failure", "the last refresh that failed, at %s (%s), is overcome: %s at %s", moment(failed.Time), reason, how, moment(next.Time))}
		}
	}
	return nil
}
