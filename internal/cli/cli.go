// Package cli is the freshet command: one file for each of its commands.
//
// Standard output is for programs, standard error for people. Messages begin with "freshet:", have no capital and no
// period, and say what to do in a line of their own.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/detach"
	"github.com/freshet-dev/freshet/internal/text"
)

// app is one run of the command.
type app struct {
	in    io.Reader
	out   io.Writer
	err   io.Writer
	json  bool // errors go to out as JSON, too
	quiet bool

	trace io.Writer // what --trace asks for; may be nil

	children sync.WaitGroup // the processes that refresh, until they have ended
}

// Main runs the command with the process's own arguments and files, and returns its exit code.
func Main() int {
	if detach.IsChild(os.Args) {
		return detach.Main()
	}
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	return a.run(context.Background(), os.Args[1:])
}

// cancelOnSignal calls cancel with an [interruptError] at the first signal that asks the process to end. A second one ends it in
// the usual way. Only commands that wait call it: listening for signals costs as much as printing a token.
func cancelOnSignal(cancel context.CancelCauseFunc) {
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // nohup, or a trap in a script: what was ignored stays so, for exec's command too
			signal.Notify(signals, s)
		}
	}
	go func() {
		s := <-signals
		signal.Stop(signals)
		cancel(&interruptError{signal: s})
	}()
}

// withSignals returns a context that a signal ends.
func withSignals(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	cancelOnSignal(cancel)
	return ctx
}

func (a *app) run(ctx context.Context, args []string) int {
	first := ""
	if len(args) > 0 {
		first = args[0]
	}
	root := a.rootCommand(first)
	// Before the flags are parsed, because that may be what fails.
	ours := args
	if dash := slices.Index(args, "--"); dash >= 0 {
		ours = args[:dash]
	}
	a.json = slices.Contains(ours, "--json")
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetErr(a.err)
	out := &checked{Writer: a.out}
	root.SetOut(out)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil && cmd == root && root.Flags().NArg() > 0 {
		err = noCommand(root, root.Flags().Arg(0)) // with --help, which cobra takes for no error
	}
	if err == nil && out.err != nil {
		err = fmt.Errorf("writing to standard output: %w", out.err)
	}
	if err == nil {
		return exitDone
	}
	return a.fail(err)
}

// checked remembers the first error: cobra ignores those of its help texts.
type checked struct {
	io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

func isExit(err error) bool {
	_, ok := errors.AsType[*exitError](err)
	return ok
}

// fail reports err and returns the exit code.
func (a *app) fail(err error) int {
	e := explain(err)
	if isExit(err) {
		return e.code
	}
	if a.json {
		if jsonErr := printJSON(a.out, map[string]explanation{"error": e}); jsonErr != nil {
			text.Fprintf(a.err, "freshet: writing the output: %v\n", jsonErr)
		}
	}
	e.print(a.err, "")
	return e.code
}

// warn tells people why a token is not as good as it should be, and how long it will do.
func (a *app) warn(answer freshet.Answer) {
	if answer.Warning == nil {
		return
	}
	e := explain(answer.Warning)
	e.Message += "; the saved access token is valid " + until(answer.Connection, time.Now())
	e.print(a.err, "warning: ")
}

// rootCommand makes all commands, or only the one that is named: the flags of all the others would cost it as much as reading
// a token does.
func (a *app) rootCommand(only string) *cobra.Command {
	root := &cobra.Command{
		Use:   "freshet COMMAND",
		Short: "Keeps OAuth 2.0 tokens alive",
		Long: `freshet logs you in once, in a browser, and keeps the OAuth 2.0 token alive from then on: it hands out a valid access token
whenever one is wanted, and refreshes it so that nothing can be lost, under rotation, crashes and concurrency.

TARGET is the name of a connection, which freshet login or freshet import makes, or the path of a token file: the provider's
token response, as JSON. A path ends in .json or has a / in it.`,
		Example: `  freshet login salesforce --client-id 3MVG9...
  curl -H "Authorization: Bearer $(freshet token salesforce)" https://...
  freshet status`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,

		DisableFlagsInUseLine: true,
	}
	printVersion := root.Flags().BoolP("version", "v", false, "print the version")
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return noCommand(cmd, args[0])
		}
		if *printVersion {
			return a.version()
		}
		return cmd.Help()
	}
	root.SuggestionsMinimumDistance = 2
	root.SetHelpCommand(helpCommand(root))
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		if cmd != root || cmd.Flags().NArg() == 0 { // else it is an unknown command's
			printHelp(cmd.OutOrStdout(), cmd)
		}
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	if command, ok := a.commands()[only]; ok {
		root.AddCommand(command())
		return root
	}
	for _, command := range a.commands() {
		root.AddCommand(command())
	}
	if only == cobra.ShellCompRequestCmd || only == cobra.ShellCompNoDescRequestCmd {
		completeFlags(root)
	}
	return root
}

func (a *app) commands() map[string]func() *cobra.Command {
	return map[string]func() *cobra.Command{
		"login": a.loginCommand, "set": a.setCommand, "import": a.importCommand, "secret": a.secretCommand,
		"refresh": a.refreshCommand, "token": a.tokenCommand, "exec": a.execCommand, "status": a.statusCommand,
		"whoami": a.whoamiCommand, "introspect": a.introspectCommand, "revoke": a.revokeCommand, "logout": a.logoutCommand,
		"testserver": a.testserverCommand, "demo": a.demoCommand, "version": a.versionCommand, "completion": a.completionCommand,
		"environment": a.environmentTopic, "doctor": a.doctorCommand, "providers": a.providersCommand,
	}
}

func noCommand(root *cobra.Command, name string) error {
	if filestore.IsPath(name) {
		return &usageError{fmt.Sprintf("%q is a file, and what to do with it is missing", name), "to see what it is: freshet status " + name}
	}
	remedy := "freshet help lists them"
	if meant := root.SuggestionsFor(name); len(meant) > 0 {
		remedy = "did you mean " + strings.Join(meant, " or ") + "? " + remedy
	}
	return &usageError{fmt.Sprintf("there is no command %q", name), remedy}
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show what a command does",
		Example: `  freshet help refresh
  freshet help environment`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			for _, cmd := range root.Commands() {
				if len(args) == 0 && !cmd.Hidden && strings.HasPrefix(cmd.Name(), toComplete) {
					names = append(names, cobra.CompletionWithDesc(cmd.Name(), cmd.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return &usageError{fmt.Sprintf("there is no command %q", strings.Join(args, " ")), "freshet help lists them"}
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}

// Command returns the command for those who describe it: the manual's pages are made from it.
func Command() *cobra.Command {
	a := &app{out: io.Discard, err: io.Discard}
	return a.rootCommand("")
}
