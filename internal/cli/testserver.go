package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauthtest"
)

type testserverFlags struct {
	oauthtest.Config
	consent    string
	faults     []string
	writeToken string
}

func (a *app) testserverCommand() *cobra.Command {
	var f testserverFlags
	cmd := &cobra.Command{
		Use:   "testserver",
		Short: "Run a local authorization server for tests",
		Long: `Run a local authorization server for tests, demonstrations and work without a network. It prints
its issuer, its authorization and token endpoints, a client id, and the command that logs in to it.
With --write-token it writes a token file. It runs until it is interrupted.

Applications log in with an authorization code or a device code. A page asks for consent, unless
--consent decides. /.well-known/openid-configuration has the other endpoints. GET /testserver/stats
counts logins, refreshes, reuses of spent codes and refresh tokens, revoked grants, and requests.

--provider imitates a provider: the format of its replies, rotation, grace period, lifetimes and
client authentication. Other flags change that.

Providers: ` + strings.Join(oauthtest.Providers(), ", ") + `.

Faults: ` + strings.Join(oauthtest.FaultNames(), ", ") + `.`,
		Example: `  freshet testserver --provider salesforce --rotate --write-token t.json
  freshet testserver --addr 127.0.0.1:8080 --consent allow --redirect-uri http://127.0.0.1:9000/callback
  freshet testserver --rotate --latency 2s --fault lost:1 --fault 503:2
  freshet testserver --provider github --consent allow --write-token github.json`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.testserver(withSignals(cmd.Context()), &f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.Provider, "provider", oauthtest.Generic, "`NAME` of the provider to imitate")
	flags.StringVar(&f.consent, "consent", "page",
		"`page|allow|deny`: ask for consent on a page, or decide without asking")
	flags.Var((*repeated)(&f.RedirectURIs), "redirect-uri", "accept only this redirect `URI`; may be repeated")
	flags.BoolVar(&f.RequirePKCE, "require-pkce", false, "refuse authorization requests without a code challenge")
	positiveDurationVar(flags, &f.DeviceInterval, "device-interval", 5*time.Second,
		"how long a device must wait between two polls")
	flags.BoolVar(&f.Rotate, "rotate", false,
		"replace the refresh token at each refresh, and revoke the grant if an old one is reused")
	durationVar(flags, &f.Grace, "grace", 0,
		"how long the previous refresh token is still accepted (default the provider's, or not at all)")
	positiveDurationVar(flags, &f.TTL, "ttl", 0, "lifetime of access tokens (default the provider's, or 1h)")
	durationVar(flags, &f.Latency, "latency", 0, "delay of each reply; the refresh token is replaced before")
	flags.BoolVar(&f.RequireSecret, "require-secret", false, "refuse clients that do not authenticate")
	flags.StringVar(&f.Addr, "addr", "127.0.0.1:0", "loopback `ADDRESS` to listen on; port 0 means any free port")
	flags.StringVar(&f.writeToken, "write-token", "", "write a token to `FILE`")
	flags.Var((*repeated)(&f.faults), "fault",
		"`NAME[:COUNT]`: apply a fault to the next COUNT replies, or to all; may be repeated")
	return cmd
}

// complete checks the flags and sets the consent and the faults.
func (f *testserverFlags) complete() error {
	if known := oauthtest.Providers(); !slices.Contains(known, f.Provider) {
		return &usageError{
			fmt.Sprintf("the test server cannot imitate %q", f.Provider),
			"choose one of " + strings.Join(known, ", "),
		}
	}
	switch f.consent {
	case "page":
	case oauthtest.Allow, oauthtest.Deny:
		f.Consent = f.consent
	default:
		return &usageError{"invalid --consent " + f.consent, "pass page, allow or deny"}
	}
	for _, text := range f.faults {
		fault, err := oauthtest.ParseFault(text)
		if err != nil {
			return &usageError{err.Error(), "freshet help testserver shows the flags"}
		}
		f.Faults = append(f.Faults, fault)
	}
	host, _, err := net.SplitHostPort(f.Addr)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return &usageError{
			fmt.Sprintf("--addr %s is not a loopback address", f.Addr),
			"pass one such as 127.0.0.1:8080, because the test server's secrets are public",
		}
	}
	return nil
}

func (a *app) testserver(ctx context.Context, f *testserverFlags) error {
	if err := f.complete(); err != nil {
		return err
	}
	server, err := listen(f.Config)
	if err != nil {
		return err
	}
	defer server.Close()
	if f.writeToken != "" {
		if err := writeTestToken(f.writeToken, server.Document()); err != nil {
			return err
		}
	}
	lines := testserverLines(server, f.Provider)
	// One write: a program may read what it needs and close its end.
	if _, err := text.Fprintf(a.out, strings.Repeat("%s\n", len(lines)), lines...); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// testserverLines returns what a program needs to use the server, and what a person types to log in.
func testserverLines(server *oauthtest.Server, provider string) []any {
	lines := []any{
		"issuer: " + server.URL(),
		"authorization endpoint: " + server.AuthorizationEndpoint(),
		"token endpoint: " + server.TokenEndpoint(),
		"client id: " + server.ClientID(),
	}
	if server.RequiresSecret() {
		lines = append(lines, "client secret: "+server.ClientSecret())
	}
	lines = append(lines, "to log in, in another terminal:")
	if server.RequiresSecret() {
		set := "export"
		if runtime.GOOS == "windows" {
			set = "set"
		}
		lines = append(lines, "  "+set+" FRESHET_CLIENT_SECRET="+server.ClientSecret())
	}
	if provider == oauthtest.Generic {
		provider = "example" // the name of a connection is needed, which no provider has
	}
	return append(lines,
		"  freshet login "+provider+" --issuer "+server.URL()+" --client-id "+server.ClientID(),
		"Ctrl-C ends it")
}

// listen starts the server. Its constructor panics on errors, like that of httptest.
func listen(config oauthtest.Config) (server *oauthtest.Server, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &freshet.SetupError{
				What: strings.TrimPrefix(fmt.Sprint(p), "oauthtest: "), Remedy: "choose another --addr",
			}
		}
	}()
	return oauthtest.NewServer(config), nil
}

// writeTestToken writes the document to path. It overwrites only files of a test server, because
// others could be real tokens.
func writeTestToken(path string, document []byte) error {
	old, err := os.ReadFile(path)
	if err == nil {
		token, err := freshet.ParseToken(old)
		if err != nil || !oauthtest.IsTestToken(token.AccessToken()) {
			return &freshet.SetupError{
				Name: path, What: "the file exists and is not from a test server",
				Remedy: "choose another name for --write-token",
			}
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	next := path + ".new"
	err = os.WriteFile(next, document, 0o600)
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return &freshet.SetupError{
			Name: path, What: "cannot write the token: " + err.Error(),
			Remedy: cmp.Or(fileRemedy(err), "give --write-token a file in a directory that exists"), Err: err,
		}
	}
	return nil
}
