package oauth

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Kind says what has to be done about a failure.
type Kind string

// The kinds of failure. The zero value means none of them.
const (
	Temporary     Kind = "temporary"       // try again later
	Unknown       Kind = "unknown_outcome" // the server may have acted on the request
	Misconfigured Kind = "misconfigured"   // correct the client, secret, endpoint or scope
	LoginRequired Kind = "login_required"  // the grant has ended; a person must log in again
)

// Kind classifies e by its status, its code and its text, in this order:
//
//	status 408, or 5xx except 503 with Retry-After   Unknown
//	status 429 or 503                                Temporary
//	a code of the RFCs that ends a grant             LoginRequired
//	a text or code about load, quotas or conflicts   Temporary
//	a text about a dead token or grant               LoginRequired
//	anything else                                    Misconfigured
//
// Package provider has more precise tables.
func (e *Error) Kind() Kind {
	unavailable := e.Status == http.StatusServiceUnavailable && e.RetryAfter > 0
	switch {
	case e.Status >= 500 && !unavailable, e.Status == http.StatusRequestTimeout:
		// The code in the body does not count: a proxy may have written it after the server had
		// acted. With Retry-After, the server itself turned the request away.
		return Unknown
	case e.Status == http.StatusTooManyRequests, unavailable:
		return Temporary
	case slices.Contains(endingCodes, e.Code):
		return LoginRequired
	case e.isBusy():
		return Temporary
	case e.Code != "invalid_client" && e.Code != "invalid_scope" && e.saysDead():
		return LoginRequired
	default:
		return Misconfigured
	}
}

// texts returns code and description in lower case.
func (e *Error) texts() string { return strings.ToLower(e.Code + ": " + e.Description) }

// endingCodes end a grant or a login (RFC 6749 §5.2 and §4.1.2.1, RFC 8628 §3.5).
var endingCodes = []string{"invalid_grant", "access_denied", "expired_token"}

// standardCodes of RFC 6749 are about the request, even if the reply says when to try again.
var standardCodes = []string{
	"invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
}

// isBusy reports whether the server refused e because of its load, a quota or another request at the
// same time, in whatever words.
func (e *Error) isBusy() bool {
	switch e.Status {
	case http.StatusConflict, http.StatusLocked, http.StatusTooEarly:
		return true
	}
	standard := slices.Contains(standardCodes, e.Code)
	return e.RetryAfter > 0 && !standard || busy.MatchString(e.texts())
}

// saysDead reports whether the texts say that the token or the grant has ended.
func (e *Error) saysDead() bool { return deadToken.MatchString(notTokens.Replace(e.texts())) }

// notTokens removes what is not about a token.
var notTokens = strings.NewReplacer("token endpoint", "", "token_endpoint", "", "token type", "", "token_type", "")

var (
	busy = regexp.MustCompile(`temporarily[ _]?unavailable|slow_?down|authorization_pending|server_error|` +
		`service_?unavailable|system_down|too[ _-]?many|rate[ _-]?limit|` +
		`limit[ _]?(is |was |has been )?(exceeded|reached)|throttl|quota|overload|concurren|conflict|(in|already being) process|in progress|` +
		`(please|try|retry) (wait|again (later|in|after))|retry (later|after)|in less than \d+ (second|minute)`)
	// deadToken matches what servers say of a token or grant that has ended. Of a request that lacks
	// one they say that it is missing.
	deadToken = regexp.MustCompile(`\b(expired|revoked|invalid|unknown|inactive|used|reused|bad|malformed)[ _]` +
		`(refresh[ _-]?)?(token|grant|session)\b|` +
		`\b(token|grant|session)\b[^.;]{0,30}\b(expired|revoked|invalid|inactive|not (be )?found|not valid|` +
		`no longer|already|does not exist|doesn't exist|has been (used|deleted|claimed)|unknown|unrecognized)|` +
		`unable to parse (the )?(refresh )?token|refresh_?token_?(is_?)?(invalid|expired|revoked|not_?found|reused)`)
)
