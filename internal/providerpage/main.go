// Command providerpage writes a page in Markdown about the providers whose files are in a directory.
//
//	go generate ./provider
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/provider"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: providerpage DIRECTORY PAGE")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "providerpage: %v\n", err)
		os.Exit(1)
	}
}

func write(dir, path string) error {
	text, err := page(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// page reads the files themselves: what is built in may have been replaced by whoever runs this.
func page(dir string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return "", err
	}
	var all []*provider.Provider
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		p, err := provider.Parse(text)
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *provider.Provider) int { return strings.Compare(a.Name, b.Name) })
	return markdown(all), nil
}
