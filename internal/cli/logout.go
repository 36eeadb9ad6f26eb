package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

type logoutFlags struct {
	networkFlags
	revoke bool
	yes    bool
}

func (a *app) logoutCommand() *cobra.Command {
	var f logoutFlags
	cmd := &cobra.Command{
		Use:   "logout NAME",
		Short: "Delete a connection from this machine",
		Long: `Delete a connection: its token, its settings and its history. freshet asks for confirmation; if
standard input is not a terminal, --yes is required.

The grant at the provider stays valid. With --revoke, freshet revokes it first, and if that fails it
deletes nothing. A token file that is shared with other programs and a client secret in the keyring
are kept.`,
		Example: `  freshet logout acme
  freshet logout acme --revoke
  freshet logout acme --yes`,
		Args:              rangeArgs(1, 1, "the name is missing: which connection?"),
		ValidArgsFunction: completeNames(1, a.connectionNames, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.logout(cmd.Context(), args[0], &f)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.revoke, "revoke", false, "revoke the grant at the provider first")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask for confirmation")
	f.register(flags)
	return cmd
}

func (a *app) logout(ctx context.Context, name string, f *logoutFlags) error {
	store := a.store()
	c, readErr, err := a.readForLogout(ctx, store, name)
	if err != nil {
		return err
	}
	grant := grantState(c, readErr)
	if !f.yes {
		if err := a.confirmLogout(ctx, name, grant, f.revoke); err != nil {
			return err
		}
	}
	if f.revoke && grant != grantRevoked && grant != grantNone {
		if readErr != nil {
			return fmt.Errorf("%w; %s was not deleted", readErr, name)
		}
		ended, err := a.revokeGrant(ctx, store, name, &f.networkFlags)
		if err != nil {
			return fmt.Errorf("%w; %s was not deleted", err, name)
		}
		text.Fprintln(a.err, ended.sentence(name))
		ended.warn(a, name)
		grant = grantRevoked
	}
	ctx, cancel := context.WithTimeout(withSignals(ctx), freshet.DefaultTimeout)
	defer cancel()
	if err := store.Delete(ctx, name); err != nil {
		return err
	}
	if path, ok := ownSecret(c.SecretFrom); ok {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("deleted %s, but not its client secret: %w", name, err)
		}
	}
	text.Fprintf(a.err, "deleted %s: %s\n", name, grant)
	if c.TokenFile != "" {
		text.Fprintf(a.err, "the token file is kept: %s\n", c.TokenFile)
	}
	if entry, ok := strings.CutPrefix(c.SecretFrom, "keyring:"); ok {
		text.Fprintf(a.err, "the client secret is kept in the keyring; "+
			"to remove it: freshet secret %s --remove\n", entry)
	}
	return nil
}

// readForLogout reads a connection. readErr is the error of a connection that exists but cannot be
// read; it can be deleted all the same.
func (a *app) readForLogout(
	ctx context.Context, store *filestore.Store, name string,
) (c freshet.Connection, readErr, err error) {
	if filestore.IsPath(name) {
		return c, nil, &usageError{
			fmt.Sprintf("logout deletes connections, and %s is a file", name),
			fmt.Sprintf("to revoke its grant: freshet revoke %s; then delete the file yourself", name),
		}
	}
	if err := checkTarget(name); err != nil {
		return c, nil, err
	}
	names, err := store.Names()
	if err != nil {
		return c, nil, err
	}
	c, readErr = store.Get(ctx, name)
	if !slices.Contains(names, name) {
		return c, nil, readErr // the error that there is no such connection
	}
	return c, readErr, nil
}

// What is known about the grant of a deleted connection.
const (
	grantValid   = "the grant is still valid at the provider; revoke it there, or next time use freshet logout --revoke"
	grantRevoked = "its grant was revoked"
	grantRefused = "the provider no longer accepted its refresh token"
	grantNone    = "it had no token"
	grantExpired = "its access token had expired, and it had no refresh token"
	grantClient  = "its access token is valid until it expires; next time use freshet logout --revoke"
	grantUnknown = "it could not be read, so its grant may still be valid at the provider"
)

func grantState(c freshet.Connection, readErr error) string {
	switch {
	case readErr != nil:
		return grantUnknown
	case c.Revoked():
		return grantRevoked
	case c.Token.AccessToken() == "" && c.Token.RefreshToken() == "":
		return grantNone
	case c.CurrentHealth().LoginRequired:
		return grantRefused
	case isOwnClient(c) && hasExpired(c):
		return "its access token had expired"
	case isOwnClient(c):
		return grantClient
	case c.Token.RefreshToken() == "" && hasExpired(c):
		return grantExpired
	default:
		return grantValid
	}
}

// hasExpired reports whether the access token is known to have expired.
func hasExpired(c freshet.Connection) bool {
	now := time.Now()
	e := c.Expiry(now)
	return e.From != "" && !e.At.After(now)
}

// confirmLogout asks for confirmation, and returns an error unless the answer is yes.
func (a *app) confirmLogout(ctx context.Context, name, grant string, revoke bool) error {
	if _, ok := a.inputTerminal(); !ok {
		return &usageError{"not a terminal: cannot ask whether to delete " + name, "pass --yes to confirm"}
	}
	if grant == grantValid && !revoke {
		text.Fprintf(a.err, "the grant of %s is still valid at the provider; "+
			"to revoke it, answer no and run freshet revoke %[1]s\n", name)
	}
	question := "delete %s from this machine?"
	if revoke {
		question = "revoke the grant of %s at the provider, and delete it from this machine?"
	}
	return a.askYesNo(ctx, fmt.Sprintf(question, name), name+" was not deleted")
}

// askYesNo asks a question on the terminal. Unless the answer is yes, it says the outcome and returns
// an error.
func (a *app) askYesNo(ctx context.Context, question, outcome string) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	cancelOnSignal(stop)
	text.Fprintf(a.err, "%s [y/N] ", question)
	answers := make(chan string, 1)
	go func() {
		answer, err := bufio.NewReader(a.in).ReadString('\n')
		if err != nil {
			text.Fprintln(a.err)
		}
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case answer := <-answers:
		if answer == "y" || answer == "yes" {
			return nil
		}
		text.Fprintln(a.err, outcome)
		return &exitError{exitFailed}
	case <-ctx.Done():
		text.Fprintln(a.err)
		if interrupted := interruption(ctx); interrupted != nil {
			return &interruptError{signal: interrupted.signal, outcome: outcome}
		}
		return context.Cause(ctx)
	}
}
