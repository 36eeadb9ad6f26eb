package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// prepare determines the connection and its new registration. It reads the client secret, so that
// errors are reported before the user logs in.
func (l *loginRun) prepare(ctx context.Context, arg string) error {
	if isAddress(l.name) {
		return l.addressForName()
	}
	if filestore.IsPath(l.name) {
		return &usageError{
			fmt.Sprintf("login needs the name of a connection, and %s is a file", l.name),
			"choose a name; to keep its token in the file: freshet login NAME --token-file " + l.name,
		}
	}
	if err := checkTarget(l.name); err != nil {
		return err
	}
	c, err := l.store.Get(ctx, l.name)
	switch {
	case err == nil:
		l.known, l.registration, l.tokenFile = true, remembered(c), c.TokenFile
	case !errors.Is(err, freshet.ErrNotFound) || slices.Contains(l.connectionNames(), l.name):
		return cmp.Or(l.store.Prepare(), err) // the connection exists, but cannot be read
	}
	if err := l.checkSavable(ctx); err != nil {
		return err
	}
	given, err := l.flags.registration(l.in) // it may be typed
	if err != nil {
		return err
	}
	if err := l.change(given, arg); err != nil {
		return err
	}
	if err := l.locate(ctx); err != nil {
		return err
	}
	if r := l.registration; r.Provider == "" && r.Definition == nil && r.Endpoints == (oauth.Endpoints{}) {
		return l.unknownServer(arg)
	}
	if err := l.chooseSecret(given, c); err != nil {
		return err
	}
	return l.readSecret(ctx)
}

// checkSavable returns the error that would prevent saving the token and the client secret. It runs
// before a person types a secret or logs in.
func (l *loginRun) checkSavable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, freshet.DefaultTimeout)
	defer cancel()
	err := l.chooseTokenFile()
	switch {
	case err != nil:
	case l.known:
		err = l.store.CheckSavable(ctx, l.name)
	default:
		if err = l.store.Prepare(); err == nil && l.tokenFile != "" {
			err = l.checkTokenFile(ctx)
		}
	}
	if err != nil || l.flags.secretFile != "-" {
		return err
	}
	path, err := writeSecret(l.name, "")
	if err != nil {
		return errSecretNotSaved(err)
	}
	return os.Remove(path)
}

