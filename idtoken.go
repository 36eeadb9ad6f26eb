package freshet

import (
	"bytes"
	"time"

	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// IDToken returns the ID token (OpenID Connect Core 1.0 §2) as plain text, or "" if there is none.
func (t Token) IDToken() string {
	if s := t.Member("id_token"); syntax.Token(s) == "" {
		return s
	}
	return ""
}

// IDTokenExpiry returns when the ID token expires: its lifetime (exp − iat) after the refresh that
// delivered it, by this machine's clock, or else its exp. If it has no exp that can be read, it is
// taken to expire with the access token.
func (c *Connection) IDTokenExpiry(now time.Time) Expiry {
	idToken := c.Token.IDToken()
	if idToken == "" {
		return Expiry{}
	}
	expiry, lifetime := jwtTimes(idToken)
	received := c.idTokenReceipt(now)
	switch {
	case !received.IsZero() && lifetime > 0:
		return Expiry{Issued: received, At: received.Add(lifetime), From: FromJWT}
	case !expiry.After(received): // zero: unknown
		return c.Expiry(now)
	}
	e := Expiry{Issued: received, At: expiry, From: FromJWT}
	if issued := expiry.Add(-lifetime); lifetime > 0 && !issued.After(now.Add(maxClockSkew)) {
		e.Issued = issued
	}
	return e
}

// idTokenReceipt returns when this machine asked for the ID token that it received, or zero if another
// program did.
func (c *Connection) idTokenReceipt(now time.Time) time.Time {
	h := &c.Health
	isSame := h.IDTokenHash != "" && h.IDTokenHash == hashOf(c.Token.IDToken())
	if !isSame || h.IDTokenRequest.After(now.Add(maxClockSkew)) {
		return time.Time{}
	}
	return h.IDTokenRequest
}

// withIDToken returns h after a reply to the request that was sent at began. An ID token that is sent
// again keeps its time.
func (h Health) withIDToken(before *Health, token Token, reply *oauth.Reply, began time.Time) Health {
	idToken := token.IDToken()
	h.IDTokenHash, h.IDTokenRequest = before.IDTokenHash, before.IDTokenRequest
	if hash := hashOf(idToken); hash != "" && hash != h.IDTokenHash && bytes.Contains(reply.Body, []byte(idToken)) {
		h.IDTokenHash, h.IDTokenRequest = hash, began
	}
	return h
}

// withOldAccessToken returns h after a reply without an access token. The age of the saved access token,
// if only that of its document shows it, would be that of the ID token otherwise.
func (h Health) withOldAccessToken(c *Connection, now time.Time) Health {
	at, times := c.receiptTime(now), c.Token.times()
	if at.IsZero() && c.statedIssueTime(now).IsZero() && len(times.expiries) == 0 && times.jwtExpiry.IsZero() {
		at = c.issueTime(now)
	}
	h.AccessTokenHash, h.LastRequest = "", time.Time{}
	if c.Token.AccessToken() != "" && !at.IsZero() {
		h.AccessTokenHash, h.LastRequest = c.Token.accessTokenHash(), at
	}
	return h
}

// keepsIDToken reports whether the last refresh brought an access token, but no new ID token. OpenID
// Connect Core 1.0 §12.2 allows that.
func (c *Connection) keepsIDToken() bool {
	h := &c.Health
	return h.delivered(c.Token) && !h.LastRequest.IsZero() && h.IDTokenRequest.Before(h.LastRequest)
}

// cannotRenewIDToken reports whether a refresh would be useless: the last one brought no ID token. The
// next is made when the access token is stale.
func (o Options) cannotRenewIDToken(c *Connection, now time.Time) bool {
	return o.IDToken && c.keepsIDToken() && !c.stale(now)
}

// token returns the token that the caller asks for.
func (o Options) token(t Token) string {
	if o.IDToken {
		return t.IDToken()
	}
	return t.AccessToken()
}

// tokenName returns the name of the token for a message.
func (o Options) tokenName() string {
	if o.IDToken {
		return "ID token"
	}
	return "access token"
}

// tokenHash returns a hash of the token that the caller asks for, or "".
func (o Options) tokenHash(t Token) string {
	if o.IDToken {
		return hashOf(t.IDToken())
	}
	return t.accessTokenHash()
}

// receiptTime is [Connection.receiptTime] of the token that the caller asks for.
func (o Options) receiptTime(c *Connection, now time.Time) time.Time {
	if o.IDToken {
		return c.idTokenReceipt(now)
	}
	return c.receiptTime(now)
}

// expiry returns when the token expires that the caller asks for.
func (o Options) expiry(c *Connection, now time.Time) Expiry {
	if o.IDToken {
		return c.IDTokenExpiry(now)
	}
	return c.Expiry(now)
}

// expired reports whether the token that the caller asks for is missing or has expired.
func (o Options) expired(c *Connection, now time.Time) bool {
	e := o.expiry(c, now)
	return o.token(c.Token) == "" || e.From != "" && !now.Before(e.At)
}

// stale reports whether the token that the caller asks for should be refreshed.
func (o Options) stale(c *Connection, now time.Time) bool {
	at := c.staleTime(o.expiry(c, now), o.token(c.Token), now)
	return o.expired(c, now) || !at.IsZero() && !now.Before(at)
}

// hasIDToken reports whether the ID token is valid and not the rejected one.
func (o Options) hasIDToken(c *Connection, now time.Time) bool {
	return !o.expired(c, now) && !o.rejects(c.Token)
}

// outlivesIDToken reports whether the wait after a failure would last longer than the ID token, which
// has expired since then. The next attempt is made then, as after the expiry of an access token.
func (o Options) outlivesIDToken(c *Connection, now time.Time) bool {
	at, failure := c.IDTokenExpiry(now).At, c.CurrentHealth().LastFailure
	return o.IDToken && failure != nil && at.After(failure.Time) && !now.Before(at)
}

// errNoIDToken is the error if a refresh brought no valid ID token.
func (o Options) errNoIDToken(c *Connection) error {
	if c.Token.IDToken() == "" {
		return &SetupError{
			Name: c.Name, Kind: oauth.Misconfigured,
			What:   "the token has no ID token (id_token), and a refresh brought none",
			Remedy: "{login again scope}, with openid among them",
		}
	}
	what := "the ID token has expired, and a refresh brought no new one"
	if !o.expired(c, time.Now()) {
		what = "the ID token was refused, and a refresh brought no new one"
	}
	return &SetupError{Name: c.Name, Kind: oauth.LoginRequired, What: what, Remedy: "{login again}"}
}

func (o Options) errTooShort(c *Connection) error {
	what := "the token was just refreshed and lasts"
	remedy := oauth.Remedy("{lower min_ttl}: the provider does not issue longer tokens")
	if o.IDToken && c.keepsIDToken() {
		what = "a refresh brought no new ID token, and the saved one lasts"
		remedy = "{lower min_ttl}, or {login again}"
	}
	return &SetupError{
		Name: c.Name, Kind: oauth.Temporary, Remedy: remedy,
		What: what + " less than the " + text.FormatDuration(o.MinTTL) + " asked for",
	}
}
