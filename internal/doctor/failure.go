package doctor

import (
	"cmp"
	"fmt"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

const lastFailure = "last-failure"

// explainFailure explains the last failure, and refreshes with an unknown outcome.
func (s *subject) explainFailure(logins []time.Time) []Finding {
	unanswered := s.unansweredRefresh()
	findings := append(unanswered, s.checkOtherPrograms()...)
	failure := s.CurrentHealth().LastFailure
	switch {
	case failure == nil && s.Health.LastFailure != nil:
		return append(findings, explainOtherRequest(*s.Health.LastFailure)...)
	case failure == nil:
		if c := s.wrongHost("is sent", text.Host(s.endpoint)); c != nil {
			findings = append(findings, warning(c.check, c.certainty, c.what, c.remedy)...)
		}
		return append(findings, s.checkOvercome()...)
	case failure.Kind == oauth.LoginRequired:
		return append(findings, s.explainRefusal(*failure, logins)...)
	case failure.Kind == oauth.Unknown && len(unanswered) > 0:
		return findings // the same refresh
	default:
		return append(findings, s.explainOtherFailure(*failure)...)
	}
}

// checkOtherPrograms compares the refresh token with the one that freshet's last login or refresh saved.
func (s *subject) checkOtherPrograms() []Finding {
	entries := s.History.Entries
	if !sendsRefreshToken(s.Connection) || len(entries) == 0 || entries[len(entries)-1].Fingerprint == "" ||
		s.Token.RefreshToken() == "" || s.savedByFreshet() {
		return nil
	}
	last := entries[len(entries)-1]
	when := ""
	if s.Saved.After(last.Time) {
		when = " at " + localTime(s.Saved)
	}
	what := fmt.Sprintf("another program replaced the refresh token%s without freshet's lock: it is not the one of %s",
		when, localTime(last.Time))
	if last.Outcome == freshet.Failed {
		what += fmt.Sprintf(", when a refresh failed (%s)", cmp.Or(last.Code, string(last.Kind)))
	}
	return warning("rotated-elsewhere", Likely, what,
		"let only one program refresh this token, or let the others get it from freshet; to test it, {refresh}")
}

// savedByFreshet reports whether a login or refresh saved the refresh token: of this connection, or
// of another name of the same token file.
func (s *subject) savedByFreshet() bool {
	for _, h := range append(s.sharers, s.History, s.ground.History) {
		if n := len(h.Entries); n > 0 && h.Entries[n-1].Fingerprint == h.Fingerprint(s.Token) {
			return true
		}
	}
	return false
}

// cause is why a refresh token was refused.
type cause struct {
	check     string
	certainty Certainty
	what      string
	remedy    oauth.Remedy
}

// explainRefusal explains a refresh token that was refused.
func (s *subject) explainRefusal(f freshet.Failure, logins []time.Time) []Finding {
	switch f.Code {
	case freshet.CodeRevoked:
		return problem("revoked", Certain, oauth.LoginRequired, f.Cause+", at "+localTime(f.Time), f.Remedy)
	case freshet.CodeCopied:
		return problem(copiedToken, Certain, oauth.LoginRequired, "nothing was sent at "+localTime(f.Time)+": "+f.Cause,
			f.Remedy)
	}
	refused := "the refresh of " + localTime(f.Time) + " was refused"
	if f.Code != "" {
		refused += " (" + f.Code + ")"
	}
	c := cmp.Or(s.causeRevoked(), s.causeCopy(), s.causeInterruption(f), s.causeWrongHost(f), s.causeIdle(f), s.causeExpiry(f),
		s.causeLogins(f, logins))
	if c == nil {
		return problem(lastFailure, Certain, oauth.LoginRequired, refused+": "+f.Cause+s.evidence(f, logins), f.Remedy)
	}
	return problem(c.check, c.certainty, oauth.LoginRequired, refused+": "+c.what, c.remedy)
}

// causeRevoked looks whether the grant was revoked from here before its refresh token was sent.
func (s *subject) causeRevoked() *cause {
	for _, e := range s.History.Entries {
		if e.Code == freshet.CodeRevoked && e.Fingerprint == s.History.Fingerprint(s.Token) {
			return &cause{"revoked", Certain, "the grant had been revoked from here at " + localTime(e.Time), "{login again}"}
		}
	}
	return nil
}

// causeCopy looks for another connection with the refresh token, or with an earlier one.
func (s *subject) causeCopy() *cause {
	c := &cause{copiedToken, Likely, "", "{login again}; then let every program get its token from one connection"}
	switch {
	case s.copies.Replaced != (freshet.Copy{}):
		c.what = s.replacedBy(s.copies.Replaced)
	case len(s.copies.Earlier) > 0:
		c.what = hasEarlier(s.copies.Earlier[0]) + "; a provider that receives that one again ends the login"
	default:
		return nil
	}
	return c
}

// causeInterruption looks for an interrupted refresh before the one that failed.
func (s *subject) causeInterruption(f freshet.Failure) *cause {
	began := s.failedEntry(f).Interrupted
	if began.IsZero() {
		return nil
	}
	return &cause{interrupted, Likely, fmt.Sprintf(
		"a refresh at %s was interrupted before its reply was saved; the provider had probably replaced the token",
		localTime(began)), "{login again}"}
}

// failedEntry returns the history's entry for f, a zero one if there is none.
func (s *subject) failedEntry(f freshet.Failure) (entry freshet.HistoryEntry) {
	for _, e := range s.History.Entries {
		if e.Outcome == freshet.Failed && e.Time.Sub(f.Time).Abs() < time.Second {
			entry = e
		}
	}
	return entry
}

func (s *subject) causeWrongHost(f freshet.Failure) *cause {
	return s.wrongHost("was sent", cmp.Or(s.failedEntry(f).Host, text.Host(s.endpoint)))
}

// wrongHost looks whether host cannot refresh the token, because another host issued it.
func (s *subject) wrongHost(verb, host string) *cause {
	issuer, refreshAt := s.otherIssuer(host)
	if issuer == "" {
		return nil
	}
	return &cause{
		"token-host", Likely, fmt.Sprintf("this token is from %s, but %s to %s", issuer, verb, host),
		oauth.Remedyf("refresh it at %s: {set token_url} with that host; if that is refused, too, {login again}",
			refreshAt),
	}
}

// otherIssuer returns the host that issued the token, if a refresh at host cannot work, and where it
// can. Otherwise it returns "".
func (s *subject) otherIssuer(host string) (issuer, refreshAt string) {
	if s.provider.Identity == nil || s.provider.Identity.Member == "" || host == "" {
		return "", ""
	}
	if wrong, ok := endpoints.CheckHost(s.provider, s.Token.Member, host); ok {
		return wrong.Org, wrong.Homes()
	}
	issued, instance := text.Host(s.Token.Member(s.provider.Identity.Member)), text.Host(s.Token.Member("instance_url"))
	if issued == "" || host == issued || host == instance || endpoints.Owns(s.provider, issued) {
		return "", ""
	}
	return issued, issued // a test server
}

// causeIdle looks whether the idle limit had been reached.
func (s *subject) causeIdle(f freshet.Failure) *cause {
	at, from := s.expiryBeforeRefusal()
	if from != freshet.FromIdleLimit || !at.Before(f.Time) {
		return nil
	}
	limit, source, certainty := s.idleLimit()
	used := at.Add(-limit)
	return &cause{
		idleLimit, certainty,
		fmt.Sprintf("not used for %s, since %s: the app's idle limit is %s (%s)",
			text.RoundDuration(f.Time.Sub(used)), localTime(used), text.RoundDuration(limit), source),
		"{login again}; then refresh more often, for example once a day with freshet refresh --all --if-stale",
	}
}

// causeExpiry looks whether the refresh token had expired.
func (s *subject) causeExpiry(f freshet.Failure) *cause {
	at, certainty := absoluteEnd(s.History, time.Duration(s.provider.RefreshToken.Absolute), s.certainty("absolute"))
	source := "a usual time after the login at " + s.provider.Title
	if at.IsZero() || !at.Before(f.Time) {
		var from freshet.ExpirySource
		at, from = s.expiryBeforeRefusal()
		if from == "" || from == freshet.FromIdleLimit || !at.Before(f.Time) {
			return nil
		}
		source, certainty = "as "+string(from)+" said", Certain
	}
	return &cause{
		absoluteLimit, certainty,
		fmt.Sprintf("the refresh token had expired at %s, %s", localTime(at), source), "{login again}",
	}
}

// expiryBeforeRefusal returns what RefreshExpiry would return without the refusal.
func (s *subject) expiryBeforeRefusal() (at time.Time, source freshet.ExpirySource) {
	c := s.Connection
	c.Health.LoginRequired = false
	return c.RefreshExpiry(s.now)
}

// causeLogins looks whether later logins of the same account and client ended this grant.
func (s *subject) causeLogins(f freshet.Failure, logins []time.Time) *cause {
	own, certainty := time.Time{}, Possible
	if n := len(s.History.Logins); n > 0 {
		own, certainty = s.History.Logins[n-1], s.certainty("limit")
	}
	later := 0
	for _, login := range logins {
		if login.After(own) && login.Before(f.Time) {
			later++
		}
	}
	limit := s.provider.RefreshToken.Limit
	if limit == 0 || later < limit {
		return nil
	}
	return &cause{
		"pushed-out", certainty, fmt.Sprintf(
			"%d later logins of this account and client are known here, and %s keeps %d valid",
			later, s.provider.Title, limit),
		"log in once, and let every program get its token from that connection",
	}
}

// evidence returns clauses about a refusal that can have several causes.
func (s *subject) evidence(f freshet.Failure, logins []time.Time) string {
	clauses := ""
	var worked time.Time
	for _, e := range s.History.Entries {
		if e.Outcome != freshet.Failed && e.Time.Before(f.Time) {
			worked = e.Time
		}
	}
	if !worked.IsZero() {
		clauses = fmt.Sprintf("; it last worked %s before, at %s", text.RoundDuration(f.Time.Sub(worked)),
			localTime(worked))
	}
	if n := len(logins); n > 0 && s.provider.RefreshToken.Limit > 0 {
		clauses += fmt.Sprintf("; %s with this account and client; %s keeps %d valid", countLogins(n), s.provider.Title,
			s.provider.RefreshToken.Limit)
	}
	return clauses
}

// explainOtherRequest is about a failure that need not happen again, because the request changed.
func explainOtherRequest(f freshet.Failure) []Finding {
	return note(lastFailure, Certain, fmt.Sprintf(
		"the refresh of %s failed (%s), but with another client, secret, endpoint or parameter: the next may work",
		localTime(f.Time), cmp.Or(f.Code, string(f.Kind))), "{refresh}")
}

// explainOtherFailure explains a failure that another attempt or other settings may overcome.
func (s *subject) explainOtherFailure(f freshet.Failure) []Finding {
	what := fmt.Sprintf("the refresh of %s failed: %s", localTime(f.Time), f.Cause)
	if f.Kind == oauth.Misconfigured {
		return problem(lastFailure, Certain, f.Kind, what, f.Remedy)
	}
	switch {
	case f.Code != "":
	case s.reachable:
		what += "; now the server can be reached"
	case !s.askedNetwork:
		what += "; whether the server can be reached now was not checked"
	default:
		what += "; the server still cannot be reached"
	}
	return warning(lastFailure, Certain, what, f.Remedy)
}

// checkOvercome mentions the last failure if a later refresh or login worked.
func (s *subject) checkOvercome() []Finding {
	entries := s.History.Entries
	for i := len(entries) - 1; i > 0; i-- {
		failed, next := entries[i-1], entries[i]
		if failed.Outcome != freshet.Failed || next.Outcome == freshet.Failed {
			continue
		}
		how := "a refresh worked"
		if next.Outcome == freshet.LoggedIn {
			how = "a login worked"
		}
		return ok(lastFailure, "the last failed refresh, at %s (%s), is overcome: %s at %s",
			localTime(failed.Time), cmp.Or(failed.Code, string(failed.Kind)), how, localTime(next.Time))
	}
	return nil
}
