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
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

func (a *app) providersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "providers [NAME | FILE]",
		Short: "Show the providers that freshet knows, or check a provider file",
		Long: `Without an argument, list the providers that freshet knows: whether a refresh replaces the refresh
token, how long access tokens are valid, and when refresh tokens expire. A * marks values that no
official page of the provider states.

With the name of a provider, show everything in its file. For values that are not official, the
output says where they are from.

With the path of a file (it contains a / or ends in .json), check that file and show it in the same
way. A provider is one JSON file, which may have comments. Your own files are in
$XDG_CONFIG_HOME/freshet/providers, or in freshet/providers in the system's directory for
configuration (~/.config on Linux). Their names are NAME.json, and they take precedence over
built-in providers. Start with a copy: --json prints one.`,
		Example: `  freshet providers
  freshet providers hubspot
  freshet providers ./acme.json
  freshet providers hubspot --json >~/.config/freshet/providers/hubspot.json`,
		Args:              rangeArgs(0, 1, ""),
		ValidArgsFunction: completeNames(1, provider.Names, cobra.ShellCompDirectiveDefault),
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

// findProvider reads the file at a path, or looks up a name. from is the path of the file, or builtIn.
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
		return nil, "", &freshet.SetupError{
			Name: arg, Kind: oauth.Misconfigured, What: err.Error(), Remedy: "correct the file", Err: err,
		}
	}
	return p, arg, nil
}

const builtIn = "built in"

// ownPath returns the path of the user's own file about a provider, or "" if the provider is built in.
func ownPath(name string) string {
	path := filepath.Join(provider.Directory(), name+".json")
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return ""
	}
	return path
}

// providersJSON is the output of providers --json.
type providersJSON struct {
	Providers []providerJSON `json:"providers"`
}

// providerJSON is a row of the list. Later versions may add members, but do not change these.
type providerJSON struct {
	Name     string            `json:"name"`
	Title    string            `json:"title"`
	Path     string            `json:"path"`                  // of the user's own file; "" if it is built in
	Rotation provider.Rotation `json:"rotation"`              // always, setting, sometimes, never, or "" if not known
	Lifetime string            `json:"access_token_lifetime"` // as in the file, such as "1h"; "" if not known
	Idle     string            `json:"refresh_token_idle"`
	Absolute string            `json:"refresh_token_absolute"`
	Problem  string            `json:"problem,omitempty"` // why the file cannot be used

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
		return providerJSON{Name: name, Path: path, Problem: strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	return providerJSON{
		Name: name, Title: p.Title, Path: path, Rotation: p.RefreshToken.Rotation, provider: p,
		Lifetime: formatDuration(p.AccessToken.Lifetime), Idle: formatDuration(p.RefreshToken.Idle),
		Absolute: formatDuration(p.RefreshToken.Absolute),
	}
}

// formatDuration returns a duration as provider files write it, or "" if it is zero.
func formatDuration(d provider.Duration) string {
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
	return printTable(a.out, fitTable(rows, terminalWidth(a.out), narrowerProviders), hasColour(a.out))
}

// narrowerProviders is how the table fits a terminal: the names, rotation and lifetimes stay.
var narrowerProviders = []narrowing{
	{column: 3, heading: "LIFETIME"},
	{column: 5},
	{column: 1, width: 14},
	{column: 1},
}

// ProviderColumns are the headings of the table of providers.
var ProviderColumns = []string{"NAME", "TITLE", "ROTATES", "ACCESS TOKEN LIFETIME", "REFRESH TOKEN EXPIRES"}

// ProviderRow returns the row of a provider under [ProviderColumns]. A * marks values that no
// official page states.
func ProviderRow(p *provider.Provider) []string {
	cell := func(path, value string) string {
		if value != "" && len(unofficialSources(p, path)) > 0 {
			value += "*"
		}
		return value
	}
	lifetime := cell("access_token.lifetime", formatDuration(p.AccessToken.Lifetime))
	if p.AccessToken.PermanentWithoutExpiresIn {
		noExpiry := cell("access_token.permanent_without_expires_in", " or no expiry")
		lifetime = strings.TrimPrefix(lifetime+noExpiry, " or ")
	}
	var limits []string
	if idle := p.RefreshToken.Idle; idle > 0 {
		limits = append(limits, cell("refresh_token.idle", formatDuration(idle)+" unused"))
	}
	if absolute := p.RefreshToken.Absolute; absolute > 0 {
		limits = append(limits, cell("refresh_token.absolute", formatDuration(absolute)+" after login"))
	}
	rotates := string(p.RefreshToken.Rotation)
	if p.RefreshToken.Rotation == provider.BySetting {
		rotates = "by setting"
	}
	cells := []string{p.Name, p.Title, cell("refresh_token.rotation", rotates), lifetime, strings.Join(limits, ", ")}
	for i := range cells {
		cells[i] = cmp.Or(cells[i], "-")
	}
	return cells
}
