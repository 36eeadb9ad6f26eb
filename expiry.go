package freshet

import (
	"cmp"
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
)

// Expiry says when an access token expires, and how that is known.
type Expiry struct {
	Issued time.Time // when the token was issued, as far as can be told
	At     time.Time // zero when nothing is known
	// From names what At is taken from: a member of the document ("expires_at", "expiry", "expires_on", "expires_in"),
	// "jwt" for the exp claim of the access token (RFC 9068 §2.2), or "assumed". It is "" when nothing is known.
	From string
}

// Assumed reports whether nobody said when the token expires.
func (e Expiry) Assumed() bool { return e.From == "assumed" }

// maxClockSkew is how far in the future a time of issue may lie before it is taken for an error.
const maxClockSkew = 5 * time.Minute

// Expiry works out when the access token expires. A moment that the document or the token itself names counts first, the
// earlier of the two; then expires_in (RFC 6749 §5.1) from the time of issue; then the policy's or the provider's
// assumption from there.
func (c Connection) Expiry(now time.Time) Expiry {
	if c.Token.AccessToken() == "" {
		return Expiry{}
	}
	e := Expiry{Issued: c.issueTime(now)}
	// A moment before the time of issue was left behind by a program that refreshed without changing it, or comes from
	// another clock; believed, it would make every look at the token a refresh.
	earliest := c.statedIssueTime(now)
	for _, name := range expiryMembers {
		if at, ok := c.Token.moment(name); ok && at.After(earliest) {
			e.take(at, name)
		}
	}
	if at, ok := c.Token.jwtExpiry(); ok && at.After(earliest) {
		e.take(at, "jwt")
	}
	if e.From != "" {
		return e
	}
	if lifetime, ok := c.Token.seconds("expires_in"); ok {
		e.take(e.Issued.Add(lifetime), "expires_in")
	} else if lifetime := c.assumedLifetime(); lifetime > 0 && !e.Issued.IsZero() {
		e.take(e.Issued.Add(lifetime), "assumed")
	}
	return e
}

func (e *Expiry) take(at time.Time, from string) {
	if e.From == "" || at.Before(e.At) {
		e.At, e.From = at, from
	}
}

// issued is the document's issued_at, or the last refresh when the server does not renew that member, or else the time
// at which the document was saved.
func (c Connection) issueTime(now time.Time) time.Time {
	if at := c.statedIssueTime(now); !at.IsZero() {
		return at
	}
	if c.Saved.After(now) {
		return now
	}
	return c.Saved
}

func (c Connection) statedIssueTime(now time.Time) time.Time {
	at, ok := c.Token.moment("issued_at")
	if !ok || at.After(now.Add(maxClockSkew)) {
		at = time.Time{}
	}
	if last := c.Health.LastSuccess; last.After(at.Add(maxClockSkew)) && c.Health.delivered(c.Token) && !last.After(now.Add(maxClockSkew)) {
		at = last
	}
	return at
}

func (c Connection) assumedLifetime() time.Duration {
	if c.Policy.AssumeTTL > 0 {
		return c.Policy.AssumeTTL
	}
	return time.Duration(c.Vendor().AccessToken.Assumed())
}

var expiryMembers = [...]string{"expires_at", "expiry", "expires_on"}

// seconds reads a member that is a number of seconds, such as expires_in, also when it was sent as a string. Zero and less
// say nothing.
func (t Token) seconds(name string) (time.Duration, bool) { return seconds(t.value(name)) }

func seconds(v jsonobject.Value) (time.Duration, bool) {
	if !v.IsLiteral() {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(v.Text()), 64)
	if err != nil || !(n > 0) || n > maxUnix {
		return 0, false
	}
	return time.Duration(min(n, 1e9) * float64(time.Second)), true
}

// moment reads a member that names a point in time, in any of the spellings that are about.
func (t Token) moment(name string) (time.Time, bool) {
	v := t.value(name)
	if !v.IsLiteral() {
		return time.Time{}, false
	}
	s := v.Text()
	if at, ok := unixMoment(s); ok {
		return at, true
	}
	if at, _, ok := calendarMoment(s); ok && at.Unix() > 0 {
		return at, true
	}
	return time.Time{}, false
}

const (
	maxUnix   = 1e13 // in milliseconds: the year 2286
	minMillis = 1e11 // as seconds the year 5138, as milliseconds 1973
)

// unixMoment reads seconds or milliseconds since 1970.
func unixMoment(s string) (time.Time, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n > 0) || n > maxUnix {
		return time.Time{}, false
	}
	if n >= minMillis {
		return time.UnixMilli(int64(n)), true
	}
	seconds, fraction := math.Modf(n)
	return time.Unix(int64(seconds), int64(fraction*1e9)), true
}

