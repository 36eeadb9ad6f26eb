package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
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
		Short: "Forget a connection here",
		Long: `Forget a connection: its token, its registration and its history. It asks before; without a terminal it wants --yes.

The grant at the provider lives on, unless --revoke ends it first; if that fails, nothing is forgotten. What is not freshet's own
stays: a token file that the connection shares with other programs, and a client secret in the keyring.`,
		Example: `  freshet logout acme
  freshet logout acme --revoke
  freshet logout acme --yes`,
		Args: rangeArgs(1, 1, "the name is missing: which connection?"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return a.connectionNames(toComplete, args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.logout(cmd.Context(), args[0], &f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.revoke, "revoke", false, "end the grant at the provider first")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	f.register(flags)
	return cmd
}

func (a *app) logout(ctx context.Context, name string, f *logoutFlags) error {
	store := a.store()
	c, unread, err := a.leaving(ctx, store, name)
	if err != nil {
		return err
	}
	grant := remaining(c, unread)
	if !f.yes {
		if err := a.confirm(name, grant, f.revoke); err != nil {
			return err
		}
	}
	if f.revoke && grant != grantRevoked && grant != grantNone {
		if unread != nil {
			return fmt.Errorf("%w; %s was not forgotten", unread, name)
		}
		ended, err := a.endGrant(ctx, store, name, &f.networkFlags)
		if err != nil {
			return fmt.Errorf("%w; %s was not forgotten", err, name)
		}
		text.Fprintln(a.err, ended.sentence(name))
		ended.warn(a, name)
		grant = grantRevoked
	}
	ctx, cancel := context.WithTimeout(withSignals(ctx), freshet.DefaultPatience)
	defer cancel()
	if err := store.Delete(ctx, name); err != nil {
		return err
	}
	if path, ok := ownSecret(c.SecretFrom); ok {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("forgot %s, but not its client secret: %w", name, err)
		}
	}
	text.Fprintf(a.err, "forgot %s: %s\n", name, grant)
	a.tellWhatStays(c)
	return nil
}

// leaving reads the connection that is to be forgotten. unread says why it could not be read; it can be forgotten all the same.
func (a *app) leaving(ctx context.Context, store *filestore.Store, name string) (c freshet.Connection, unread, err error) {
	if filestore.IsPath(name) {
		return c, nil, &usageError{
			fmt.Sprintf("logout forgets connections, and %s is a file: freshet does not delete what is not its own", name),
			fmt.Sprintf("to end its grant: freshet revoke %s; then delete it yourself", name),
		}
	}
	if err := checkTarget(name); err != nil {
		return c, nil, err
	}
	names, err := store.Names()
	if err != nil {
		return c, nil, err
	}
	c, unread = store.Get(ctx, name)
	if !slices.Contains(names, name) {
		return c, nil, unread // which says that there is none
	}
	return c, unread, nil
}

// What is left of a grant at the provider when its connection is forgotten, as far as it is known here.
const (
	grantLives   = "its grant still lives at the provider, where its settings can end it; next time: freshet logout --revoke"
	grantRevoked = "its grant was revoked"
	grantRefused = "the provider no longer accepted its refresh token"
	grantNone    = "it had no token"
	grantUnread  = "it could not be read, so that its grant may still live at the provider"
)

func remaining(c freshet.Connection, unread error) string {
	switch {
	case unread != nil:
		return grantUnread
	case c.Revoked():
		return grantRevoked
	case c.Token.AccessToken() == "" && c.Token.RefreshToken() == "":
		return grantNone
	case c.CurrentHealth().LoginRequired:
		return grantRefused
	default:
		return grantLives
	}
}

// confirm asks a person, and returns an error unless the answer is yes.
func (a *app) confirm(name, grant string, revoke bool) error {
	if _, ok := a.inputTerminal(); !ok {
		return &usageError{"without a terminal nobody can be asked whether to forget " + name, "if you are sure, pass --yes"}
	}
	if grant == grantLives && !revoke {
		text.Fprintf(a.err, "the grant of %s still lives at the provider; to end it, answer no and run freshet revoke %[1]s first\n", name)
	}
	question := "forget %s here?"
	if revoke {
		question = "end the grant of %s at the provider, and forget it here?"
	}
	if a.askYesNo(question, name) {
		return nil
	}
	text.Fprintf(a.err, "%s was not forgotten\n", name)
	return &exitError{exitFailed}
}

// askYesNo asks a question at the terminal.
func (a *app) askYesNo(question string, args ...any) bool {
	text.Fprintf(a.err, question+" [y/N] ", args...)
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil {
		text.Fprintln(a.err)
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

// tellWhatStays names what belonged to the connection and is not freshet's to remove.
func (a *app) tellWhatStays(c freshet.Connection) {
	if c.TokenFile != "" {
		text.Fprintf(a.err, "the token stays in %s\n", c.TokenFile)
	}
	if entry, ok := strings.CutPrefix(c.SecretFrom, "keyring:"); ok {
		text.Fprintf(a.err, "the client secret stays in the keyring; to remove it: freshet secret %s --remove\n", entry)
	}
}
