// Command providerpage writes docs/providers.md, a table of the providers in a directory.
//
//	go generate ./provider
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/cli"
	"github.com/freshet-dev/freshet/provider"
)

const introduction = `<!-- Made from provider/*.json by go generate ./provider. -->

# Providers

The providers that freshet knows, as ` + "`freshet providers`" + ` lists them. ` + "`freshet providers NAME`" + ` shows everything about one:
its addresses, how clients authenticate, its limits, and what its errors mean. ` + "`freshet login NAME`" + ` logs in.

A \* marks a value that no official page of the provider states. ` + "`freshet providers NAME`" + ` says where it is from. freshet never
presents a refresh token a second time, or sends it to another host, because of such a value.

Each provider is a file in [provider](../provider). Your own files are in ` + "`$XDG_CONFIG_HOME/freshet/providers`" + `:
[CONTRIBUTING.md](../CONTRIBUTING.md#adding-a-provider) shows how to write one. Every other server works with its metadata
(` + "`--issuer`" + `) or its token endpoint (` + "`--token-url`" + `). ` + "`freshet providers generic`" + ` shows the errors of the RFCs.

`

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: providerpage DIRECTORY PAGE")
		os.Exit(2)
	}
	text, err := page(os.Args[1])
	if err == nil {
		err = os.WriteFile(os.Args[2], []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "providerpage: %v\n", err)
		os.Exit(1)
	}
}

// page reads the files in dir, because files of the user take precedence over the built-in providers.
func page(dir string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return "", err
	}
	slices.SortFunc(paths, func(a, b string) int {
		return strings.Compare(strings.TrimSuffix(a, ".json"), strings.TrimSuffix(b, ".json"))
	})
	var out strings.Builder
	out.WriteString(introduction)
	columns := cli.ProviderColumns
	writeRow(&out, columns)
	fmt.Fprintf(&out, "|%s\n", strings.Repeat("---|", len(columns)))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		p, err := provider.Parse(data)
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		if !p.IsGeneric() {
			writeRow(&out, cli.ProviderRow(p))
		}
	}
	return out.String(), nil
}

func writeRow(out *strings.Builder, cells []string) {
	row := "| " + strings.Join(cells, " | ") + " |\n"
	out.WriteString(strings.ReplaceAll(row, "*", `\*`))
}
