// Package cli is the freshet command. The files of a command begin with its name.
//
// Results go to standard output, messages to standard error. A message begins with "freshet:", has
// no capital letter and no period. A second line says what to do next.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/detach"
	"github.com/freshet-dev/freshet/internal/filestore"
)

// app is one run of the command.
type app struct {
	in    io.Reader
	out   io.Writer
	err   io.Writer
	json  bool // print errors to out as JSON, too
	quiet bool

	// What remedies depend on.
	creating  string // the connection that this command creates or logs in
	loggingIn bool
	showing   bool // the command only shows tokens, and has no flags for the client

	trace    io.Writer // receives the trace of requests; nil without --trace
	response keptFile  // the file of --response

	children sync.WaitGroup // child processes that are still refreshing
	worker   *sharedWorker  // refreshes many targets; nil if each refresh has a child process of its own
}

// Main runs the command with the process's own arguments and files, and returns its exit code. In a
// child process of freshet it is the child's part instead ([detach.Main]).
func Main() int {
	if detach.IsChild(os.Args) {
		return detach.Main()
	}
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	return a.run(context.Background(), os.Args[1:])
}

// cancelOnSignal calls cancel with an [interruptError] at the first signal that asks the process to
// end. A second signal ends the process as usual. Only commands that wait call it, because
// listening for signals costs as much as printing a token.
func cancelOnSignal(cancel context.CancelCauseFunc) {
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		// A signal that is ignored, as under nohup, stays ignored, also for the command of exec.
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	go func() {
		s := <-signals
		signal.Stop(signals)
		cancel(&interruptError{signal: s})
	}()
}

// withSignals returns a context that a signal cancels.
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
	// Look for --json before parsing the flags, because errors of the parser are printed as JSON, too.
	ours := args
	if dash := slices.Index(args, "--"); dash >= 0 {
		ours = args[:dash]
	}
	a.json = slices.Contains(ours, "--json")
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetErr(a.err)
	out := &errorWriter{Writer: a.out}
	root.SetOut(out)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil && cmd == root && root.Flags().NArg() > 0 {
		err = unknownCommand(root, root.Flags().Arg(0)) // with --help, cobra reports no error
	}
	if err == nil && out.err != nil {
		err = fmt.Errorf("writing to standard output: %w", out.err)
	}
	if err == nil {
		return exitDone
	}
	return a.fail(err)
}

// errorWriter keeps the first error of a write, because cobra ignores errors when it prints help.
type errorWriter struct {
	io.Writer
	err error
}

func (w *errorWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// isExit reports whether err is an exit code whose message was already printed.
func isExit(err error) bool {
	_, ok := errors.AsType[*exitError](err)
	return ok
}

// fail prints err and returns the exit code.
func (a *app) fail(err error) int {
	e := a.explain(err)
	if isExit(err) {
		return e.code
	}
	if failed, ok := errors.AsType[*fs.PathError](err); ok && failed.Op == "write" && failed.Path == os.Stdout.Name() {
		e = explanation{Message: "writing to standard output: " + failed.Err.Error(), code: exitFailed}
	} else if a.json {
		_ = printJSON(a.out, map[string]explanation{"error": e}) // the message on standard error says it, too
	}
	e.print(a.err, "")
	return e.code
}

// warn prints the warning that came with a token, and how long the token is valid.
func (a *app) warn(result *freshet.Result) {
	if result.Warning != nil {
		a.warnValid(result, "access token", "is "+validity(result.Connection, time.Now()))
	}
}

// warnIDToken is like warn if the ID token was asked for.
func (a *app) warnIDToken(result *freshet.Result) {
	if now := time.Now(); result.Warning != nil {
		a.warnValid(result, "ID token", "is valid "+untilExpiry(result.Connection.IDTokenExpiry(now), now))
	}
}

func (a *app) warnValid(result *freshet.Result, token, validity string) {
	if result.Outcome != freshet.Refreshed { // a new one may not have been saved
		token = "saved " + token
	}
	e := a.explain(result.Warning)
	e.Message += "; the " + token + " " + validity
	e.print(a.err, "warning: ")
}

// Command returns the root command with all commands, for programs that describe them.
func Command() *cobra.Command {
	a := &app{out: io.Discard, err: io.Discard}
	return a.rootCommand("")
}

// rootCommand returns the root command with the named command, or with all commands if there is
// none of this name. Creating the flags of all commands takes as long as reading a token.
func (a *app) rootCommand(only string) *cobra.Command {
	root := &cobra.Command{
		Use:   "freshet COMMAND",
		Short: "Keeps OAuth 2.0 tokens alive",
		Long: `freshet keeps OAuth 2.0 tokens alive. You log in once, in a browser. From then on freshet prints a
valid access token whenever you ask for one, and refreshes it when necessary. A refresh loses no
token when the provider rotates refresh tokens, when a process is killed, or when many processes ask
at once.

TARGET is the name of a connection or the path of a token file. freshet login and freshet import
create connections. A token file is the provider's token response as JSON. A path ends in .json or
contains a /.`,
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
			return unknownCommand(cmd, args[0])
		}
		if *printVersion {
			return a.version()
		}
		return cmd.Help()
	}
	root.SetHelpCommand(helpCommand(root))
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		if cmd != root || cmd.Flags().NArg() == 0 { // otherwise the command is unknown: see run
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
		"login": a.loginCommand, "import": a.importCommand, "set": a.setCommand, "rename": a.renameCommand,
		"secret":  a.secretCommand,
		"refresh": a.refreshCommand, "token": a.tokenCommand, "exec": a.execCommand, "status": a.statusCommand,
		"whoami": a.whoamiCommand, "introspect": a.introspectCommand, "doctor": a.doctorCommand,
		"providers": a.providersCommand, "revoke": a.revokeCommand, "logout": a.logoutCommand,
		"testserver": a.testserverCommand, "demo": a.demoCommand, "version": a.versionCommand,
		"completion": a.completionCommand, "environment": a.environmentTopic,
		"exit-codes": a.exitCodesTopic,
	}
}

func unknownCommand(root *cobra.Command, name string) error {
	if filestore.IsPath(name) {
		return &usageError{
			fmt.Sprintf("%q is a file, not a command", name),
			"to show its token, run freshet status " + name,
		}
	}
	return &usageError{fmt.Sprintf("unknown command %q", name), suggestCommand(root, name)}
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show what a command does",
		Example: `  freshet help refresh
  freshet help environment`,
		ValidArgsFunction: func(
			_ *cobra.Command, args []string, toComplete string,
		) ([]cobra.Completion, cobra.ShellCompDirective) {
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
				return &usageError{
					fmt.Sprintf("unknown command %q", strings.Join(args, " ")),
					suggestCommand(root, args[0]),
				}
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}
