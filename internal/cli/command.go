package cli

import (
	"io"

	"github.com/spf13/cobra"
)

// Command returns the command for those who describe it: the manual's pages are made from it.
func Command() *cobra.Command {
	a := &app{out: io.Discard, err: io.Discard}
	return a.rootCommand("")
}
