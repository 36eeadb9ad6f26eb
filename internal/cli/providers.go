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
		Args:              rangeArgs(0, 1, ""),
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

// suggestProvider is the remedy for a name that no provider has. Cobra finds out which one was meant, as it does for commands.
func suggestProvider(name string) string {
	all := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, known := range provider.Names() {
		all.AddCommand(&cobra.Command{Use: known, Run: func(*cobra.Command, []string) {}})
	}
	const list = "freshet providers lists the names"
	if meant := all.SuggestionsFor(name); len(meant) > 0 {
		return "did you mean " + strings.Join(meant, " or ") + "? " + list
	}
	return list
}

// providersJSON is the output of providers --json.
type providersJSON struct {
	Providers []providerJSON `json:"providers"`
}

// providerJSON is a line of the list. Members may be added; none will change its meaning.
type providerJSON struct {
	Name     string            `json:"name"`
	Title    string            `json:"title"`
	Path     string            `json:"path"`                  // of the user's own file; "" when it is built in
	Rotation provider.Rotation `json:"rotation"`              // always, setting, sometimes, never, or "" when that is not known
	Lifetime string            `json:"access_token_lifetime"` // as the file says it: "1h"; "" when that is not known
	Idle     string            `json:"refresh_token_idle"`
	Absolute string            `json:"refresh_token_absolute"`
	Problem  string            `json:"problem,omitempty"` // only for a file that cannot be used

	provider *provider.Provider
}

func (a *app) listProviders() error {
	var list providersJSON
	for _, name := range provider.Names() {
		if name != provider.Generic().Name {
			list.Providers = append(list.Providers, newProviderJSON(name))
		}
	}
	if err := a.printProviders(list); err != nil {
		return err
	}
	if slices.ContainsFunc(list.Providers, func(p providerJSON) bool { return p.Problem != "" }) {
		return &exitError{exitMisconfigured}
	}
	return nil
}

func newProviderJSON(name string) providerJSON {
	path := ownPath(name)
	p, err := provider.Lookup(name)
	if err != nil {
		return providerJSON{Name: name, Path: path, Problem: oneLine(err)}
	}
	return providerJSON{
		Name: name, Title: p.Title, Path: path, Rotation: p.RefreshToken.Rotation, provider: p,
		Lifetime: inWords(p.AccessToken.Lifetime), Idle: inWords(p.RefreshToken.Idle), Absolute: inWords(p.RefreshToken.Absolute),
	}
}

// oneLine is an error that may be several.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// inWords is a duration as files write it, or "" when there is none.
func inWords(d provider.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func (a *app) printProviders(list providersJSON) error {
	if a.json {
		return printJSON(a.out, list)
	}
	rows := []tableRow{{cells: append(slices.Clone(ProviderColumns), "FROM")}}
	for _, p := range list.Providers {
		if p.Problem != "" {
			rows = append(rows, tableRow{cells: []string{p.Name, p.Problem}, coloured: 1, colour: red})
			continue
		}
		rows = append(rows, tableRow{cells: append(ProviderRow(p.provider), cmp.Or(p.Path, builtIn))})
	}
	return printTable(a.out, rows, hasColour(a.out))
}

// ProviderColumns are the headings of a list of providers.
var ProviderColumns = []string{"NAME", "TITLE", "ROTATES", "ACCESS TOKEN LIVES", "REFRESH TOKEN EXPIRES"}

// ProviderRow is the line of a provider below [ProviderColumns]. A * marks what no official page states.
func ProviderRow(p *provider.Provider) []string {
	cell := func(path, value string) string {
		if value != "" && len(doubts(p, path)) > 0 {
			value += "*"
		}
		return value
	}
	lives := cell("access_token.lifetime", inWords(p.AccessToken.Lifetime))
	if p.AccessToken.PermanentWithoutExpiresIn {
		lives = strings.TrimPrefix(lives+cell("access_token.permanent_without_expires_in", " or for ever"), " or ")
	}
	var dies []string
	if idle := p.RefreshToken.Idle; idle > 0 {
		dies = append(dies, cell("refresh_token.idle", inWords(idle)+" unused"))
	}
	if absolute := p.RefreshToken.Absolute; absolute > 0 {
		dies = append(dies, cell("refresh_token.absolute", inWords(absolute)+" after the login"))
	}
	rotates := map[provider.Rotation]string{provider.BySetting: "by a setting"}[p.RefreshToken.Rotation]
	cells := []string{
		p.Name, p.Title, cell("refresh_token.rotation", cmp.Or(rotates, string(p.RefreshToken.Rotation))),
		lives, strings.Join(dies, ", "),
	}
	for i := range cells {
		cells[i] = cmp.Or(cells[i], "-")
	}
	return cells
}
