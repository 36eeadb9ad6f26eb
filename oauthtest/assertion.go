package oauthtest

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// jwtBearer is the grant type of RFC 7523 §2.1.
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// maxAssertionLife is how far the exp of an assertion may be away.
const maxAssertionLife = time.Hour

var (
	noSuchKey     = oauthError{"invalid_client", "the signature of the client assertion is wrong, or its key is not registered"}
	notSigned     = oauthError{"invalid_client", "the client assertion is not a signed JWT"}
	wrongType     = oauthError{"invalid_request", "client_assertion_type is wrong"}
	otherIssuer   = oauthError{"invalid_client", "the issuer and the subject of the client assertion must be the client"}
	otherAudience = oauthError{"invalid_client", "the audience of the client assertion is another server"}
	outOfTime     = oauthError{"invalid_client", "the client assertion has expired, is not valid yet, or is valid for too long"}
	replayed      = oauthError{"invalid_client", "the jti of the client assertion is missing, or was used before"}
)

// claims are those of RFC 7523 §3.
type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	ID       string   `json:"jti"`
	IssuedAt int64    `json:"iat"`
	Expires  int64    `json:"exp"`
	Scope    string   `json:"scope"`
}

// audience is a string or an array of strings (RFC 7519 §4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// checkAssertion authenticates the client by the JWT in form (RFC 7523 §2.2).
func (s *Server) checkAssertion(form url.Values) *oauthError {
	if form.Get("client_assertion_type") != assertionType {
		return &wrongType
	}
	c, e := s.verify(form.Get("client_assertion"))
	switch {
	case e != nil:
		return e
	case c.Issuer != s.cfg.ClientID || c.Subject != s.cfg.ClientID:
		return &otherIssuer
	case form.Has("client_id") && form.Get("client_id") != s.cfg.ClientID:
		return &unknownClient
	}
	return nil
}

// checkGrantAssertion checks the assertion of the JWT bearer grant, and puts its scope into form. Its
// errors are those of checkAssertion, as invalid_grant (RFC 7523 §3.1).
func (s *Server) checkGrantAssertion(form url.Values) *oauthError {
	c, e := s.verify(form.Get("assertion"))
	if e == nil && c.Issuer != s.cfg.ClientID {
		e = &otherIssuer
	}
	if e != nil {
		return &oauthError{"invalid_grant", e.Description}
	}
	if !form.Has("scope") && c.Scope != "" {
		form.Set("scope", c.Scope)
	}
	return nil
}

// verify checks everything about a JWT but whom it is from.
func (s *Server) verify(jwt string) (claims, *oauthError) {
	var c claims
	algorithms := []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
		jose.ES256, jose.ES384, jose.ES512, jose.EdDSA, jose.HS256,
	}
	signed, err := jose.ParseSignedCompact(jwt, algorithms)
	if err != nil {
		return c, &notSigned
	}
	payload, err := signed.Verify(s.verificationKey(signed.Signatures[0].Header))
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return c, &noSuchKey
	}
	now := time.Now().Add(s.cfg.ClockSkew)
	expires, issued := time.Unix(c.Expires, 0), time.Unix(c.IssuedAt, 0)
	switch {
	case !slices.ContainsFunc(c.Audience, s.isOwnAudience):
		return c, &otherAudience
	case !expires.After(now), expires.After(now.Add(maxAssertionLife + time.Minute)), issued.After(now.Add(time.Minute)):
		return c, &outOfTime
	case c.ID == "" || !s.ledger.useOnce(c.ID, expires):
		return c, &replayed
	}
	return c, nil
}

func (s *Server) isOwnAudience(aud string) bool {
	return aud == s.url || aud == s.url+"/" || aud == s.TokenEndpoint() || slices.Contains(s.cfg.Audiences, aud)
}

// verificationKey returns the key for a header: the client's secret, or its registered key with the kid.
func (s *Server) verificationKey(h jose.Header) any {
	if h.Algorithm == string(jose.HS256) {
		return []byte(s.cfg.ClientSecret)
	}
	for _, key := range s.clientKeys {
		if h.KeyID == "" || key.KeyID == "" || key.KeyID == h.KeyID {
			return key.Key
		}
	}
	return []byte(nil)
}

// usedAssertion is the exp of an assertion that was used.
type usedAssertion struct{ expires time.Time }

// forgettable reports whether the assertion has expired, whatever [Config.ClockSkew] is.
func (u *usedAssertion) forgettable(now time.Time) bool {
	return now.After(u.expires.Add(24 * time.Hour))
}

// useOnce reports whether the id of an assertion was not used before.
func (l *ledger) useOnce(id string, expires time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.assertions.get(id) != nil {
		return false
	}
	l.assertions.put(id, &usedAssertion{expires}, time.Now())
	return true
}

// parseClientKeys parses public keys or certificates as PEM, or a JWK set.
func parseClientKeys(data []byte) ([]jose.JSONWebKey, error) {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		var set jose.JSONWebKeySet
		err := json.Unmarshal(data, &set)
		return set.Keys, err
	}
	var keys []jose.JSONWebKey
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
			keys = append(keys, jose.JSONWebKey{Key: certificate.PublicKey})
			continue
		}
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		keys = append(keys, jose.JSONWebKey{Key: public})
	}
	if len(keys) == 0 && len(data) > 0 {
		return nil, errors.New("no public key, certificate or JWK set")
	}
	return keys, nil
}

// dated adds the Date of a clock that is not this machine's.
func (s *Server) dated(w http.ResponseWriter) {
	w.Header().Set("Date", time.Now().Add(s.cfg.ClockSkew).UTC().Format(http.TimeFormat))
}
