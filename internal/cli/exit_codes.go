package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// ExitCodes returns the exit codes with their meanings, as the README lists them.
func ExitCodes() []Variable {
	return []Variable{
		{"0", "done"},
		{"1", "failed; a file that cannot be used"},
		{"2", "usage"},
		{"3", "misconfigured: client, secret, endpoint, scope"},
		{"4", "login required: only a person can help"},
		{"5", "temporary: busy, network, 429, 5xx, unknown outcome; try later"},
		{
			"6",
			"refreshed and safe, but not saved where it belongs; " +
				"the message names the place (token still prints the token)",
		},
		{"126, 127", "of exec: its command cannot be run, or was not found; else the exit code is the command's own"},
		{
			"129, 130, 143",
			"interrupted (hangup, Ctrl-C, SIGTERM); a refresh that was begun completes in the background",
		},
	}
}

func (a *app) exitCodesTopic() *cobra.Command {
	var text strings.Builder
	text.WriteString("freshet ends with these exit codes. Scripts may depend on them.\n\n")
	printVariables(&text, ExitCodes())
	text.WriteString(`
Of several targets the most severe code counts, in the order 6, 4, 3, 1, 5.
`)
	return &cobra.Command{Use: "exit-codes", Short: "Exit codes, for scripts", Long: text.String()}
}
