package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// completeTargets is the ValidArgsFunction of a command that takes one target: the names of connections, and files where
// none fits.
func (a *app) completeTargets(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.names(toComplete, nil), cobra.ShellCompDirectiveDefault
}

// completeManyTargets is that of a command that takes several: none is offered twice.
func (a *app) completeManyTargets(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.names(toComplete, args), cobra.ShellCompDirectiveDefault
}

// completeExec is that of exec: after the target comes a command, which the shell completes.
func (a *app) completeExec(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return a.completeTargets(cmd, args, toComplete)
}

// names lists the connections that begin with a prefix and are not given yet. Where they cannot be listed there are none:
// nobody reads an error while typing.
func (a *app) names(prefix string, given []string) []cobra.Completion {
	all, err := a.store().Names()
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(all, func(name string) bool {
		return !strings.HasPrefix(name, prefix) || slices.Contains(given, name)
	})
}
