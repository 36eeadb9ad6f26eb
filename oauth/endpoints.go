package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/urls"
)

// Endpoints are the addresses of an authorization server, named as in RFC 8414 §2. An empty one is
// unknown.
type Endpoints struct {
	redact.Hidden

	Issuer        string `json:"issuer,omitempty"`
	Authorization string `json:"authorization_endpoint,omitempty"`
	Token         string `json:"token_endpoint,omitempty"`
	Device        string `json:"device_authorization_endpoint,omitempty"`
	Revocation    string `json:"revocation_endpoint,omitempty"`
	Introspection string `json:"introspection_endpoint,omitempty"`
	Userinfo      string `json:"userinfo_endpoint,omitempty"`
	JWKS          string `json:"jwks_uri,omitempty"`
}

// Metadata is what an authorization server publishes about itself (RFC 8414 §2, OpenID Connect
// Discovery 1.0 §3).
type Metadata struct {
	Endpoints
	AuthMethods
	CodeChallengeMethods []string `json:"code_challenge_methods_supported,omitempty"`
	ResponseTypes        []string `json:"response_types_supported,omitempty"`
	Scopes               []string `json:"scopes_supported,omitempty"`
	IssParameter         bool     `json:"authorization_response_iss_parameter_supported,omitempty"` // RFC 9207
}

// Discover fetches the metadata of an issuer. It tries the well-known paths of OpenID Connect
// and RFC 8414, and uses the first JSON object that it gets. That must name the issuer, with or without a trailing
// slash, and its addresses must be https, unless the issuer is http: then they may be on its own
// loopback host, or on one of insecureHosts ([Request.InsecureHosts]), too. Redirects are not
// followed. The error is a [*SendError] if no reply was received.
func Discover(
	ctx context.Context, client *http.Client, issuer string, insecureHosts ...string,
) (Metadata, error) {
	u, err := urls.Parse("the issuer", issuer, insecureHosts...)
	if err != nil {
		return Metadata{}, err
	}
	if u.RawQuery != "" {
		return Metadata{}, fmt.Errorf("the issuer at %q has a query", u.Host)
	}
	var missing []missingDocument
	for _, path := range wellKnown(u.Path) {
		document, err := fetchDocument(ctx, client, u, path, insecureHosts)
		if err == nil {
			return parseMetadata(document, u, issuer, insecureHosts)
		}
		if !hasReply(err) {
			return Metadata{}, err
		}
		if last := len(missing) - 1; last >= 0 && missing[last].err.Error() == err.Error() {
			missing[last].paths += ", " + path
		} else {
			missing = append(missing, missingDocument{path, err})
		}
	}
	return Metadata{}, &undiscoveredError{u.Host, missing}
}

// wellKnown returns the paths at which the metadata of an issuer may be, given the issuer's path:
//
//   - the one of OpenID Connect Discovery 1.0 §4, appended to the issuer's path;
//   - the one of RFC 8414 §3.1, inserted before it;
//   - the one of OpenID Connect, inserted before it (RFC 8414 §5);
//   - the inserted ones with the slash at the end of the issuer, which the RFC removes and some
//     servers keep.
func wellKnown(issuerPath string) []string {
	const oidc, rfc8414 = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
	path := strings.TrimSuffix(issuerPath, "/")
	paths := []string{path + oidc, rfc8414 + path}
	if path != "" {
		paths = append(paths, oidc+path)
		if path != issuerPath {
			paths = append(paths, rfc8414+issuerPath, oidc+issuerPath)
		}
	}
	return paths
}

// missingDocument is why there is no metadata at some paths.
type missingDocument struct {
	paths string
	err   error
}

// undiscoveredError says at which paths a host has no metadata, and why.
type undiscoveredError struct {
	host    string
	missing []missingDocument
}

func (e *undiscoveredError) Error() string {
	var causes []string
	for _, m := range e.missing {
		causes = append(causes, fmt.Sprintf("%v (at %s)", m.err, m.paths))
	}
	return e.host + " has no discovery document: " + strings.Join(causes, "; ")
}

func (e *undiscoveredError) Unwrap() (all []error) {
	for _, m := range e.missing {
		all = append(all, m.err)
	}
	return all
}

// fetchDocument gets a document. If the server closes the connection without a reply, it tries once
// more: a server may have closed an idle connection, and a GET without a token can be repeated.
func fetchDocument(
	ctx context.Context, client *http.Client, issuer *url.URL, path string, insecureHosts []string,
) ([]byte, error) {
	address := url.URL{Scheme: issuer.Scheme, Host: issuer.Host, Path: path}
	reply, err := Fetch(ctx, client, address.String(), "", insecureHosts...)
	if isClosed(err) {
		reply, err = Fetch(ctx, client, address.String(), "", insecureHosts...)
	}
	if err != nil {
		return nil, err
	}
	return reply.Object()
}

// isClosed reports whether err is that the server closed the connection without a reply.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE)
}

// hasReply reports whether err is about a reply, so that another path on the server is worth
// trying.
func hasReply(err error) bool {
	_, failed := errors.AsType[*SendError](err)
	return !failed
}

// parseMetadata parses the document of the issuer, whose URL is at.
func parseMetadata(document []byte, at *url.URL, issuer string, insecureHosts []string) (Metadata, error) {
	fault := func(format string, args ...any) (Metadata, error) {
		return Metadata{}, fmt.Errorf("the discovery document of %s %w", at.Host, fmt.Errorf(format, args...))
	}
	var m Metadata
	switch err := json.Unmarshal(document, &m); {
	case err != nil:
		return fault("has a member of another type than RFC 8414 says")
	case m.Issuer == "":
		return fault("names no issuer")
	case !urls.SameIssuer(m.Issuer, issuer):
		return fault("is for another issuer: %q instead of %q", m.Issuer, issuer)
	case m.Token == "":
		return fault("names no token endpoint")
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
		if err := checkEndpoint(e.what, e.address, at, insecureHosts); err != nil {
			return fault("cannot be used: %w", err)
		}
	}
	if len(m.AtToken) == 0 {
		m.AtToken = []string{clientSecretBasic} // the default of RFC 8414 §2
	}
	return m, nil
}

// checkEndpoint checks an endpoint in the metadata of an issuer. The document adds no way to send
// secrets unencrypted: an endpoint of an https issuer is https.
func checkEndpoint(what, address string, issuer *url.URL, insecureHosts []string) error {
	u, err := urls.Parse(what, address, insecureHosts...)
	switch {
	case err != nil:
		return err
	case u.Scheme == "https":
		return nil
	case urls.IsLoopback(u.Hostname()) && (issuer.Scheme == "https" || !urls.IsLoopback(issuer.Hostname())):
		// A remote server must not direct secrets to a program on this machine.
		return fmt.Errorf("%s is on this machine, and not on the issuer's", what)
	case issuer.Scheme == "https":
		return fmt.Errorf("%s is on %s with http, and the issuer has https", what, u.Host)
	}
	return nil
}
