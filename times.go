package freshet

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/timestamp"
)

// timeKind says what a member of a token document states about time.
type timeKind int

const (
	notTime       timeKind = iota
	lifetime               // how long the access token is valid, in seconds
	expiryTime             // when it expires
	issueTime              // when it was issued
	refreshExpiry          // when the refresh token expires
	facebookTime           // a lifetime if it is too small for a time, and else expiryTime
)

// timeMembers are the names under which the libraries that save tokens write times, in lower case and
// without underscores and hyphens.
var timeMembers = map[string]timeKind{
	"expiresin": lifetime, "expiresinsec": lifetime,

	"expiresat": expiryTime, "expiry": expiryTime, "expireson": expiryTime,
	"expirydate":           expiryTime,                                           // Google's Node
	"expirationtimemillis": expiryTime,                                           // Google's Ruby
	"expirationtime":       expiryTime, "expirationtimemilliseconds": expiryTime, // Google's Java
	"tokenexpiry": expiryTime, "tokenexpiresat": expiryTime, // oauth2client
	"accesstokenexpiration": expiryTime, // mutt_oauth2.py
	"accesstokenexpiry":     expiryTime, "accesstokenexpiresat": expiryTime, "accesstokenexpirationdate": expiryTime,
	"expires":    facebookTime, // also league/oauth2-client
	"expiration": expiryTime, "expirationdate": expiryTime, "expiresdate": expiryTime, "expiretime": expiryTime,
	"validuntil": expiryTime,

	"issuedat":    issueTime,
	"createdat":   issueTime, // Doorkeeper, Intuit's Node, Spotify's .NET
	"created":     issueTime, // Google's PHP
	"grantedtime": issueTime, // Apps Script
	"obtainedat":  issueTime, "retrievedat": issueTime, "receivedat": issueTime, "acquiredat": issueTime,
	"fetchedat": issueTime, "cachedat": issueTime, "tokentime": issueTime,

	"refreshtokenexpiresat": refreshExpiry, "refreshtokenexpiry": refreshExpiry, "refreshexpiresat": refreshExpiry,
	"refreshtokenexpirationdate": refreshExpiry, "refreshtokenexpireson": refreshExpiry,
}

// kindOfTime returns what the name says, without the value.
func kindOfTime(member string) timeKind {
	switch member {
	case "access_token", "refresh_token", "id_token", "token_type", "scope": // most members
		return notTime
	}
	var buffer [32]byte
	return timeMembers[string(appendPlainName(buffer[:0], member))]
}

// kindOf returns what a member with this value states.
func kindOf(member string, value jsonobject.Value) timeKind {
	kind := kindOfTime(member)
	if kind != facebookTime {
		return kind
	}
	if _, ok := seconds(value); ok && isDuration(value) {
		return lifetime
	}
	return expiryTime
}

// appendPlainName appends a name as in timeMembers.
func appendPlainName(b []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-':
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		default:
			b = append(b, c)
		}
	}
	return b
}

// isSet reports whether the value of a member with a time says anything. Servers send null or an empty
// string for a time that they do not state.
func isSet(value jsonobject.Value) bool {
	return value != "" && value.Kind() != 'n' && value.Text() != ""
}

// isLocalTime reports whether a date without a zone is local time in the member: mutt_oauth2.py and ADAL
// write Python's datetime.now(). All others write UTC.
func isLocalTime(member string) bool {
	return member == "access_token_expiration" || member == "expiresOn"
}

// maxLifetime is how long a lifetime may be: a larger number of seconds is a time.
const maxLifetime = 1e9

// No RFC defines the lifetime of a refresh token yet. These are the members of GitHub and others,
// QuickBooks, Keycloak, and of draft-ietf-oauth-refresh-token-expiration.
var refreshLifetimes = [...]string{
	"refresh_token_expires_in", "x_refresh_token_expires_in", "refresh_expires_in", "refresh_token_timeout",
}

// grantLifetime is the member with the seconds until the grant ends, however much it is used
// (draft-ietf-oauth-refresh-token-expiration). It counts from the reply that has it.
const grantLifetime = "authorization_expires_in"

// namedTime is a time in a member of the document.
type namedTime struct {
	name string
	timestamp.Stamp
}

// tokenTimes is what a document and its access token say about time.
type tokenTimes struct {
	lifetime     time.Duration // 0 if unknown
	lifetimeName string

	expiries, issued, refreshExpiries []namedTime

	jwtExpiry   time.Time     // zero if the access token is no JWT
	jwtLifetime time.Duration // exp − iat; 0 if unknown
	unknown     string        // a member with a time that is not understood, an expiry rather than another
}

func (t Token) times() *tokenTimes {
	return t.document().times.get(func() *tokenTimes {
		times := new(tokenTimes)
		for name, value := range t.object().All() {
			times.add(name, value)
		}
		if expiry, lifetime := jwtTimes(t.AccessToken()); expiry.After(oauth2Began) {
			times.jwtExpiry, times.jwtLifetime = expiry, lifetime
		}
		return times
	})
}

func (t *tokenTimes) add(name string, value jsonobject.Value) {
	kind := kindOf(name, value)
	switch kind {
	case notTime:
		return
	case lifetime:
		if d, ok := seconds(value); ok && (t.lifetime == 0 || name == "expires_in") {
			t.lifetime, t.lifetimeName = d, name
		}
		return
	}
	stamp, ok := timestamp.Parse(value, isLocalTime(name))
	switch {
	case ok && stamp.Time.UTC().Year() <= 1: // Go's and .NET's zero time: not set
	case !ok:
		if isSet(value) && (kind == expiryTime || t.unknown == "") {
			t.unknown = name
		}
	case kind == expiryTime:
		t.expiries = append(t.expiries, namedTime{name, stamp})
	case kind == issueTime:
		t.issued = append(t.issued, namedTime{name, stamp})
	case kind == refreshExpiry:
		t.refreshExpiries = append(t.refreshExpiries, namedTime{name, stamp})
	}
}

