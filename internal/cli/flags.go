package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Arguments and flags that many commands have.

func flagError(cmd *cobra.Command, err error) error {
	if strings.Contains(err.Error(), "unknown flag: --client-secret") {
		return &usageError{
			"a secret in a flag can be seen by every user of this machine",
			"put it into a file for --client-secret-file, or into the variable FRESHET_CLIENT_SECRET",
		}
	}
	return &usageError{err.Error(), "freshet help" + strings.TrimPrefix(cmd.CommandPath(), "freshet") + " shows the flags"}
}

// exactly wants n arguments, the first of which is a target.
func exactly(n int) cobra.PositionalArgs { return between(n, n, "the target is missing: which token?") }

// between wants so many arguments, and says what is missing if there are fewer.
func between(least, most int, missing string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		usage := "usage: freshet " + cmd.Use
		switch {
		case len(args) < least:
			return &usageError{missing, usage}
		case len(args) > most:
			return &usageError{fmt.Sprintf("there is one argument too many: %q", args[most]), usage}
		}
		return nil
	}
}

// notNegative refuses a duration that makes no sense.
func notNegative(flag string, d time.Duration) error {
	if d < 0 {
		return &usageError{"--" + flag + " is negative", "give a duration such as 90s or 2h"}
	}
	return nil
}

// jsonFlag registers --json.
func (a *app) jsonFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&a.json, "json", false, "print the result, or the error, as JSON on standard output")
}

// outputFlags registers --json and --quiet.
func (a *app) outputFlags(flags *pflag.FlagSet) {
	a.jsonFlag(flags)
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "say nothing when all is well")
}
