package doctor

import (
	"fmt"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// checkLeftovers checks the files of a running or interrupted refresh.
func (s *subject) checkLeftovers() []Finding {
	var findings []Finding
	if s.journal.Busy {
		findings = note("lock", Certain, "a refresh is running: its lock is held", "")
	}
	for _, sibling := range s.journal.Siblings {
		switch {
		case strings.HasPrefix(sibling.Path, s.journal.Path+".lost-"):
			findings = append(findings, warning("reply-set-aside", Certain,
				sibling.Path+" is a reply of the provider that no longer applied to the token; it may contain tokens",
				"check whether it is still needed, then delete it")...)
		case sibling.Path == s.journal.Path+".next" && !s.journal.Busy:
			findings = append(findings, note("next-version", Certain,
				sibling.Path+" was left by an interrupted refresh; the next refresh replaces it", "")...)
		}
	}
	return append(findings, s.checkReply()...)
}

// checkReply checks for a reply that is safe but not saved in the token file.
func (s *subject) checkReply() []Finding {
	const check = "reply-not-saved"
	pending := s.journal.Pending
	if !s.journal.Abandoned() || pending.Spent != s.Token.RefreshTokenHash() {
		return nil
	}
	switch {
	case s.journal.Spill != "":
		return problem(check, Certain, Unsaved,
			fmt.Sprintf("the refresh of %s returned a new token, which could not be saved in its place and is in %s",
				localTime(pending.Since), s.journal.Spill),
			"free space and make the directory writable, then {refresh}: that saves the new token")
	case pending.SpilledTo != "" && pending.Reply == nil:
		return problem(check, Certain, Unsaved,
			fmt.Sprintf("%s returned a new token, which is in %s and cannot be read here", refreshOf(pending),
				pending.SpilledTo),
			"{refresh} as the same user on the same machine: that saves the new token")
	case pending.Reply != nil:
		return warning(check, Certain,
			fmt.Sprintf("%s was interrupted after it received the reply, which is safe in %s.pending",
				refreshOf(pending), s.journal.Path),
			"{refresh}: that saves the reply")
	}
	return nil
}

const interrupted = "interrupted"

// unansweredRefresh checks for an interrupted refresh of the saved refresh token that got no reply.
func (s *subject) unansweredRefresh() []Finding {
	pending := s.journal.Pending.Refresh()
	if pending == nil || s.journal.Busy || pending.Reply != nil || pending.SpilledTo != "" ||
		pending.Spent != s.Token.RefreshTokenHash() {
		return nil
	}
	what := refreshOf(pending) + " was interrupted before the reply was saved"
	if pending.Problem != "" {
		what += " (" + pending.Problem + ")"
	}
	if s.provider.StillAnswers(s.now.Sub(pending.Since)) {
		return note(interrupted, Likely,
			what+"; nothing is lost: the provider still accepts the saved refresh token", "{refresh}")
	}
	remedy := oauth.Remedy("nothing to do while the access token is valid; " +
		"then the next refresh tries the saved token once; to try it now, {force}; if that is refused, {login again}")
	if e := s.Expiry(s.now); e.From != "" && !e.At.After(s.now) {
		remedy = "the next refresh tries the saved token once; if that is refused, {login again}"
	}
	return warning(interrupted, Likely, what+"; the provider has probably replaced the refresh token", remedy)
}

func refreshOf(p *freshet.Pending) string {
	return fmt.Sprintf("the refresh of %s by process %d on %s", localTime(p.Since), p.PID, p.Host)
}
