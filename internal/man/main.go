// Command man writes a manual page for each of freshet's commands into a directory. It deletes all other
// manual pages there.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

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

// pages returns the manual pages by file name.
func pages() map[string][]byte {
	root := cli.Command()
	root.InitDefaultHelpCmd()
	all := map[string][]byte{title(root) + ".1": rootPage(root)}
	for _, cmd := range root.Commands() {
		if cmd.IsAvailableCommand() && cmd.Name() != "help" {
			all[title(cmd)+".1"] = commandPage(cmd)
		}
	}
	return all
}

// title returns the name of a command's page.
func title(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return cmd.Name()
	}
	return title(cmd.Parent()) + "-" + cmd.Name()
}
