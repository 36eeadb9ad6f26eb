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

// Expiry is the time at which an access token expires, and where it is known from.
type Expiry struct {
	Issued time.Time // when the token was issued; an estimate, zero if unknown
	At     time.Time // zero if unknown

	// From is the source of At: a member of the document ("expires_at", "expiry", "expires_on",
	// "expires_in"), "jwt" for the exp claim of the access token (RFC 9068 §2.2), or "assumed". It
	// is "" if At is unknown.
	From string
}

// Assumed reports whether the expiry is an assumption, because neither the document nor the token
// has one.
func (e Expiry) Assumed() bool { return e.From == "assumed" }

// maxClockSkew is the tolerated difference between two clocks.
const maxClockSkew = 5 * time.Minute

// Expiry returns when the access token expires. The first of these that is known counts:
//
//   - the earlier of the time in the document (expires_at, expiry, expires_on) and the exp claim of a
//     JWT;
//   - expires_in (RFC 6749 §5.1) after the time of issue;
//   - the lifetime that the policy or else the provider assumes, after the time of issue.
func (c Connection) Expiry(now time.Time) Expiry {
	if c.Token.AccessToken() == "" {
		return Expiry{}
	}
	e := Expiry{Issued: c.issueTime(now)}
	// A time before the time of issue is ignored. Another program refreshed the token and did not
	// update the member, or the clocks differ. With such a time, every use of the token would be a
	// refresh.
	earliest := c.statedIssueTime(now)
	for _, name := range expiryMembers {
		if at, ok := c.Token.timeIn(name); ok && at.After(earliest) {
			e.setEarlier(at, name)
		}
	}
	if at, ok := c.Token.jwtExpiry(); ok && at.After(earliest) {
		e.setEarlier(at, "jwt")
	}
	if e.From != "" {
		return e
	}
	if lifetime, ok := c.Token.seconds("expires_in"); ok {
		e.At, e.From = e.Issued.Add(lifetime), "expires_in"
	} else if lifetime := c.assumedLifetime(); lifetime > 0 && !e.Issued.IsZero() {
		e.At, e.From = e.Issued.Add(lifetime), "assumed"
	}
	return e
}

func (e *Expiry) setEarlier(at time.Time, from string) {
	if e.From == "" || at.Before(e.At) {
		e.At, e.From = at, from
	}
}

// issueTime returns the stated time of issue, or else the time at which the token was saved, but no
// time after now.
func (c Connection) issueTime(now time.Time) time.Time {
	if at := c.statedIssueTime(now); !at.IsZero() {
		return at
	}
	if c.Saved.After(now) {
		return now
	}
	return c.Saved
}

// statedIssueTime returns the document's issued_at, or the last refresh if that is later: some
// providers send issued_at only at login. It returns zero if neither is known. Times in the future
// are ignored.
func (c Connection) statedIssueTime(now time.Time) time.Time {
	latest := now.Add(maxClockSkew)
	at, ok := c.Token.timeIn("issued_at")
	if !ok || at.After(latest) {
		at = time.Time{}
	}
	last := c.Health.LastSuccess
	if c.Health.delivered(c.Token) && last.After(at.Add(maxClockSkew)) && !last.After(latest) {
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

// seconds returns a member that is a positive number of seconds, such as expires_in. It may be a
// string.
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

// timeIn returns a member that is a time, in Unix seconds or milliseconds or in one of
// calendarLayouts.
func (t Token) timeIn(name string) (time.Time, bool) {
	v := t.value(name)
	if !v.IsLiteral() {
		return time.Time{}, false
	}
	s := v.Text()
	if at, ok := parseUnix(s); ok {
		return at, true
	}
	if at, _, ok := parseCalendar(s); ok && at.Unix() > 0 {
		return at, true
	}
	return time.Time{}, false
}

const (
	maxUnix   = 1e13 // as milliseconds: the year 2286
	minMillis = 1e11 // as milliseconds: the year 1973; as seconds: the year 5138
)

// parseUnix parses seconds or milliseconds since 1970.
func parseUnix(s string) (time.Time, bool) {
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

// The last two have no time zone: Python's naive datetimes, which its OAuth libraries take as UTC.
var calendarLayouts = [...]string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05",
}

func parseCalendar(s string) (at time.Time, layout string, ok bool) {
	for _, layout := range calendarLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			return at, layout, true
		}
	}
	return time.Time{}, "", false
}

