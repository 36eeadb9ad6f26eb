package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

func (a *app) providersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "providers [NAME | FILE]",
		Short: "Show what is known about providers, or check a file about one",
		Long: `Without an argument list the providers that freshet knows: whether a refresh brings another refresh token, how long access tokens
live, and when refresh tokens die.

With the name of a provider show all that its file says. What no official page of the provider states is marked, with where it
is from; in the list by a *.

With the path of a file (it has a / in it, or ends in .json) check that file, and show it in the same way. A provider is one JSON
file, in which comments are allowed. Your own are read from freshet/providers in $XDG_CONFIG_HOME, or in the directory that the
system has for configuration (~/.config on Linux). They are called NAME.json, and come before those that are built in. To begin
with, print one with --json.`,
		Example: `  freshet providers
  freshet providers hubspot
  freshet providers ./acme.json
  freshet providers hubspot --json >~/.config/freshet/providers/hubspot.json`,
		Args:              between(0, 1, ""),
		ValidArgsFunction: completeProviders,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listProviders()
			}
			return a.showProvider(args[0])
		},
	}
	a.jsonFlag(cmd.Flags())
	return cmd
}

// completeProviders offers the providers, and files where none fits.
func completeProviders(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := slices.DeleteFunc(provider.Names(), func(name string) bool { return !strings.HasPrefix(name, toComplete) })
	return names, cobra.ShellCompDirectiveDefault
}

func (a *app) showProvider(arg string) error {
	p, from, err := findProvider(arg)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(a.out, p)
	}
	return printProvider(a.out, p, from)
}

// findProvider reads the file at a path, or looks a name up. It says where the provider is from, too.
func findProvider(arg string) (p *provider.Provider, from string, err error) {
	if !filestore.IsPath(arg) {
		if err := checkProvider(freshet.Registration{Provider: arg}); err != nil {
			return nil, "", err
		}
		p, err := provider.Lookup(arg)
		return p, cmp.Or(ownPath(arg), builtIn), err
	}
	text, err := os.ReadFile(arg)
	if err != nil {
		if failed, ok := errors.AsType[*fs.PathError](err); ok {
			err = failed.Err
		}
		return nil, "", fmt.Errorf("reading %s: %w", arg, err)
	}
	p, err = provider.Parse(text)
	if err != nil {
		return nil, "", &freshet.Problem{Name: arg, Kind: oauth.Misconfigured, What: err.Error(), Remedy: "mend the file", Err: err}
	}
	return p, arg, nil
}

const builtIn = "built in"

// ownPath is where the user's own file about a provider is, or "" for one that is built in.
func ownPath(name string) string {
	if !provider.IsOwn(name) {
		return ""
	}
	return filepath.Join(provider.Directory(), name+".json")
}

// whichProviders is the remedy for a name that no provider has. Cobra finds out which one was meant, as it does for commands.
func whichProviders(name string) string {
	all := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, known := range provider.Names() {
		all.AddCommand(&cobra.Command{Use: known, Run: func(*cobra.Command, []string) {}})
	}
	const list = "freshet providers lists those there are"
	if meant := all.SuggestionsFor(name); len(meant) > 0 {
		return "did you mean " + strings.Join(meant, " or ") + "? " + list
	}
	return list
}
