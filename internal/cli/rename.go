package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
)

func (a *app) renameCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rename NAME NEW-NAME",
		Short: "Give a connection another name",
		Long: `Give a connection another name. Its token, settings and history stay as they are, and nothing is
sent. A running refresh is waited for. If the command is interrupted, the same command completes it.

A client secret in the keyring that is named after the connection gets the new name, too, unless
another connection uses it. A token file that the connection points to keeps its path.`,
		Example:           `  freshet rename acme acme-production`,
		Args:              rangeArgs(2, 2, "a name is missing: which connection, and what is its new name?"),
		ValidArgsFunction: completeNames(1, a.connectionNames, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.rename(withSignals(cmd.Context()), args[0], args[1])
		},
	}
}

func (a *app) rename(ctx context.Context, from, to string) error {
	for _, name := range []string{from, to} {
		if filestore.IsPath(name) {
			return &usageError{
				fmt.Sprintf("rename is for connections, and %s is a file", name),
				"rename a token file yourself, when no program uses it",
			}
		}
		if err := checkTarget(name); err != nil {
			return err
		}
	}
	if from == to {
		return &usageError{from + " has this name already", "give another name"}
	}
	ctx, cancel := context.WithTimeout(ctx, freshet.DefaultTimeout)
	defer cancel()
	store := a.store()
	c, err := store.Get(ctx, from)
	if err != nil {
		return err
	}
	entry := "keyring:" + from
	isNamedAfter := c.SecretFrom == entry
	isCopied := isNamedAfter && a.copySecret(ctx, store, from, to)
	err = store.Rename(ctx, from, to, func(r *freshet.Registration) {
		if isCopied && r.SecretFrom == entry {
			r.SecretFrom = "keyring:" + to
		}
	})
	if err != nil {
		if isCopied {
			err = errors.Join(err, a.discardCopy(ctx, store, to))
		}
		return err
	}
	text.Fprintf(a.err, "renamed %s to %s; nothing was sent\n", from, to)
	switch {
	case isCopied && a.isSecretUsed(ctx, store, entry):
		text.Fprintf(a.err, "the client secret is in the keyring under both names, because another connection uses %s\n",
			from)
	case isCopied:
		if err := secret.Remove(ctx, from); err != nil {
			return err
		}
		text.Fprintf(a.err, "its client secret in the keyring was renamed, too\n")
	case isNamedAfter:
		text.Fprintf(a.err, "its client secret is still named %s in the keyring\n", from)
	}
	return nil
}

// copySecret copies a client secret in the keyring to another name. It reports whether it did: a
// secret that cannot be read, or whose new name is taken, keeps its name.
func (a *app) copySecret(ctx context.Context, store *filestore.Store, from, to string) bool {
	if names, err := store.Names(); err != nil || slices.Contains(names, to) {
		return false // the name is taken, or the rename was interrupted
	}
	value, err := secret.Read(ctx, "keyring:"+from)
	if err != nil {
		return false
	}
	if other, err := secret.Read(ctx, "keyring:"+to); err == nil {
		return other == value // copied by an interrupted rename
	}
	return secret.Store(ctx, to, oauth.Secret(value)) == nil
}

// discardCopy removes the copy of a client secret after the connection was not renamed.
func (a *app) discardCopy(ctx context.Context, store *filestore.Store, name string) error {
	if a.isSecretUsed(ctx, store, "keyring:"+name) {
		return nil
	}
	return secret.Remove(context.WithoutCancel(ctx), name)
}

// isSecretUsed reports whether a connection has the source of a client secret.
func (a *app) isSecretUsed(ctx context.Context, store *filestore.Store, from string) bool {
	connections, err := store.List(ctx)
	isUser := func(c freshet.Connection) bool { return c.SecretFrom == from }
	return err != nil || slices.ContainsFunc(connections, isUser)
}
