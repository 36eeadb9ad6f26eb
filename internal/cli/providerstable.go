package cli

import (
	"cmp"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/provider"
)

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
var ProviderColumns = []string{"NAME", "TITLE", "ROTATES", "ACCESS TOKEN LIVES", "REFRESH TOKEN DIES"}

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
