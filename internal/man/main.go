// Command man writes a manual page for each of freshet's commands into the directory that it is given, from the commands
// themselves. It leaves nothing else there.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/freshet-dev/freshet/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: man DIRECTORY")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "man: %v\n", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		return err
	}
	for _, page := range old {
		if err := os.Remove(page); err != nil {
			return err
		}
	}
	for name, page := range pages() {
		if err := os.WriteFile(filepath.Join(dir, name), page, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pages are the manual's pages by their file names.
func pages() map[string][]byte {
	all := map[string][]byte{}
	var add func(*cobra.Command)
	add = func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() && cmd.HasParent() {
			return
		}
		all[strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"] = page(cmd)
		for _, sub := range cmd.Commands() {
			if cmd.Name() != "completion" { // its own page lists the shells
				add(sub)
			}
		}
	}
	root := cli.Command()
	root.InitDefaultCompletionCmd("")
	add(root)
	return all
}

// date is the one that the library puts into a page: that of the day, by which a page would change without any reason.
var date = regexp.MustCompile(`(?m)^(\.TH "[^"]*" "1") "[^"]*"`)

func page(cmd *cobra.Command) []byte {
	cmd.DisableAutoGenTag = true
	var out bytes.Buffer
	header := &doc.GenManHeader{Section: "1", Source: "freshet", Manual: "freshet"}
	if err := doc.GenMan(cmd, header, &out); err != nil {
		panic(err) // unreachable: it is written to memory
	}
	return date.ReplaceAll(out.Bytes(), []byte(`$1 ""`))
}
