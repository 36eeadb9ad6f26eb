package oauth

import (
	"net/http"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/lazyregexp"
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
//	status 409, 423 or 425                           Temporary
//	a text or code about load, quotas or conflicts   Temporary
//	a code that ends a grant                         LoginRequired
//	a code about the request, or a web page          Misconfigured
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
	case e.Status == http.StatusTooManyRequests, unavailable, e.isBusy():
		return Temporary
	case e.hasCode(endingCodes):
		return LoginRequired
	case e.hasCode(requestCodes), e.page:
		return Misconfigured
	case saysDead(e.Code), saysDead(e.Description):
		return LoginRequired
	default:
		return Misconfigured
	}
}

// hasCode reports whether the code is one of these, in any case.
func (e *Error) hasCode(codes []string) bool { return slices.Contains(codes, strings.ToLower(e.Code)) }

// texts returns code and description in lower case.
func (e *Error) texts() string { return strings.ToLower(e.Code + ": " + e.Description) }

var (
	// endingCodes end a grant or a login (RFC 6749 §5.2 and §4.1.2.1, RFC 8628 §3.5, OpenID Connect
	// Core 1.0 §3.1.2.6, and those that servers made up).
	endingCodes = []string{
		"invalid_grant", "access_denied", "expired_token", "token_expired", "token_revoked",
		"login_required", "interaction_required", "consent_required", "account_selection_required",
	}
	// requestCodes are about the request, whatever the text says of tokens.
	requestCodes = []string{
		"invalid_client", "invalid_scope", "unsupported_grant_type", "unsupported_response_type",
		"unsupported_token_type", "invalid_target", "invalid_dpop_proof", "use_dpop_nonce",
		"invalid_authorization_details", "invalid_client_metadata", "invalid_redirect_uri",
		"invalid_request_uri", "invalid_request_object",
	}
	// vagueCodes are about the request as well, but servers also send them for a dead token.
	vagueCodes = []string{"invalid_request", "unauthorized_client"}
)

// isBusy reports whether the server refused e because of its load, a quota or another request at the
// same time, in whatever words.
func (e *Error) isBusy() bool {
	switch e.Status {
	case http.StatusConflict, http.StatusLocked, http.StatusTooEarly:
		return true
	}
	texts := e.texts()
	switch {
	case usedUp.MatchString(texts):
		return false
	case e.hasCode(endingCodes):
		return (saysBusy.MatchString(texts) || conflict.MatchString(texts)) && !saysDead(e.Description)
	case e.hasCode(requestCodes), e.hasCode(vagueCodes): // even if the reply says when to try again
		return saysBusy.MatchString(compound.ReplaceAllStringFunc(texts, withoutName))
	default:
		return e.RetryAfter > 0 || busy.MatchString(texts) || saysBusy.MatchString(texts)
	}
}

// withoutName returns "" for a compound word that is the name of something.
func withoutName(word string) string {
	switch word {
	case "rate-limit", "rate-limited", "rate-limiting", "too-many", "too-many-requests":
		return word
	default:
		return ""
	}
}

// saysDead reports whether the text says that the token or the grant has ended.
func saysDead(text string) bool {
	text = strings.ToLower(text)
	return deadToken.MatchString(notTokens.ReplaceAllString(text, "")) || usedUp.MatchString(text)
}

// notTokens matches what is not about the token that was sent, and a token that is in use just now.
var notTokens = lazyregexp.New(`token[ _-]?(endpoint|type|request|audience|server|service)s?\b|` +
	`(refresh[ _-]?token[ _-])?grant[ _-]?types?\b|(csrf|xsrf|authenticity|anti-?forgery)[ _-]?token|` +
	`(not valid|invalid|not allowed|not enabled) for (this|the|your) (client|app)|already being`)

var (
	// busy matches words and codes, which may also be names of scopes and clients.
	busy = lazyregexp.New(`temporarily[ _]?unavailable|slow_?down|authorization_pending|server_error|` +
		`service_?unavailable|system_down|too[ _-]?many|rate[ _-]?(limit|exceeded)|` +
		`limit[ _]?(is |was |has been )?(exceeded|reached)|throttl|quota|overload|concurren|conflict|` +
		`in process|in progress|(please|try|retry) (wait|again (later|in|after))|` +
		`retry (later|after)|in less than \d+ (second|minute)`)
	// saysBusy matches what a server says of its load, although the code has another meaning.
	saysBusy = lazyregexp.New(`temporarily[ _]unavailable|` +
		`too[ _-]?many[ _-](concurrent )?(requests|attempts|calls)|` +
		`\brate[ -]?(limit(s|ed|ing)?\b|exceeded)|` +
		`\b(quota|(request|call|usage|concurrency) limits?) (is |was |has been )?(exceeded|reached)|` +
		`exceeded (the |your )?[a-z ]{0,20}\b(quota|rate)\b|\bthrottled\b|(is|are) overloaded|` +
		`concurrent requests?|already being (used|refreshed|process|rotated|exchanged)|` +
		`(request|refresh) (is )?(still |already )?in (progress|process)|` +
		`(wait|again) (later|in \d|in a few|after \d|after some)|retry (later|after)|in less than \d+ (second|minute)`)
	conflict = lazyregexp.New(`\bconflict\b`)
	// compound matches words that consist of several, as names do.
	compound = lazyregexp.New("\\b\\w+([.:-]\\w+)+\\b|'[^'\\s]*'|`[^`\\s]*`|\"[^\"\\s]*\"")
	// usedUp matches the end of a token that may be used a few times only.
	usedUp = lazyregexp.New(`(token|grant|session)[ _](usage|use|reuse|lifetime)s?[ _]limit`)
	// deadToken matches what servers say of a token or grant that has ended. Of a request that lacks
	// one they say that it is missing.
	deadToken = lazyregexp.New(`\b(expired|revoked|invalid|unknown|inactive|used|reused|bad|malformed)[ _]` +
		`(refresh[ _-]?)?(token|grant|session)\b|` +
		`(\b|_|refresh)(token|grant|session)\b[^.;]{0,30}\b(expired|revoked|invalid|inactive|` +
		`not (be )?found|not valid|no longer|already|does not exist|` +
		`doesn't exist|has been (used|deleted|claimed)|unknown|unrecognized)|` +
		`unable to parse (the )?(refresh )?token|refresh_?token_?(is_?)?(invalid|expired|revoked|not_?found|reused)`)
)
