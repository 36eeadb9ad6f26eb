// Package idtoken reads the claims of id_tokens (OpenID Connect Core 1.0 §2).
package idtoken

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/internal/urls"
)

// clockSkew is the greatest expected difference between the clocks of this machine and the server.
const clockSkew = 5 * time.Minute

// Check checks the claims of an id_token: it is from issuer, for clientID, has the nonce of
// the request, and has not expired at now, within five minutes. An empty issuer or nonce is not
// checked.
//
// It does not check the signature. For an id_token from the token endpoint TLS is enough (OpenID
// Connect Core 1.0 §3.1.3.7 no. 6).
func Check(idToken, issuer, clientID, nonce string, now time.Time) error {
	claims, err := parseClaims(idToken)
	if err != nil {
		return err
	}
	var audience jsonobject.Strings
	var expiry float64
	badAudience := json.Unmarshal([]byte(claims.Value("aud")), &audience)
	badExpiry := json.Unmarshal([]byte(claims.Value("exp")), &expiry)
	party, sent := claims.Value("azp").AsString(), claims.Value("nonce").AsString()
	switch {
	case issuer != "" && !urls.SameIssuer(claims.Value("iss").AsString(), issuer):
		got := text.Printable(claims.Value("iss").AsString())
		return fmt.Errorf("the id_token is from another issuer: %q instead of %q", got, issuer)
	case badAudience != nil || len(audience) == 0:
		return errors.New("the id_token does not say which client it is for")
	case !slices.Contains(audience, clientID), party != "" && party != clientID:
		return errors.New("the id_token is for another client")
	case badExpiry != nil:
		return errors.New("the id_token does not say when it expires")
	case float64(now.Add(-clockSkew).Unix()) >= expiry:
		return errors.New("the id_token has expired: the server's clock and this machine's may be apart")
	case nonce != "" && sent == "":
		return errors.New("the id_token has no nonce, so it may belong to another login")
	case nonce != "" && sent != nonce:
		return errors.New("the id_token's nonce is not the one that was sent: it belongs to another login")
	}
	return nil
}

// Claim returns the printable characters of a string claim, or "" if there is none. It
// verifies nothing: use the claim for display only.
func Claim(idToken, name string) string {
	claims, err := parseClaims(idToken)
	if err != nil {
		return ""
	}
	return text.Printable(claims.Value(name).AsString())
}

func parseClaims(idToken string) (jsonobject.Object, error) {
	parts := strings.Split(idToken, ".")
	if len(parts) == 5 {
		return jsonobject.Object{}, errors.New("the id_token is encrypted, and cannot be read")
	}
	if len(parts) != 3 {
		return jsonobject.Object{}, errors.New("the id_token is not a JWT")
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return jsonobject.Object{}, errors.New("the id_token is not a JWT: its claims are not base64url")
	}
	claims, err := jsonobject.Parse(string(payload))
	if err != nil {
		return jsonobject.Object{}, errors.New("the id_token is not a JWT: its claims are not a JSON object")
	}
	return claims, nil
}
