package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// prepare works out which connection is meant and what it will be, and reads its client secret before anybody is bothered.
func (l *loginRun) prepare(ctx context.Context, arg string) error {
	if filestore.IsPath(l.name) {
		return &usageError{
			fmt.Sprintf("login makes connections, and %s is a file", l.name),
			"choose a name, and to keep its token in that file: freshet login NAME --token-file " + l.name,
		}
	}
	if err := checkTarget(l.name); err != nil {
		return err
	}
	given, err := l.flags.registration(l.in)
	if err != nil {
		return err
	}
	if err := l.store.Prepare(); err != nil {
		return err
	}
	c, err := l.store.Get(ctx, l.name)
	switch {
	case err == nil:
		l.known, l.registration, l.tokenFile = true, remembered(c), c.TokenFile
	case !errors.Is(err, freshet.ErrNotFound) || slices.Contains(l.connectionNames("", nil), l.name):
		return err // it is there, and cannot be read
	}
	if err := l.change(given, arg); err != nil {
		return err
	}
	if err := l.locate(ctx); err != nil {
		return err
	}
	if l.registration.Provider == "" && l.registration.Endpoints == (oauth.Endpoints{}) {
		return l.unknown(arg)
	}
	if err := l.chooseTokenFile(); err != nil {
		return err
	}
	if err := l.chooseSecret(given, c); err != nil {
		return err
	}
	return l.readSecret(ctx)
}

// remembered is what a login needs to know of a connection, also of one whose token says more than its registration.
func remembered(c freshet.Connection) freshet.Registration {
	r := c.Registration
	r.Client.ID = cmp.Or(r.Client.ID, c.Token.Member("client_id"))
	if vendor := c.Vendor(); vendor != provider.Generic() {
		r.Provider = vendor.Name
	}
	if r.Endpoints.Token == "" {
		r.Endpoints.Issuer = cmp.Or(r.Endpoints.Issuer, c.Addresses().Issuer)
	}
	return r
}

// change makes the registration what the flags and the argument say.
func (l *loginRun) change(given freshet.Registration, arg string) error {
	before := l.registration.Provider
	var err error
	if l.registration, err = l.flags.change(l.registration, given); err != nil {
		return err
	}
	if l.flags.provider == "" && (!l.known || arg != l.name) && arg != provider.Generic().Name {
		if _, err := provider.Lookup(arg); !errors.Is(err, provider.ErrUnknown) {
			l.registration.Provider = arg
		}
	}
	if err := checkProvider(l.registration); err != nil {
		return err // a file of the user's that cannot be used
	}
	if before != "" && l.registration.Provider != before {
		l.registration.Endpoints = oauth.Endpoints{} // were another vendor's
	}
	return nil
}

func (l *loginRun) unknown(arg string) error {
	if l.known {
		return &freshet.Problem{
			Name: l.name, Kind: oauth.Misconfigured, What: "this connection does not know where people log in",
			Remedy: "say so: freshet login " + l.name + " --issuer https://..., or with --authorize-url and --token-url",
		}
	}
	return &usageError{
		fmt.Sprintf("there is neither a connection nor a provider named %q", arg),
		fmt.Sprintf("%s; for another: freshet login %s --issuer https://..., or with --authorize-url and --token-url",
			whichProviders(arg), l.name),
	}
}

// locate finds out where the server's endpoints are: those that the flags name, those that follow from the issuer for a
// vendor that has them everywhere at the same paths, or those that the issuer publishes.
func (l *loginRun) locate(ctx context.Context) error {
	r := &l.registration
	if issuer := strings.TrimSuffix(l.flags.issuer, "/"); issuer != "" {
		r.Endpoints = oauth.Endpoints{Issuer: issuer}
		// Who names a server wants what that one says of itself, unless the vendor's addresses follow from the issuer.
		if !(freshet.Connection{Registration: *r}).Vendor().FollowsFrom(issuer) {
			metadata, err := l.discover(ctx)
			if err != nil {
				return err
			}
			r.Endpoints, r.Login.RequireIssuer = metadata.Endpoints, metadata.IssParameter
		}
	}
	before := tokenHost(*r)
	if named := hostOf(l.flags.tokenURL); named != "" && named != before {
		r.Endpoints, r.Login.RequireIssuer = oauth.Endpoints{}, false // were another server's: it must not get this one's tokens
	}
	l.flags.nameEndpoints(&r.Endpoints)
	*r = login.Complete(*r)
	return nil
}

func (l *loginRun) discover(ctx context.Context) (oauth.Metadata, error) {
	client, err := l.client()
	if err != nil {
		return oauth.Metadata{}, err
	}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, freshet.ExchangeTimeout)
	defer cancel()
	metadata, err := oauth.Discover(ctx, client, l.flags.issuer)
	if err == nil {
		return metadata, nil
	}
	p := &freshet.Problem{
		Kind: oauth.Misconfigured, What: "the endpoints of the provider cannot be looked up: " + err.Error(),
		Remedy: "check --issuer, or name the endpoints with --authorize-url and --token-url", Err: err,
	}
	if _, unsent := errors.AsType[*oauth.SendError](err); unsent {
		p.Kind, p.Remedy = oauth.Temporary, "check the network, the proxy (HTTPS_PROXY) and --issuer, then try again"
	}
	return metadata, p
}

// client returns a new HTTP client for the requests of this process, such as discovery. It has the
// proxy and the CA file of the registration, and writes the trace. The exchange of the code has a
// client of its own, in the child process.
func (l *loginRun) client() (*http.Client, error) {
	client, err := oauth.HTTPConfig{Proxy: l.registration.Proxy, CAFile: l.registration.CAFile}.Client()
	if err != nil {
		return nil, &freshet.Problem{Kind: oauth.Misconfigured, What: err.Error(), Remedy: "check --proxy and --ca-file", Err: err}
	}
	if l.trace != nil {
		client.Transport = &oauth.Trace{Transport: client.Transport, Out: l.trace, Harmless: metadataMembers}
	}
	return client, nil
}

// metadataMembers are what a trace of the look-up is wanted for (RFC 8414 §2).
var metadataMembers = []string{
	"issuer", "authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "revocation_endpoint",
	"introspection_endpoint", "userinfo_endpoint", "jwks_uri", "verification_uri", "verification_url",
}

// chooseTokenFile is for a new connection: one that exists keeps its place.
func (l *loginRun) chooseTokenFile() error {
	if l.flags.tokenFile == "" {
		return nil
	}
	path, err := filepath.Abs(l.flags.tokenFile)
	if err != nil {
		return err
	}
	if l.known && path != l.tokenFile {
		return &usageError{
			fmt.Sprintf("the connection %s keeps its token elsewhere already", l.name),
			"leave --token-file out, or make another connection with --name",
		}
	}
	l.tokenFile = path
	return nil
}

// hostOf is the host of an address, for people; "" when it has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
