// Command providerpage writes a page in Markdown about the providers whose files are in a directory.
//
//	go generate ./provider
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/provider"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: providerpage DIRECTORY PAGE")
	}
	text, err := page(os.Args[1])
	if err == nil {
		err = os.WriteFile(os.Args[2], []byte(text), 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
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
