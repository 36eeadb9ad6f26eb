package oauthtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"time"
)

// codeLife is the lifetime of an authorization code. RFC 6749 §4.1.2 recommends ten minutes at most.
const codeLife = time.Minute

// code is an issued authorization code.
type code struct {
	consent
	redirectURI string
	challenge   challenge
	expires     time.Time
	grant       *grant // nil until the exchange
}

// forgettable is later than expires: a code that was exchanged is remembered for a while to detect
// its reuse.
func (c *code) forgettable(now time.Time) bool { return now.Sub(c.expires) > 10*codeLife }

func (l *ledger) issueCode(c code) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	c.expires = now.Add(codeLife)
	text := l.profile.Code
	for strings.Contains(text, "{random}") {
		text = strings.Replace(text, "{random}", rand.Text(), 1)
	}
	l.codes.put(text, &c, now)
	return text
}

// exchange exchanges a code for tokens (RFC 6749 §4.1.3). A code that is presented again ends its
// grant (§10.5). A code that is refused for another reason can still be exchanged.
func (l *ledger) exchange(form url.Values) (tokenResponse, *oauthError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	c := l.codes.get(form.Get("code"))
	switch {
	case c == nil:
		return tokenResponse{}, &unknownCode
	case c.grant != nil:
		l.stats.CodeReuses++
		l.end(c.grant)
		return tokenResponse{}, &expiredCode
	case !now.Before(c.expires):
		return tokenResponse{}, &expiredCode
	case form.Get("redirect_uri") != c.redirectURI:
		return tokenResponse{}, &wrongRedirect
	case !c.challenge.verify(form.Get("code_verifier")):
		return tokenResponse{}, &wrongVerifier
	}
	c.offline = c.offline || l.profile.asksOffline("", form)
	out := l.login(c.consent, now)
	c.grant = out.grant
	return out, nil
}

// challenge is the code challenge of RFC 7636. The zero value is none.
type challenge struct {
	text   string
	method string // S256 or plain
}

// verify checks a code verifier. Without a challenge there must be no verifier: an attacker may have
// removed the challenge from the authorization request (RFC 9700 §2.1.1).
func (c challenge) verify(verifier string) bool {
	if c.method == "S256" && verifier != "" {
		sum := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return verifier == c.text
}