// isDuration reports whether a number is too small for a time since 1970, and so a number of seconds
// from now.
func isDuration(value jsonobject.Value) bool {
	n, err := strconv.ParseFloat(value.Text(), 64)
	return err == nil && n < maxLifetime
}

// jwtTimes reads the claims exp and iat of a token that is a JWT (RFC 7519 §4.1). It does not check the
// signature, since the claims only decide when to refresh. An unknown time is zero.
func jwtTimes(token string) (expiry time.Time, lifetime time.Duration) {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, ok := strings.Cut(rest, ".")
	if !ok {
		return expiry, 0
	}
	claims, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(payload, "="))
	if err != nil {
		return expiry, 0
	}
	object, err := jsonobject.Parse(string(claims))
	if err != nil {
		return expiry, 0
	}
	exp, ok := timestamp.Parse(object.Value("exp"), false)
	if !ok {
		return expiry, 0
	}
	if iat, ok := timestamp.Parse(object.Value("iat"), false); ok && iat.Time.After(oauth2Began) {
		lifetime = max(exp.Time.Sub(iat.Time), 0)
	}
	return exp.Time, lifetime
}

// seconds returns a member that is a positive number of seconds, such as expires_in. It may be a
// string.
func (t Token) seconds(name string) (time.Duration, bool) { return seconds(t.value(name)) }

func seconds(v jsonobject.Value) (time.Duration, bool) {
	if !v.IsLiteral() {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(v.Text()), 64)
	if err != nil || !(n > 0) || n > 1e13 {
		return 0, false
	}
	return time.Duration(min(n, maxLifetime) * float64(time.Second)), true
}

// updateTimes brings the times in the document up to date, in their own form: those that the server did
// not send, since programs that share the document take the new token for expired otherwise. It leaves
// what it does not understand, and an issued_at that a signature covers.
func updateTimes(edit *jsonobject.Edit, before, sent jsonobject.Object, received time.Time) {
	expiry, known := sentExpiry(sent, received)
	hasExpiry := false
	for name := range before.All() {
		stored, at, isSent := edit.Value(name), received, isSet(sent.Value(name))
		kind := kindOf(name, stored)
		if kind == notTime || kind == refreshExpiry {
			continue
		}
		stamp, isTime := timestamp.Parse(stored, isLocalTime(name))
		switch kind {
		case lifetime:
			if value := sent.Value("expires_in"); known && isSet(value) && !isSent && stored.IsLiteral() {
				set(edit, name, value)
			}
			continue
		case expiryTime:
			hasExpiry = true
			at = expiry
			if !known {
				continue
			}
		case issueTime:
			isCreated := isCreatedTime(name)
			if name == "issued_at" && before.Value("signature") != "" || isCreated && !createdIsIssueTime(before) {
				continue
			}
			// With the lifetime it says when the token expires. An expires_at next to it would make the next
			// refresh take it for the record's own time.
			hasExpiry = hasExpiry || isCreated && isTime
		}
		if isTime && !isSent {
			edit.Set(name, stamp.Format(at))
		}
	}
	if _, ok := seconds(sent.Value("expires_in")); ok && !hasExpiry {
		set(edit, "expires_at", jsonobject.Int(expiry.Unix()))
	}
	updateRefreshExpiry(edit, before, sent, received)
}

// isCreatedTime reports whether the member may be the time of the record in which a program keeps the
// token, rather than that of the token.
func isCreatedTime(name string) bool {
	plain := string(appendPlainName(nil, name))
	return plain == "created" || plain == "createdat"
}

// createdIsIssueTime reports whether created_at in the document is when the token was issued: it is there
// for the lifetime, since nothing else says when the token expires.
func createdIsIssueTime(document jsonobject.Object) bool {
	hasLifetime := false
	for name, value := range document.All() {
		switch kindOf(name, value) {
		case lifetime:
			_, ok := seconds(value)
			hasLifetime = hasLifetime || ok
		case expiryTime:
			if isSet(value) {
				return false
			}
		}
	}
	return hasLifetime
}

// updateRefreshExpiry brings the expiry of the refresh token up to date in its own form, if the reply has
// its lifetime.
func updateRefreshExpiry(edit *jsonobject.Edit, before, sent jsonobject.Object, received time.Time) {
	lifetime, ok := sentRefreshLifetime(sent)
	if !ok {
		return
	}
	for name := range before.All() {
		if kindOfTime(name) != refreshExpiry || isSet(sent.Value(name)) {
			continue
		}
		if stamp, ok := timestamp.Parse(edit.Value(name), isLocalTime(name)); ok {
			edit.Set(name, stamp.Format(received.Add(lifetime)))
		}
	}
}

// sentExpiry returns when the token in a reply expires.
func sentExpiry(sent jsonobject.Object, received time.Time) (at time.Time, ok bool) {
	if lifetime, ok := seconds(sent.Value("expires_in")); ok {
		return received.Add(lifetime), true
	}
	for name, value := range sent.All() {
		if kindOf(name, value) != expiryTime || isDuration(value) {
			continue
		}
		if stamp, ok := timestamp.Parse(value, isLocalTime(name)); ok {
			return stamp.Time, true
		}
	}
	return time.Time{}, false
}

func sentRefreshLifetime(sent jsonobject.Object) (time.Duration, bool) {
	for _, name := range refreshLifetimes {
		if lifetime, ok := seconds(sent.Value(name)); ok {
			return lifetime, true
		}
	}
	return 0, false
}
