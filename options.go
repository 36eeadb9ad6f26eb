package freshet

import (
	"errors"
	"fmt"
	"time"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// Options says which tokens a caller accepts. The zero Options accepts any access token that is not
// stale.
type Options struct {
	redact.Hidden

	Forced bool // refresh, even if the token is fresh

	// Insist sends the refresh token even if it was refused for good, if another refresh replaced it, or
	// may have replaced it while the access token is still valid.
	Insist bool

	MinTTL   time.Duration // how long the token must remain valid
	Rejected oauth.Secret  `json:",omitempty"` // a token that an API rejected; every other is acceptable
	DryRun   bool          // do everything but send the request

	// IDToken asks for the ID token instead of the access token. It is stale by its own lifetime
	// ([Connection.IDTokenExpiry]), MinTTL and Rejected are about it, and a reply that has an ID
	// token and no access token is a success. There is an error if refreshes bring no valid ID
	// token.
	IDToken bool

	worked bool // an API accepted Rejected before, so a refresh helps although it is recent

	// What the caller saw before it waited for the lock: the time, and a hash of the token. A token
	// that was saved since then is accepted. [Refresher.Token] sets these; they are exported for
	// package internal/cli, see [Options.Settle].
	Started time.Time
	Seen    string
}

// Outcome says where the token of an [Result] comes from.
type Outcome string

// The outcomes.
const (
	Cached    Outcome = "cached"    // the saved token was acceptable; nothing was sent
	Adopted   Outcome = "adopted"   // another program refreshed it while the caller waited
	Recovered Outcome = "recovered" // the reply that an interrupted refresh left in the journal was saved
	Refreshed Outcome = "refreshed" // the refresh token was sent
	Planned   Outcome = "planned"   // nothing was sent: a dry run
	LoggedIn  Outcome = "logged_in" // a login began a new grant
)

// Result is the outcome of [Refresher.Token], [Refresher.Refresh] or [Refresher.Login].
type Result struct {
	redact.Hidden

	Connection Connection // as it is now; its token is the one to use
	Outcome    Outcome
	Rotated    bool  // the refresh token was replaced
	Warning    error // why a better token could not be had, though this one is acceptable; nil if there is none

	// Response is the body of the token endpoint's last reply in this call, as it came, also that of an
	// error. It holds secrets. nil if nothing was sent or no reply came.
	Response []byte

	// notSaved reports that the token could not be saved, but nothing was spent. Warning says why,
	// and savedHash is the [Token.RefreshTokenHash] of the token that is saved.
	notSaved  bool
	savedHash string

	reported bool // to the Keeper
	silent   bool // a Keeper reports no event: the error is a remembered one, or nothing was tried
}

// refreshPause is how soon after a refresh another is pointless: the provider would deliver an
// equal token.
const refreshPause = time.Minute

// settle decides whether the saved token satisfies the caller. If done, the result or the error is
// final; else a refresh is needed, and there is no result. The first line that applies counts:
//
//	saved token                                    caller               result
//	bound to a key (DPoP)                          any                  error
//	a newer reply is in the journal                any                  refresh
//	grant revoked                                  not Insist           error
//	saved while the caller waited, valid           did not reject it    the token, Adopted
//	refreshed within a minute, valid, not worked   rejected it          error
//	refreshed within a minute, valid               wants it to last     the token
//	fresh, lasts long enough                       did not reject it    the token
//	an ID token that refreshes do not renew        any                  the token if valid, or an error
//	a refresh is blocked (blockedBy)               any                  error
//	any other                                      any                  refresh
//
// The lines from "refreshed" to "fresh" do not apply if the refresh is Forced.
func (o Options) settle(c *Connection, now time.Time) (result *Result, done bool, err error) {
	cached := func(outcome Outcome) *Result { return &Result{Connection: *c, Outcome: outcome} }
	valid, rejected, short := !o.expired(c, now), o.rejects(c.Token), o.expiresTooSoon(c, now)
	received := o.receiptTime(c, now)
	justRefreshed := !received.IsZero() && now.Sub(received) < refreshPause

	switch {
	case c.Token.isDPoP():
		return &Result{}, true, errBound()
	case c.ReplyPending && !c.keepsReply():
		return nil, false, nil
	case c.Revoked() && !o.Insist:
		err = &RefreshError{Name: c.Name, Failure: *c.Health.LastFailure}
		return &Result{Connection: *c, silent: true}, true, err
	case o.arrivedMeanwhile(c) && valid && !rejected:
		return cached(Adopted), true, nil
	case o.Forced:
	case rejected && justRefreshed && valid && !o.worked:
		return cached(Cached), true, o.errRejectedTooSoon(c, now)
	case !rejected && (short && justRefreshed && valid || !short && !o.stale(c, now)):
		return cached(Cached), true, nil
	case o.cannotRenewIDToken(c, now):
		if valid && !rejected {
			return cached(Cached), true, nil
		}
		return &Result{Connection: *c, silent: true}, true, o.errNoIDToken(c)
	}
	if err := o.blockedBy(c, now); err != nil {
		return &Result{Connection: *c, silent: true}, true, err
	}
	return nil, false, nil
}

func (o Options) rejects(t Token) bool {
	return o.Rejected != "" && string(o.Rejected) == o.token(t)
}

// arrivedMeanwhile reports whether the token was saved after the caller began to wait. The access
// token may be the same: Salesforce delivers it again.
func (o Options) arrivedMeanwhile(c *Connection) bool {
	isNew := o.tokenHash(c.Token) != o.Seen || c.Health.delivered(c.Token) && o.hasWaitedSince(c.Health.LastSuccess)
	return !o.Started.IsZero() && isNew
}

// failedMeanwhile reports whether the last failure happened after the caller began to wait: it is the
// result of the refresh that the caller waited for.
func (o Options) failedMeanwhile(h *Health) bool {
	return h.LastFailure != nil && o.hasWaitedSince(h.LastFailure.Time)
}

// hasWaitedSince reports whether the caller waited already at the time, which a wrong clock may have
// put into the future.
func (o Options) hasWaitedSince(t time.Time) bool {
	return !o.Started.IsZero() && t.After(o.Started) && !t.After(time.Now().Add(maxClockSkew))
}

// fallback returns the saved token with err as a warning, if it is still acceptable.
func (o Options) fallback(result *Result, now time.Time, err error) (*Result, error) {
	if !o.acceptable(&result.Connection, now) {
		return result, err
	}
	return &Result{Connection: result.Connection, Outcome: Cached, Warning: err, reported: result.reported}, nil
}

// acceptable reports whether the saved token satisfies the caller, even if stale.
func (o Options) acceptable(c *Connection, now time.Time) bool {
	return !o.Forced && o.isUsable(c, now)
}

// isUsable is acceptable for a caller that asked for a refresh, too.
func (o Options) isUsable(c *Connection, now time.Time) bool {
	return !o.rejects(c.Token) && !o.expired(c, now) && !o.expiresTooSoon(c, now) && !c.Token.isDPoP() && !c.Revoked()
}

// expiresTooSoon reports whether the token expires before MinTTL has passed.
func (o Options) expiresTooSoon(c *Connection, now time.Time) bool {
	if o.MinTTL <= 0 {
		return false
	}
	e := o.expiry(c, now)
	return e.From != "" && e.At.Sub(now) < o.MinTTL
}

// blockedBy returns why no refresh may be tried now, or nil.
func (o Options) blockedBy(c *Connection, now time.Time) error {
	h := c.CurrentHealth()
	switch {
	case h.LoginRequired && (!o.Insist || o.failedMeanwhile(&h)) && h.LastFailure != nil &&
		!(o.Forced && c.secretIsUnread()):
		f := *h.LastFailure
		if c.secretIsUnread() && !h.Revoked {
			f.Remedy += "; if the client secret was changed in its place, {refresh}"
		}
		return &RefreshError{Name: c.Name, Failure: f}
	case c.keepsReply() && c.spends() && !c.ReplyPending && !o.Insist && h.LastFailure != nil: // the reply is lost, but spent the token
		return &RefreshError{Name: c.Name, Failure: *h.LastFailure}
	case !o.Forced && !o.rejects(c.Token) && c.isTooEarly(now):
		return c.errTooEarly(now)
	case h.mustWait(now) && (!o.Forced && !o.outlivesIDToken(c, now) || o.failedMeanwhile(&h)):
		return &RefreshError{Name: c.Name, Failure: *h.LastFailure, NextAttempt: h.NextAttempt}
	case !o.Insist && o.waitsForExpiry(c, c.interrupted(), now):
		return o.errInterrupted(c, now)
	}
	return nil
}

// waitsForExpiry reports whether no other refresh is made before the access token has expired, since the
// one that was interrupted may have replaced the refresh token. After that, trying can lose nothing.
func (o Options) waitsForExpiry(c *Connection, interrupted *Pending, now time.Time) bool {
	return interrupted != nil && c.spends() && o.isUsable(c, now) &&
		!c.ProviderInfo().StillAnswers(now.Sub(interrupted.Since))
}

// maxWait exceeds every pause that a provider asks for. A later next attempt was computed by a
// wrong clock.
const maxWait = 25 * time.Hour

func (h *Health) mustWait(now time.Time) bool {
	return h.LastFailure != nil && h.NextAttempt.After(now) && h.NextAttempt.Before(now.Add(maxWait))
}

// Sentinels that mark an error as new rather than remembered from Health: its Err is not nil.
var (
	errInterrupted = errors.New("interrupted")
	errRejected    = errors.New("rejected")
	errEarly       = errors.New("too early")
)

func (o Options) errInterrupted(c *Connection, now time.Time) error {
	p := c.interrupted()
	return &RefreshError{Name: c.Name, NextAttempt: o.expiry(c, now).At, Err: errInterrupted, Failure: Failure{
		Time: p.Since, Kind: oauth.Unknown, Cause: p.interruption(), Remedy: o.interruptedRemedy(c, p, now),
	}}
}

// interruptedRemedy says what follows the interrupted refresh of c.
func (o Options) interruptedRemedy(c *Connection, interrupted *Pending, now time.Time) oauth.Remedy {
	if !o.waitsForExpiry(c, interrupted, now) {
		return "run it again: one more attempt with the saved refresh token is made, which the provider may refuse"
	}
	until := "while it is valid"
	switch e := o.expiry(c, now); e.From {
	case "":
	case FromAssumption:
		until = "until about " + e.At.Local().Format(time.DateTime) + " (assumed)"
	default:
		until = "until " + e.At.Local().Format(time.DateTime)
	}
	return oauth.Remedyf("the saved %s is used %s; then one more attempt with the saved refresh token is made, "+
		"which the provider may refuse; to make it now, {force}", o.tokenName(), until)
}

func (c *Connection) errTooEarly(now time.Time) error {
	at := c.notBefore(now)
	return &RefreshError{Name: c.Name, NextAttempt: at, Err: errEarly, Failure: Failure{
		Time: now, Kind: oauth.Temporary,
		Cause:  "the provider refuses a refresh before " + at.Local().Format(time.DateTime),
		Remedy: "wait; to try it now, {refresh}",
	}}
}

func (o Options) errRejectedTooSoon(c *Connection, now time.Time) error {
	received := o.receiptTime(c, now)
	return &RefreshError{Name: c.Name, NextAttempt: received.Add(refreshPause), Err: errRejected, Failure: Failure{
		Time: now,
		Kind: oauth.Temporary,
		Cause: fmt.Sprintf("the API refused an %s that a %s delivered %s ago; another refresh would not help",
			o.tokenName(), c.History.lastSource(), text.FormatDuration(now.Sub(received).Round(time.Second))),
		Remedy: "check that the API is asked at the right host and that the user and the app may use it",
	}}
}
