package oauth

import (
	"fmt"
	"net/url"
	"strings"
)

// Authorization is a request for a person's consent, which a browser makes (RFC 6749 §4.1.1). Empty fields are left out.
type Authorization struct {
	Endpoint        string // as [ParseEndpoint] accepts it; a query that it has is kept
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
	Params          map[string]string // further parameters; they replace none of the above
}

// URL returns the address to open in the browser. The error says what is wrong with the endpoint.
func (a Authorization) URL() (string, error) {
	u, err := parseEndpoint("the authorization endpoint", a.Endpoint)
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
	responseType := a.ResponseType
	if responseType == "" {
		responseType = "code"
	}
	for name, value := range map[string]string{
		"response_type":         responseType,
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
	// "%20" is a space to everybody, "+" not to every server.
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return u.String(), nil
}
