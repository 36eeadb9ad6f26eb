package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

type tokenFlags struct {
	refresherFlags
	rejected   string
	authHeader bool
	idToken    bool
}

func (a *app) tokenCommand() *cobra.Command {
	var f tokenFlags
	cmd := &cobra.Command{
		Use:   "token TARGET",
		Short: "Print a valid access token",
		Long: `Print a valid access token and a newline on standard output, and nothing else.

A fresh token is printed as it is saved. A stale token is refreshed first. If that fails and the old
token is still valid, the old token is printed with a warning.

With --id-token it is the ID token, which kubectl, AWS and Cognito take. It is refreshed by its own
expiry, whatever that of the access token is, and --min-ttl and --rejected are about the ID token. A
login gets one with the scope openid. Some providers send no new one with a refresh.`,
		Example: `  curl -H "Authorization: Bearer $(freshet token salesforce.json)" https://...
  freshet token token.json --min-ttl 10m
  freshet token token.json --json
  kubectl --token "$(freshet token cluster --id-token)" get pods`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{
					fmt.Sprintf("unexpected argument %q: token prints one token; several could be mixed up", args[1]),
					"run it for each target; to refresh several: freshet refresh --if-stale TARGET...",
				}
			}
			return exactArgs(1)(cmd, args)
		},
		ValidArgsFunction: a.completeTargets(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return a.token(cmd, args[0], &f) },
	}
	flags := cmd.Flags()
	f.register(flags)
	f.registerChoice(flags)
	flags.BoolVar(&f.authHeader, "auth-header", false, "print a header instead: Authorization: Bearer ...")
	a.jsonFlag(flags)
	return cmd
}

// registerChoice registers the flags that say which token is wanted.
func (f *tokenFlags) registerChoice(flags *pflag.FlagSet) {
	flags.StringVar(&f.rejected, "rejected", "",
		"`FILE` with a token that the API rejected, - for standard input: print another one")
	flags.BoolVar(&f.idToken, "id-token", false,
		"ask for a valid ID token (OpenID Connect) instead of a valid access token")
}

func (a *app) token(cmd *cobra.Command, target string, f *tokenFlags) error {
	result, err := a.tokenFor(cmd, target, f)
	var unsaved *freshet.UnsavedError
	token := &result.Connection.Token
	missing := result.Outcome == "" || f.idToken && token.IDToken() == ""
	if err != nil && (!errors.As(err, &unsaved) || missing) {
		return err
	}
	switch {
	case a.json && f.idToken:
		err = a.printIDToken(&result.Connection)
	case a.json:
		err = a.printToken(&result.Connection)
	case f.authHeader && f.idToken:
		_, err = text.Fprintf(a.out, "Authorization: Bearer %s\n", token.IDToken())
	case f.idToken:
		_, err = text.Fprintln(a.out, token.IDToken())
	case f.authHeader:
		header, problem := result.Connection.Header("", nil)
		if problem != nil {
			return problem
		}
		err = printHeader(a.out, header)
	default:
		_, err = text.Fprintln(a.out, token.AccessToken())
	}
	if err != nil {
		return fmt.Errorf("writing the token to standard output: %w", err)
	}
	if unsaved != nil {
		a.explain(unsaved).print(a.err, "")
		return &exitError{exitUnsaved}
	}
	return nil
}

func printHeader(w io.Writer, header http.Header) error {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if _, err := text.Fprintf(w, "%s: %s\n", name, header.Get(name)); err != nil {
			return err
		}
	}
	return nil
}

// tokenFor returns the token for token and exec, and prints its warning.
func (a *app) tokenFor(cmd *cobra.Command, target string, f *tokenFlags) (*freshet.Result, error) {
	options := freshet.Options{IDToken: f.idToken}
	if f.rejected != "" {
		rejected, err := readSecret(f.rejected, a.in)
		if err != nil {
			return &freshet.Result{}, &usageError{"cannot read the rejected token: " + err.Error(), "check --rejected"}
		}
		if rejected == "" {
			return &freshet.Result{}, &usageError{"no rejected token: " + f.rejected + " is empty", "check --rejected"}
		}
		options.Rejected = oauth.Secret(rejected)
	}
	result, err := a.getToken(cmd.Context(), target, &f.refresherFlags, options)
	switch {
	case err != nil:
	case f.idToken:
		a.warnIDToken(result)
	default:
		a.warn(result)
		a.warnOfRefresh(target, &result.Connection)
	}
	return result, err
}

// warnOfRefresh warns a person if a setting is missing to refresh the token in a file when it expires.
// Programs are not warned each time: they get an error then.
func (a *app) warnOfRefresh(target string, c *freshet.Connection) {
	_, isTerminal := a.inputTerminal()
	if !isTerminal || !filestore.IsPath(target) || c.Token.RefreshToken() == "" || c.Expiry(time.Now()).From == "" {
		return
	}
	complete := *c
	if complete.SecretFrom != "" {
		complete.Client.Secret = "unread" // it is read when it is needed
	}
	_, err := complete.Request()
	if problem, ok := errors.AsType[*freshet.SetupError](err); ok {
		a.printWarning(target+": this token cannot be refreshed when it expires: "+problem.What,
			a.remedyFor(target, problem.Remedy))
	}
}

// tokenJSON is the output of token --json.
type tokenJSON struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	expiryJSON
	InstanceURL string `json:"instance_url,omitempty"`
}

func (a *app) printToken(c *freshet.Connection) error {
	return printJSON(a.out, tokenJSON{
		AccessToken: c.Token.AccessToken(),
		TokenType:   c.Token.Type(),
		expiryJSON:  newExpiryJSON(c.Expiry(time.Now())),
		InstanceURL: c.Token.Member("instance_url"),
	})
}

// idTokenJSON is the output of token --id-token --json.
type idTokenJSON struct {
	IDToken string `json:"id_token"`
	expiryJSON
}

func (a *app) printIDToken(c *freshet.Connection) error {
	return printJSON(a.out, idTokenJSON{c.Token.IDToken(), newExpiryJSON(c.IDTokenExpiry(time.Now()))})
}