// checkTokenFile is checkSavable for the token file of a new connection.
func (l *loginRun) checkTokenFile(ctx context.Context) error {
	if _, err := os.Stat(l.tokenFile); err == nil {
		return l.store.CheckSavable(ctx, l.tokenFile)
	}
	dir := filepath.Dir(l.tokenFile)
	for { // the first that exists: the others will be created in it
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, ".freshet-*")
	if err != nil {
		return l.errTokenFile(err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// remembered returns the registration of c, with the client id, the provider and the issuer that
// are known only from its token.
func remembered(c freshet.Connection) freshet.Registration {
	r := c.Registration
	r.Client.ID = cmp.Or(r.Client.ID, c.Token.Member("client_id"))
	if p := c.ProviderInfo(); p != provider.Generic() && r.Definition == nil {
		r.Provider = p.Name
	}
	if r.Endpoints.Token == "" {
		r.Endpoints.Issuer = cmp.Or(r.Endpoints.Issuer, c.ResolvedEndpoints().Issuer)
	}
	return r
}

// change applies the flags and the argument to the registration.
func (l *loginRun) change(given freshet.Registration, arg string) error {
	before := l.registration
	var err error
	if l.registration, err = l.flags.apply(l.registration, given); err != nil {
		return err
	}
	if err := l.flags.checkAddresses(l.registration.InsecureHosts); err != nil {
		return err
	}
	if l.flags.provider == "" && (!l.known || arg != l.name) && arg != provider.Generic().Name {
		if _, err := provider.Lookup(arg); !errors.Is(err, provider.ErrUnknown) {
			l.registration.Provider, l.registration.Definition = arg, nil
		}
	}
	if err := checkProvider(l.registration); err != nil {
		return err // the user's own provider file cannot be used
	}
	isOther := before.Provider != "" && l.registration.Provider != before.Provider ||
		before.Definition != nil && l.registration.Definition == nil
	if isOther {
		l.registration.Endpoints, l.registration.AuthMethods = oauth.Endpoints{}, oauth.AuthMethods{} // of the other provider
	}
	return nil
}

// addressForName returns the error for an address in place of a name.
func (l *loginRun) addressForName() error {
	name := "NAME"
	if p := provider.Recognize(func(string) string { return "" }, l.name); p != provider.Generic() {
		name = p.Name
	}
	return &usageError{
		l.name + " is an address; login needs the name of a provider or connection",
		"to log in at this server: freshet login " + name + " --issuer " + shellQuote(l.name),
	}
}

// unknownServer returns the error for a login without a provider or endpoints.
func (l *loginRun) unknownServer(arg string) error {
	if l.known {
		return &freshet.SetupError{
			Name: l.name, Kind: oauth.Misconfigured, What: "this connection has no authorization server",
			Remedy: "{set issuer}, or {set authorize_url token_url}",
		}
	}
	return &usageError{
		fmt.Sprintf("no connection or provider named %q", arg),
		fmt.Sprintf("%s; for another: freshet login %s --issuer https://..., or with --authorize-url and --token-url",
			suggestLogin(arg, l.connectionNames()), l.name),
	}
}

// locate sets the endpoints. Those of the flags come first. The others follow from the issuer if
// the provider has the same paths on each of its servers, otherwise they are in its metadata.
func (l *loginRun) locate(ctx context.Context) error {
	r := &l.registration
	if issuer := strings.TrimSuffix(l.flags.issuer, "/"); issuer != "" {
		r.Endpoints, r.AuthMethods = oauth.Endpoints{Issuer: issuer}, oauth.AuthMethods{}
		if endpoints.FollowFrom((&freshet.Connection{Registration: *r}).ProviderInfo(), issuer) {
			if err := l.checkIssuer(ctx); err != nil {
				return err
			}
		} else {
			metadata, err := l.discover(ctx)
			if err != nil {
				return err
			}
			r.Endpoints, r.AuthMethods = metadata.Endpoints, metadata.AuthMethods
			r.Login.RequireIssuer = metadata.IssParameter
		}
	}
	before := tokenHost(*r)
	if named := text.Host(l.flags.tokenURL); named != "" && named != before {
		// The other endpoints belong to another server, which must not get the tokens of this one.
		r.Endpoints, r.AuthMethods, r.Login.RequireIssuer = oauth.Endpoints{}, oauth.AuthMethods{}, false
	}
	r.Endpoints.Authorization = cmp.Or(l.flags.authorizeURL, r.Endpoints.Authorization)
	r.Endpoints.Token = cmp.Or(l.flags.tokenURL, r.Endpoints.Token)
	r.Endpoints.Device = cmp.Or(l.flags.deviceURL, r.Endpoints.Device)
	r.Endpoints.Revocation = cmp.Or(l.flags.revocationURL, r.Endpoints.Revocation)
	r.Endpoints.Introspection = cmp.Or(l.flags.introspectionURL, r.Endpoints.Introspection)
	r.Endpoints.Userinfo = cmp.Or(l.flags.userinfoURL, r.Endpoints.Userinfo)
	*r = login.Complete(*r)
	return nil
}

// checkIssuer returns an error if no authorization server is at the issuer, whose endpoints are known:
// the login would wait for a person, in vain. What else is wrong with its metadata does not matter.
func (l *loginRun) checkIssuer(ctx context.Context) error {
	if !l.loggingIn {
		return nil // freshet set asks no one
	}
	_, err := l.discover(ctx)
	_, unsent := errors.AsType[*oauth.SendError](err)
	_, unusable := errors.AsType[*oauth.UnusableError](err)
	refused, ok := errors.AsType[*oauth.Error](err)
	if unsent || unusable || ok && (refused.Status == http.StatusNotFound || refused.Status == http.StatusGone) {
		return err
	}
	return nil
}

// discover reads the metadata of the issuer (RFC 8414, OpenID Connect Discovery).
func (l *loginRun) discover(ctx context.Context) (oauth.Metadata, error) {
	client, err := l.client()
	if err != nil {
		return oauth.Metadata{}, err
	}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, freshet.ExchangeTimeout)
	defer cancel()
	metadata, err := oauth.Discover(ctx, client, l.flags.issuer, l.registration.InsecureHosts...)
	if err == nil {
		return metadata, nil
	}
	p := &freshet.SetupError{
		Kind: oauth.Misconfigured, What: "cannot discover the provider's endpoints: " + err.Error(),
		Remedy: "check --issuer, or pass the endpoints with --authorize-url and --token-url", Err: err,
	}
	if _, unsent := errors.AsType[*oauth.SendError](err); unsent {
		p.Kind = oauth.Temporary
		p.Remedy = "check the network, the proxy (HTTPS_PROXY) and --issuer, then run the same command again"
	}
	return metadata, p
}

// client returns a new HTTP client for the requests of this process, such as discovery. It has the
// proxy and the CA file of the registration, and writes the trace. The exchange of the code has a
// client of its own, in the child process.
func (l *loginRun) client() (*http.Client, error) {
	client, err := oauth.HTTPConfig{Proxy: l.registration.Proxy, CAFile: l.registration.CAFile}.Client()
	if err != nil {
		return nil, &freshet.SetupError{
			Kind: oauth.Misconfigured, What: err.Error(), Remedy: "check --proxy and --ca-file", Err: err,
		}
	}
	if l.trace != nil {
		client.Transport = &oauth.Trace{Transport: client.Transport, Out: l.trace, Harmless: []string{
			// Metadata (RFC 8414 §2) and the reply to a device authorization request (RFC 8628 §3.2).
			"issuer", "authorization_endpoint", "token_endpoint", "device_authorization_endpoint",
			"revocation_endpoint", "introspection_endpoint", "userinfo_endpoint", "jwks_uri",
			"verification_uri", "verification_url",
		}}
	}
	return client, nil
}

// chooseTokenFile sets the token file of a new connection. An existing connection keeps its own.
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
			fmt.Sprintf("the token of connection %s is in another file already", l.name),
			"leave --token-file out, or create another connection with --name",
		}
	}
	l.tokenFile = path
	return nil
}
