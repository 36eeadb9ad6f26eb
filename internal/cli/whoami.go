package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

type whoamiFlags struct {
	refresherFlags
	endpoint endpointFlag
}

func (a *app) whoamiCommand() *cobra.Command {
	f := whoamiFlags{endpoint: endpointFlag{what: "userinfo"}}
	cmd := &cobra.Command{
		Use:   "whoami TARGET",
		Short: "Show the user of a token",
		Long: `Ask the provider who the user of the token is: at its userinfo endpoint (OpenID Connect) or, for
Salesforce, at the identity URL in the token. A stale token is refreshed first, and so is one that
the provider rejects.

The values of members that may be secret are hidden.`,
		Example: `  freshet whoami acme
  freshet whoami salesforce.json --client-id 3MVG9...
  freshet whoami acme --json`,
		Args:              exactArgs(1),
		ValidArgsFunction: a.completeTargets(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.whoami(cmd.Context(), args[0], &f)
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	f.endpoint.register(flags)
	a.jsonFlag(flags)
	return cmd
}

func (a *app) whoami(ctx context.Context, target string, f *whoamiFlags) error {
	if err := f.endpoint.check(target); err != nil {
		return err
	}
	if f.secretFile == "-" {
		// The secret is needed for up to two refreshes.
		data, err := io.ReadAll(io.LimitReader(a.in, freshet.MaxDocument))
		if err != nil {
			return err
		}
		a.in = rewinder{bytes.NewReader(data)}
	}
	c, identity, err := a.identify(ctx, target, f)
	if err != nil {
		return err
	}
	d, err := disclose(identity.Members, c, slices.Concat(claims, c.ProviderInfo().Reply.Harmless))
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(a.out, whoamiJSON{target, identity.Host, d.shown, d.hidden})
	}
	return a.printIdentity(d, identity.Host)
}

// identify asks with the saved token, refreshed if it is stale. If the provider rejects it, it asks
// once more with another.
func (a *app) identify(
	ctx context.Context, target string, f *whoamiFlags,
) (freshet.Connection, freshet.Identity, error) {
	var options freshet.Options
	for {
		result, err := a.getToken(ctx, target, &f.refresherFlags, options)
		c := result.Connection
		if err != nil {
			return c, freshet.Identity{}, err
		}
		a.warn(result)
		r := a.refresher(a.store(), &f.networkFlags)
		c.Endpoints.Userinfo = cmp.Or(f.endpoint.url, c.Endpoints.Userinfo)
		identity, err := r.Identify(ctx, c)
		if !isTokenRejected(err) || options.Rejected != "" {
			return c, identity, err
		}
		options.Rejected = oauth.Secret(c.Token.AccessToken())
	}
}

func isTokenRejected(err error) bool {
	failed, ok := errors.AsType[*freshet.RefreshError](err)
	return ok && failed.Code == freshet.CodeTokenRefused
}

// whoamiJSON is the output of whoami --json. Members may be added; none changes its meaning.
type whoamiJSON struct {
	Target   string                     `json:"target"`
	Host     string                     `json:"host"`     // to which the request was sent
	Identity map[string]json.RawMessage `json:"identity"` // the members that may be shown
	Hidden   []string                   `json:"hidden"`   // the names of the others
}

// claims are those of OpenID Connect Core §5.1 and of Salesforce's identity URL that may be shown.
var claims = []string{
	"sub", "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "email",
	"email_verified", "zoneinfo", "locale", "updated_at", "upn", "hd",
	"user_id", "organization_id", "username", "display_name", "nick_name", "first_name", "last_name",
	"active", "user_type", "language", "timezone",
}

func (a *app) printIdentity(d disclosure, host string) error {
	return printFacts(a.out, "", [][2]string{
		{"account", d.text("username", "preferred_username", "upn", "email")},
		{"name", d.text("display_name", "name")},
		{"email", d.text("email")},
		{"organization", d.text("organization_id", "hd")},
		{"user id", d.text("user_id", "sub")},
		{"user type", d.text("user_type")},
		{"active", d.text("active")},
		{"language", d.text("language")},
		{"locale", d.text("locale")},
		{"time zone", d.text("timezone", "zoneinfo")},
		{"host", host},
		{"not shown", strings.Join(d.hidden, ", ")},
	}...)
}

// rewinder is a reader that starts again at the beginning after its end.
type rewinder struct{ *bytes.Reader }

func (r rewinder) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		_, _ = r.Seek(0, io.SeekStart) // cannot fail
	}
	return n, err
}