// The last two lack a zone: Python's naive datetimes, which are in UTC by its libraries' convention.
var calendarLayouts = [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05"}

func calendarMoment(s string) (at time.Time, layout string, ok bool) {
	for _, layout := range calendarLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			return at, layout, true
		}
	}
	return time.Time{}, "", false
}

// respell writes a moment in the type, unit, precision and zone of the old value.
func respell(old jsonobject.Value, at time.Time) jsonobject.Value {
	s := old.Text()
	if was, layout, ok := calendarMoment(s); ok {
		return jsonobject.Quote(at.In(was.Location()).Format(withFraction(layout, s)))
	}
	number := jsonobject.Int(at.Unix())
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= minMillis {
		number = jsonobject.Int(at.UnixMilli())
	}
	if old.Kind() == '"' {
		return jsonobject.Quote(string(number))
	}
	return number
}

// withFraction adds as many decimals of a second to the layout as s has.
func withFraction(layout, s string) string {
	const seconds = "15:04:05"
	_, after, ok := strings.Cut(s, ".")
	if !ok {
		return layout
	}
	digits := len(after) - len(strings.TrimLeft(after, "0123456789"))
	return strings.Replace(layout, seconds, seconds+"."+strings.Repeat("0", digits), 1)
}

// jwtExpiry reads the exp claim of an access token that is a JWT (RFC 7519 §4.1.4). The signature is not checked: the
// claim only decides when to ask for another token.
func (t Token) jwtExpiry() (at time.Time, ok bool) {
	at = t.document().jwtExpiry.get(func() time.Time { return expClaim(t.AccessToken()) })
	return at, !at.IsZero()
}

// expClaim is zero if there is none.
func expClaim(accessToken string) time.Time {
	_, rest, _ := strings.Cut(accessToken, ".")
	payload, _, ok := strings.Cut(rest, ".")
	if !ok {
		return time.Time{}
	}
	claims, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return time.Time{}
	}
	object, err := jsonobject.Parse(string(claims))
	if err != nil {
		return time.Time{}
	}
	at, _ := unixMoment(object.Value("exp").Text())
	return at
}

// FromIdleLimit is where [Connection.RefreshExpiry] says that a moment comes from when the refresh token would die of not
// being used.
const FromIdleLimit = "idle limit"

// No RFC tells how long a refresh token lives. These are the members of GitHub and others, QuickBooks, and Keycloak.
var refreshLifetimes = [...]string{"refresh_token_expires_in", "x_refresh_token_expires_in", "refresh_expires_in"}

const refreshExpiryMember = "refresh_token_expires_at"

// FromAbsoluteLimit is where [Connection.RefreshExpiry] says that a moment comes from when the provider ends every grant that
// long after its login, however much it is used.
const FromAbsoluteLimit = "absolute limit"

// RefreshExpiry works out when the refresh token dies: of its own age, as a member of the document says; of the provider's
// absolute limit, counted from the login, when that was made here; or of the policy's or provider's idle limit, counted from
// its last use; whichever comes first. from names the member, or is [FromAbsoluteLimit] or [FromIdleLimit].
// at is zero when nothing is known, and when there is no refresh token or it is dead already.
func (c Connection) RefreshExpiry(now time.Time) (at time.Time, from string) {
	at, from = c.idleExpiry(now)
	// As with the access token's: a moment before the last refresh was left behind.
	if t, ok := c.Token.moment(refreshExpiryMember); ok && c.mayRefresh() && t.After(c.statedIssueTime(now)) && (from == "" || t.Before(at)) {
		at, from = t, refreshExpiryMember
	}
	if limit := time.Duration(c.Vendor().RefreshToken.Absolute); limit > 0 && len(c.History.Logins) > 0 && c.mayRefresh() {
		if t := c.History.Logins[len(c.History.Logins)-1].Add(limit); from == "" || t.Before(at) {
			at, from = t, FromAbsoluteLimit
		}
	}
	return at, from
}

func (c Connection) mayRefresh() bool {
	return c.refreshToken() != "" && !c.CurrentHealth().LoginRequired
}

// idleExpiry is when the refresh token dies unless it is used: each use begins its life anew, as far as anybody knows.
func (c Connection) idleExpiry(now time.Time) (at time.Time, from string) {
	issued := c.issueTime(now) // also the last use: at that time the provider saw it, or handed it out
	if !c.mayRefresh() || issued.IsZero() {
		return time.Time{}, ""
	}
	take := func(lifetime time.Duration, name string) {
		if t := issued.Add(lifetime); from == "" || t.Before(at) {
			at, from = t, name
		}
	}
	for _, name := range refreshLifetimes {
		if lifetime, ok := c.Token.seconds(name); ok {
			take(lifetime, name)
		}
	}
	if limit := cmp.Or(c.Policy.IdleLimit, time.Duration(c.Vendor().RefreshToken.Idle)); limit > 0 {
		take(limit, FromIdleLimit)
	}
	return at, from
}
