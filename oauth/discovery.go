package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Metadata is what an authorization server publishes about itself (RFC 8414 §2, OpenID Connect Discovery 1.0 §3).
type Metadata struct {
	Endpoints
	CodeChallengeMethods []string `json:"code_challenge_methods_supported,omitempty"`
	ResponseTypes        []string `json:"response_types_supported,omitempty"`
	Scopes               []string `json:"scopes_supported,omitempty"`
	IssParameter         bool     `json:"authorization_response_iss_parameter_supported,omitempty"` // RFC 9207
}

// Discover reads the metadata of issuer, a URL without a query: the document of OpenID Connect, or else that of RFC 8414.
// The document must be for this issuer, apart from a slash at the end, and every address in it one that [ParseEndpoint]
// accepts. No redirect is followed. The error is a [*SendError] when the server was not reached.
func Discover(ctx context.Context, client *http.Client, issuer string) (Metadata, error) {
	u, err := parseEndpoint("the issuer", issuer)
	if err != nil {
		return Metadata{}, err
	}
	if u.RawQuery != "" {
		return Metadata{}, fmt.Errorf("the issuer at %q has a query", u.Host)
	}
	path := strings.TrimSuffix(u.Path, "/")
	oidc, rfc8414 := path+"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"+path
	document, err := fetchDocument(ctx, client, u, oidc)
	if err != nil && answered(err) {
		first := err
		if document, err = fetchDocument(ctx, client, u, rfc8414); err != nil && answered(err) {
			err = fmt.Errorf("%s has no discovery document: %w (at %s); %w (at %s)", u.Host, first, oidc, err, rfc8414)
		}
	}
	if err != nil {
		return Metadata{}, err
	}
	return parseMetadata(document, u.Host, issuer)
}

func fetchDocument(ctx context.Context, client *http.Client, issuer *url.URL, path string) ([]byte, error) {
	address := url.URL{Scheme: issuer.Scheme, Host: issuer.Host, Path: path}
	reply, err := Fetch(ctx, client, address.String(), "")
	if err != nil {
		return nil, err
	}
	return reply.Object()
}

// answered reports whether err is about a reply: another address of the same server may have a better one.
func answered(err error) bool {
	_, failed := errors.AsType[*SendError](err)
	return !failed
}

func parseMetadata(document []byte, host, issuer string) (Metadata, error) {
	var m Metadata
	if err := json.Unmarshal(document, &m); err != nil {
		return Metadata{}, fmt.Errorf("the discovery document of %s has a member of another type than RFC 8414 says", host)
	}
	switch {
	case m.Issuer == "":
		return Metadata{}, fmt.Errorf("the discovery document of %s names no issuer", host)
	case !sameIssuer(m.Issuer, issuer):
		return Metadata{}, fmt.Errorf("the discovery document of %s is for another issuer: %q instead of %q", host, m.Issuer, issuer)
	case m.Token == "":
		return Metadata{}, fmt.Errorf("the discovery document of %s names no token endpoint", host)
	}
	for _, e := range []struct{ what, address string }{
		{"the authorization endpoint", m.Authorization},
		{"the token endpoint", m.Token},
		{"the device authorization endpoint", m.Device},
		{"the revocation endpoint", m.Revocation},
		{"the introspection endpoint", m.Introspection},
		{"the userinfo endpoint", m.Userinfo},
		{"the key set", m.JWKS},
	} {
		if e.address == "" {
			continue
		}
		u, err := parseEndpoint(e.what, e.address)
		if err == nil && u.Scheme == "http" && strings.HasPrefix(issuer, "https:") {
			err = fmt.Errorf("%s is on this machine, and not at the issuer's", e.what) // a server elsewhere has no say over what runs here
		}
		if err != nil {
			return Metadata{}, fmt.Errorf("the discovery document of %s cannot be used: %w", host, err)
		}
	}
	return m, nil
}

// sameIssuer compares as RFC 8414 §3.3 says, byte for byte, but for the slash at the end that people add or forget.
func sameIssuer(a, b string) bool {
	return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/")
}
