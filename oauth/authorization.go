package oauth

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/urls"
)

// Authorization is a request for a person's consent, to be made by a browser (RFC 6749 §4.1.1).
// Empty fields are left out.
type Authorization struct {
	redact.Sealed

	Endpoint        string // https, or http on a loopback host or one of InsecureHosts; may have a query
	ClientID        string
	RedirectURI     string
	ResponseType    string // "" means "code"
	ResponseMode    string // "form_post", for example
	State           string
	Nonce           string // OpenID Connect Core 1.0 §3.1.2.1
	Challenge       string // of [Challenge]
	ChallengeMethod string
	Scopes          []string
	Resources       []string          // RFC 8707
	Params          map[string]string // further parameters; the fields above take precedence
	InsecureHosts   []string          // on which Endpoint may be http, as in [Request.InsecureHosts]
}

// URL returns the address to open in the browser. The error says what is wrong with the endpoint.
func (a Authorization) URL() (string, error) {
	u, err := urls.Parse("the authorization endpoint", a.Endpoint, a.InsecureHosts...)
	if err != nil {
		return "", err
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", fmt.Errorf("the authorization endpoint at %q has a query that is not a form", u.Host)
	}
	for name, value := range a.Params {
		query.Set(name, value)
	}
	for name, value := range map[string]string{
		"response_type":         cmp.Or(a.ResponseType, "code"),
		"response_mode":         a.ResponseMode,
		"client_id":             a.ClientID,
		"redirect_uri":          a.RedirectURI,
		"scope":                 strings.Join(a.Scopes, " "),
		"state":                 a.State,
		"nonce":                 a.Nonce,
		"code_challenge":        a.Challenge,
		"code_challenge_method": a.ChallengeMethod,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if len(a.Resources) > 0 {
		query["resource"] = a.Resources
	}
	// Some servers do not decode "+" as a space.
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return u.String(), nil
}

// NewVerifier returns a PKCE code verifier: 43 characters with 256 random bits (RFC 7636 §4.1).
func NewVerifier() Secret {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never returns an error
	return Secret(base64.RawURLEncoding.EncodeToString(random))
}

// Challenge returns the code challenge of verifier with the method "S256" or "plain" (RFC 7636
// §4.2), or "" for any other method.
func Challenge(verifier Secret, method string) string {
	switch method {
	case "S256":
		hash := sha256.Sum256([]byte(verifier))
		return base64.RawURLEncoding.EncodeToString(hash[:])
	case "plain":
		return string(verifier)
	default:
		return ""
	}
}
