package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/provider"
)

// shells are the shells for which there is a completion script.
var shells = []cobra.Completion{"bash", "zsh", "fish", "powershell"}

func (a *app) completionCommand() *cobra.Command {
	var plain bool
	cmd := &cobra.Command{
		Use:   "completion (" + strings.Join(shells, " | ") + ")",
		Short: "Print a script for shell completion",
		Long: `Print a script that makes the shell complete commands, flags, their values and the names of
connections. Load it in the shell's startup file.`,
		Example: `  source <(freshet completion bash)
  freshet completion zsh >"${fpath[1]}/_freshet"
  freshet completion fish >~/.config/fish/completions/freshet.fish
  freshet completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		Args:      rangeArgs(1, 1, "the shell is missing"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch {
			case !slices.Contains(shells, args[0]):
				what := fmt.Sprintf("no completion script for the shell %q", args[0])
				return &usageError{what, "usage: freshet " + cmd.Use}
			case args[0] == "bash":
				return root.GenBashCompletionV2(out, !plain)
			case args[0] == "fish":
				return root.GenFishCompletion(out, !plain)
			case args[0] == "zsh" && plain:
				return root.GenZshCompletionNoDesc(out)
			case args[0] == "zsh":
				return root.GenZshCompletion(out)
			case plain:
				return root.GenPowerShellCompletion(out)
			default:
				return root.GenPowerShellCompletionWithDesc(out)
			}
		},
	}
	cmd.Flags().BoolVar(&plain, "no-descriptions", false, "complete without descriptions")
	return cmd
}

// completeNames returns a ValidArgsFunction that completes the first n arguments with names, each
// once. If no name matches, directive says what the shell completes.
func completeNames(n int, names func() []string, directive cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return slices.DeleteFunc(names(), func(name string) bool {
			return !strings.HasPrefix(name, prefix) || slices.Contains(args, name)
		}), directive
	}
}

// completeTargets completes n targets: the names of connections, or files.
func (a *app) completeTargets(n int) cobra.CompletionFunc {
	return completeNames(n, a.connectionNames, cobra.ShellCompDirectiveDefault)
}

// completeExec completes the target of exec. After it the shell completes a command.
func (a *app) completeExec(
	cmd *cobra.Command, args []string, prefix string,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return a.completeTargets(1)(cmd, args, prefix)
}

// connectionNames returns the names of all connections. It returns none if the store cannot be
// read, because completion must not print an error.
func (a *app) connectionNames() []string {
	names, err := a.store().Names()
	if err != nil {
		return nil
	}
	return names
}

// completeFlags completes the values of flags, and describes flags as the help text does.
func completeFlags(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			placeholder, usage := pflag.UnquoteUsage(f)
			f.Usage = usage
			if placeholder == "FILE" || f.NoOptDefVal != "" {
				return // the shell itself completes files, and a switch has no value
			}
			values, directive := flagValues(cmd.Name(), f.Name, placeholder)
			if err := cmd.RegisterFlagCompletionFunc(f.Name,
				cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp|directive)); err != nil {
				panic(err) // unreachable: each flag is registered once
			}
		})
	}
}

// flagValues returns the possible values of a flag if they are known. A placeholder such as a|b lists them.
func flagValues(command, flag, placeholder string) (values []cobra.Completion, directive cobra.ShellCompDirective) {
	switch {
	case strings.Contains(placeholder, "|"):
		return strings.Split(placeholder, "|"), 0
	case flag == "provider" && command == "testserver":
		return oauthtest.Providers(), 0
	case flag == "provider":
		return provider.Names(), 0
	case flag == "response-type":
		return []cobra.Completion{"code", "code id_token"}, 0
	case flag == "fault":
		return oauthtest.FaultNames(), 0
	case flag == "client-secret-from":
		return []cobra.Completion{"env:", "file:", "command:", "keyring:"}, cobra.ShellCompDirectiveNoSpace
	default:
		return nil, 0
	}
}
