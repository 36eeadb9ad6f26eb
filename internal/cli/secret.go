package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
)

func (a *app) secretCommand() *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:   "secret NAME",
		Short: "Save a client secret in the operating system's keyring",
		Long: `Read a client secret from standard input, on a terminal without showing it, and save it in the
operating system's keyring: the Secret Service of a Linux desktop, the Keychain of macOS, the
Credential Manager of Windows. It cannot be an argument, because every user of the machine can read
the arguments of a process.

Use it with --client-secret-from keyring:NAME. Without a keyring, use a file, an environment
variable or a command: file:PATH, env:NAME, command:LINE.`,
		Example: `  freshet secret acme
  freshet secret acme <secret.txt
  freshet secret acme --remove`,
		Args: secretArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if remove {
				return a.removeSecret(cmd.Context(), args[0])
			}
			return a.storeSecret(cmd.Context(), args[0])
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "remove the secret from the keyring")
	return cmd
}

func secretArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return &usageError{"the name for the secret is missing", "usage: freshet " + cmd.Use}
	case len(args) > 1:
		return &usageError{
			"every user of this machine can read a secret in an argument",
			"pass it on standard input: freshet secret NAME <FILE, or type it when asked; " +
				"if it was the real one, replace it at the provider",
		}
	case args[0] == "" || strings.ContainsFunc(args[0], isInvisible):
		return &usageError{
			"invalid name of a secret: it is empty or has white space in it",
			"choose a word, such as the connection's name",
		}
	}
	return nil
}

func isInvisible(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }

func (a *app) storeSecret(ctx context.Context, name string) error {
	if err := secret.CheckKeyring(ctx, name); err != nil { // before a person types it
		return err
	}
	given, err := a.askSecret(ctx, "client secret "+name+" (hidden): ")
	if err != nil {
		return err
	}
	if given == "" {
		return &freshet.SetupError{
			Kind: oauth.Misconfigured, What: "the client secret is empty; nothing was saved",
			Remedy: oauth.Remedyf("pass it on standard input: freshet secret %s <FILE", name),
		}
	}
	if err := checkClient(oauth.Client{Secret: oauth.Secret(given)}); err != nil {
		return err
	}
	if err := secret.Store(ctx, name, oauth.Secret(given)); err != nil {
		return err
	}
	text.Fprintf(a.err, "saved the client secret %s in the keyring; "+
		"to use it: --client-secret-from keyring:%[1]s\n", name)
	return nil
}

func (a *app) removeSecret(ctx context.Context, name string) error {
	if err := secret.Remove(ctx, name); err != nil {
		return err
	}
	text.Fprintf(a.err, "removed the client secret %s from the keyring\n", name)
	return nil
}

// askSecret reads a secret from standard input, without showing it on a terminal.
func (a *app) askSecret(ctx context.Context, prompt string) (string, error) {
	terminal, ok := a.inputTerminal()
	if !ok {
		given, err := readSecret("-", a.in)
		if err != nil {
			return "", fmt.Errorf("reading standard input: %w", err)
		}
		return given, nil
	}
	before, err := term.GetState(terminal)
	if err != nil {
		return "", fmt.Errorf("asking on the terminal: %w", err)
	}
	ctx = withSignals(ctx)
	text.Fprintf(a.err, "%s", prompt)
	defer text.Fprintln(a.err)
	type result struct {
		secret []byte
		err    error
	}
	answers := make(chan result, 1)
	go func() {
		secret, err := term.ReadPassword(terminal)
		answers <- result{secret, err}
	}()
	select {
	case result := <-answers:
		return string(bytes.TrimSpace(result.secret)), result.err
	case <-ctx.Done():
		// Otherwise the shell would not show what is typed.
		err := context.Cause(ctx)
		if interrupted := interruption(ctx); interrupted != nil {
			err = &interruptError{signal: interrupted.signal, outcome: "nothing was saved"}
		}
		return "", errors.Join(err, term.Restore(terminal, before))
	}
}

// inputTerminal returns the descriptor of standard input if that is a terminal.
func (a *app) inputTerminal() (int, bool) {
	f, ok := a.in.(*os.File)
	if !ok {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}
