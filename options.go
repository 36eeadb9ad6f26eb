package freshet

import (
	"errors"
	"fmt"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Demand says what access token a caller will do with. The zero Demand is content with any that is not stale.
type Demand struct {
	Forced   bool          // refresh, however fresh the token is
	Insist   bool          // send the refresh token even if it was refused for good, or another refresh replaced it
	MinTTL   time.Duration // how long the access token must last from now
	Rejected oauth.Secret  // an access token that the API refused: any other will do
	DryRun   bool          // do everything but the request

	// What the caller saw before it waited for the lock: the time, and a hash of the access token. A token that arrived in
	// the meantime is taken as it is. [Refresher.Ask] fills these in.
	Started time.Time
	Seen    string
}

// Outcome says where an [Answer] comes from.
type Outcome string

// The outcomes.
const (
	Cached    Outcome = "cached"    // it was saved, and is good enough
	Adopted   Outcome = "adopted"   // somebody else refreshed it while we waited
	Recovered Outcome = "recovered" // a refresh that was interrupted had left its reply, which is now in its place
	Refreshed Outcome = "refreshed" // we sent the refresh token
	Planned   Outcome = "planned"   // nothing was sent: a dry run
	LoggedIn  Outcome = "logged_in" // a login began a new grant
)

// Answer is what a demand led to.
type Answer struct {
	Connection Connection // as it is now; its token is the one to use
	Outcome    Outcome
	Rotated    bool  // the refresh token was replaced
	Warning    error // why the token is not as good as it should be, though good enough; nil if it is
}

// refreshPause is how soon after a refresh another is pointless: the provider would deliver the same.
const refreshPause = time.Minute

// Settle returns the answer to d if what is saved will do, without a refresh; done is false if it will not. It is for
// those who hold the store's lock themselves and had to look again.
func (d Demand) Settle(c Connection) (answer Answer, done bool, err error) {
	if c.Pending != nil || d.DryRun {
		return Answer{}, false, nil
	}
	return d.settle(c, time.Now())
}

// settle decides whether what is saved will do. When it returns done, the answer or the error is final; otherwise a
// refresh is called for.
func (d Demand) settle(c Connection, now time.Time) (answer Answer, done bool, err error) {
	answer = Answer{Connection: c, Outcome: Cached}
	rejected := d.rejects(c.Token)
	short := d.short(c, now)
	age := now.Sub(c.Health.LastSuccess)
	recent := c.Health.delivered(c.Token) && age > -maxClockSkew && age < refreshPause

	switch {
	case c.Token.isDPoP():
		return Answer{}, true, errBound()
	case c.Unsettled:
		return answer, false, nil
	case c.Revoked() && !d.Insist:
		return Answer{Connection: c}, true, &RefreshError{Name: c.Name, Failure: *c.Health.LastFailure}
	case d.arrivedMeanwhile(c) && !rejected && !c.expired(now):
		answer.Outcome = Adopted
		return answer, true, nil
	case rejected && recent && !d.Forced && !c.expired(now):
		return answer, true, d.refusedAfresh(c, now)
	case short && recent && !rejected && !d.Forced && !c.expired(now):
		return answer, true, nil
	case !d.Forced && !rejected && !short && !c.stale(now):
		return answer, true, nil
	}
	if err := d.obstacle(c, now); err != nil {
		return Answer{Connection: c}, true, err
	}
	return answer, false, nil
}

func (d Demand) rejects(t Token) bool {
	return d.Rejected != "" && string(d.Rejected) == t.AccessToken()
}

// arrivedMeanwhile compares more than the access token: a refresh may deliver the same one again (Salesforce does).
func (d Demand) arrivedMeanwhile(c Connection) bool {
	return !d.Started.IsZero() &&
		(c.Token.accessTokenHash() != d.Seen || c.Health.delivered(c.Token) && c.Health.LastSuccess.After(d.Started))
}

// despite makes the best of an error: where the access token is good enough all the same, it is handed out with a warning.
func (d Demand) despite(c Connection, now time.Time, err error) (Answer, error) {
	if !d.content(c, now) {
		return Answer{Connection: c}, err
	}
	return Answer{Connection: c, Outcome: Cached, Warning: err}, nil
}

// content reports whether the caller can do with the access token, stale as it may be.
func (d Demand) content(c Connection, now time.Time) bool {
	return !d.Forced && !d.rejects(c.Token) && !c.expired(now) && !d.short(c, now) && !c.Token.isDPoP() && !c.Revoked()
}

// short reports whether the access token lasts less than the caller asked for.
func (d Demand) short(c Connection, now time.Time) bool {
	if d.MinTTL <= 0 {
		return false
	}
	e := c.Expiry(now)
	return e.From != "" && e.At.Sub(now) < d.MinTTL
}

// obstacle returns why no refresh may be tried now, or nil.
func (d Demand) obstacle(c Connection, now time.Time) error {
	h, interrupted := c.CurrentHealth(), c.interrupted()
	switch {
	case h.LoginRequired && !d.Insist && h.LastFailure != nil && !(d.Forced && c.secretIsUnread()):
		f := *h.LastFailure
		if c.secretIsUnread() && !h.Revoked {
			f.Remedy += "; if the client secret was changed in its place, call Keeper.Refresh"
		}
		return &RefreshError{Name: c.Name, Failure: f}
	case h.mustWait(now) && !d.Forced:
		return &RefreshError{Name: c.Name, Failure: *h.LastFailure, NextAttempt: h.NextAttempt}
	case interrupted != nil && d.content(c, now) && !c.Vendor().StillAnswers(now.Sub(interrupted.Since)):
		// Only while the access token lasts: after that there is nothing to lose by trying.
		return c.errInterrupted(interrupted)
	}
	return nil
}

// maxWait is longer than any provider asks for: a next attempt beyond it comes from a clock that was wrong.
const maxWait = 25 * time.Hour

func (h Health) mustWait(now time.Time) bool {
	return h.LastFailure != nil && h.NextAttempt.After(now) && h.NextAttempt.Before(now.Add(maxWait))
}

// What makes these errors one of now, rather than one that is remembered.
var (
	errInterrupted = errors.New("interrupted")
	errRejected    = errors.New("rejected")
)

func (c Connection) errInterrupted(p *Pending) error {
	return &RefreshError{Name: c.Name, Err: errInterrupted, Failure: Failure{
		Time:  p.Since,
		Kind:  oauth.Unknown,
		Cause: p.interruption(),
		Remedy: "the saved access token is used while it is valid; then one attempt with the saved refresh token is made. " +
			"To make it now, call Keeper.Refresh",
	}}
}

func (d Demand) refusedAfresh(c Connection, now time.Time) error {
	age := now.Sub(c.Health.LastSuccess).Round(time.Second)
	return &RefreshError{Name: c.Name, Err: errRejected, Failure: Failure{
		Time:  now,
		Kind:  oauth.Temporary,
		Cause: fmt.Sprintf("the API refused an access token that a refresh delivered %s ago; another refresh would not help", age),
		Remedy: "check that the API is asked at the right host and that the user and the app may use it; " +
			"a minute after the last refresh the next one is allowed",
	}}
}

// errShort warns of a token that a refresh delivered, or just had, and that is shorter than asked for all the same.
func (d Demand) errShort(c Connection) error {
	return &Problem{
		Name:   c.Name,
		Kind:   oauth.Temporary,
		What:   fmt.Sprintf("the token was just refreshed and lasts less than the %s asked for", d.MinTTL),
		Remedy: "ask for less in Demand.MinTTL: the provider does not issue longer tokens",
	}
}
