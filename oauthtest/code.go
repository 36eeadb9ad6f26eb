package oauthtest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"time"
)

// codeLife is how long an authorization code may be exchanged. RFC 6749 §4.1.2 recommends ten minutes at most.
const codeLife = time.Minute

// code stands for a consent until it is exchanged.
type code struct {
	consent
	redirectURI string
	challenge   challenge
	expires     time.Time
	grant       *grant // nil until the exchange
}

// ended is later than expires: a code that was exchanged is remembered, to tell a reuse from garbage.
func (c *code) ended(now time.Time) bool { return now.Sub(c.expires) > 10*codeLife }

// code issues an authorization code.
func (l *ledger) code(c code) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	c.expires = now.Add(codeLife)
	text := l.dialect.code()
	l.codes.put(text, &c, now)
	return text
}

// exchange is RFC 6749 §4.1.3. A code that comes a second time ends the grant that it once began (§10.5); one that is
// refused for another reason can still be exchanged.
func (l *ledger) exchange(form url.Values) (issue, *refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	c := l.codes.get(form.Get("code"))
	switch {
	case c == nil:
		return issue{}, &unknownCode
	case c.grant != nil:
		l.stats.CodeReuses++
		l.end(c.grant)
		return issue{}, &expiredCode
	case !now.Before(c.expires):
		return issue{}, &expiredCode
	case form.Get("redirect_uri") != c.redirectURI:
		return issue{}, &wrongRedirect
	case !c.challenge.answered(form.Get("code_verifier")):
		return issue{}, &wrongVerifier
	}
	c.offline = c.offline || l.dialect.asksOffline("", form)
	out := l.login(c.consent, now)
	c.grant = out.grant
	return out, nil
}

// challenge is the code challenge of RFC 7636; its zero value is none.
type challenge struct {
	text   string
	method string // S256 or plain
}

// answered reports whether verifier is the one. Without a challenge there must be no verifier either: somebody may
// have removed the challenge on its way (RFC 9700 §2.1.1).
func (c challenge) answered(verifier string) bool {
	if c.method == "S256" && verifier != "" {
		sum := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return verifier == c.text
}