// formatLike formats a time with the type, unit, precision and zone of the old value.
func formatLike(old jsonobject.Value, at time.Time) jsonobject.Value {
	s := old.Text()
	if was, layout, ok := parseCalendar(s); ok {
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

// withFraction returns the layout with as many decimals of a second as s has.
func withFraction(layout, s string) string {
	const seconds = "15:04:05"
	_, after, ok := strings.Cut(s, ".")
	if !ok {
		return layout
	}
	digits := len(after) - len(strings.TrimLeft(after, "0123456789"))
	return strings.Replace(layout, seconds, seconds+"."+strings.Repeat("0", digits), 1)
}

// jwtExpiry returns the exp claim of an access token that is a JWT (RFC 7519 §4.1.4). It does not
// check the signature, since the claim only decides when to refresh.
func (t Token) jwtExpiry() (at time.Time, ok bool) {
	at = t.document().jwtExpiry.get(func() time.Time { return expClaim(t.AccessToken()) })
	return at, !at.IsZero()
}

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
	at, _ := parseUnix(object.Value("exp").Text())
	return at
}

// The source of a time that [Connection.RefreshExpiry] returns, if it is no member of the document.
const (
	FromIdleLimit     = "idle limit"     // the refresh token expires if it is not used
	FromAbsoluteLimit = "absolute limit" // the provider ends each grant that long after its login
)

// No RFC defines the lifetime of a refresh token. These are the members of GitHub and others,
// QuickBooks, and Keycloak.
var refreshLifetimes = [...]string{"refresh_token_expires_in", "x_refresh_token_expires_in", "refresh_expires_in"}

const refreshExpiryMember = "refresh_token_expires_at"

// RefreshExpiry returns when the refresh token expires, the earliest of
//
//   - the time or lifetime in the document (from is the member's name),
//   - the provider's absolute limit after the last known login ([FromAbsoluteLimit]),
//   - the policy's or else the provider's limit after the last use ([FromIdleLimit]).
//
// at is zero if nothing is known, if there is no refresh token, or if a login is required.
func (c Connection) RefreshExpiry(now time.Time) (at time.Time, from string) {
	if !c.canRefresh() {
		return time.Time{}, ""
	}
	e := c.idleExpiry(now)
	// As in Expiry, a time before the last refresh is ignored.
	if at, ok := c.Token.timeIn(refreshExpiryMember); ok && at.After(c.statedIssueTime(now)) {
		e.setEarlier(at, refreshExpiryMember)
	}
	limit, logins := time.Duration(c.Vendor().RefreshToken.Absolute), c.History.Logins
	if limit > 0 && len(logins) > 0 {
		e.setEarlier(logins[len(logins)-1].Add(limit), FromAbsoluteLimit)
	}
	return e.At, e.From
}

func (c Connection) canRefresh() bool {
	return c.refreshToken() != "" && !c.CurrentHealth().LoginRequired
}

// idleExpiry returns when the refresh token expires if it is not used. It assumes that each use
// prolongs the lifetime.
func (c Connection) idleExpiry(now time.Time) (e Expiry) {
	used := c.issueTime(now) // the refresh token was sent or received then
	if !c.canRefresh() || used.IsZero() {
		return e
	}
	for _, name := range refreshLifetimes {
		if lifetime, ok := c.Token.seconds(name); ok {
			e.setEarlier(used.Add(lifetime), name)
		}
	}
	if limit := cmp.Or(c.Policy.IdleLimit, time.Duration(c.Vendor().RefreshToken.Idle)); limit > 0 {
		e.setEarlier(used.Add(limit), FromIdleLimit)
	}
	return e
}
