package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
)

// The exit codes that a shell uses for a command that cannot run.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

func (a *app) execCommand() *cobra.Command {
	var f tokenFlags
	var set strings.Builder
	for _, v := range CommandEnvironment() {
		fmt.Fprintf(&set, "  %-21s  %s\n", v.Name, v.Meaning)
	}
	cmd := &cobra.Command{
		Use: "exec [flags] TARGET -- COMMAND [ARG...]",

		DisableFlagsInUseLine: true, // flags after COMMAND belong to the command
		Short:                 "Run a command with a valid access token in its environment",
		Long: "Run a command with a valid access token in its environment:\n\n" + set.String() + `
Signals and the exit code pass through. The variable that holds the client secret is removed from
the environment. Without a token, or with one that could not be saved, the command does not run.`,
		Example: `  freshet exec salesforce.json -- python3 report.py
  freshet exec salesforce.json -- sh -c 'curl -H "Authorization: $FRESHET_AUTHORIZATION" "$FRESHET_INSTANCE_URL/"'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); len(args) < 2 || dash != 1 {
				return &usageError{
					"wrong arguments: pass a target, two dashes and a command",
					"usage: freshet exec [flags] TARGET -- COMMAND [ARG...]",
				}
			}
			return nil
		},
		ValidArgsFunction: a.completeExec,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.exec(cmd, args[0], args[1:], &f)
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	f.registerChoice(flags)
	return cmd
}

func (a *app) exec(cmd *cobra.Command, target string, command []string, f *tokenFlags) error {
	path, err := exec.LookPath(command[0])
	if err != nil {
		return a.notRunnable(command[0], err)
	}
	result, err := a.tokenFor(cmd, target, f)
	if err != nil {
		return err // also for an unsaved result, which the command's exit code would hide
	}
	a.awaitChildren()
	if err := runCommand(path, command, withToken(os.Environ(), result.Connection)); err != nil {
		return a.notRunnable(command[0], err)
	}
	return nil
}

func (a *app) notRunnable(name string, err error) error {
	if isExit(err) {
		return err
	}
	code, message := exitNotExecutable, fmt.Sprintf("cannot run the command %q: %v", name, errors.Unwrap(err))
	remedy := "check the file's permissions and its first line"
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		code, message, remedy = exitNotFound, fmt.Sprintf("no command %q", name), "check its name, or pass its path"
	}
	explanation{Message: message, Remedy: remedy}.print(a.err, "")
	return &exitError{code}
}

// withToken returns the environment for the command: environ with the token and without the client
// secret.
func withToken(environ []string, c freshet.Connection) []string {
	token := c.Token
	authorization := ""
	if header, err := c.Header("", nil); err == nil && token.AccessToken() != "" {
		for name := range header {
			authorization = header.Get(name)
		}
	}
	added := map[string]string{
		"FRESHET_ACCESS_TOKEN":  token.AccessToken(),
		"FRESHET_AUTHORIZATION": authorization,
		"FRESHET_ID_TOKEN":      token.IDToken(),
		"FRESHET_INSTANCE_URL":  token.Member("instance_url"),
	}
	for _, name := range c.ProviderInfo().AccessToken.Variables {
		added[name] = token.AccessToken()
	}
	for _, name := range slices.Sorted(maps.Keys(c.Redirect)) {
		added[redirectVar(name)] = c.Redirect[name]
	}
	secrets := []string{"FRESHET_CLIENT_SECRET"}
	if name, ok := strings.CutPrefix(c.SecretFrom, "env:"); ok {
		secrets = append(secrets, name)
	}
	var env []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		_, replaced := added[name]
		if !replaced && !strings.HasPrefix(name, redirectPrefix) && !slices.Contains(secrets, name) {
			env = append(env, pair)
		}
	}
	for name, value := range added {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

const redirectPrefix = "FRESHET_REDIRECT_"

// redirectVar returns the environment variable for a parameter of the login's redirect.
func redirectVar(parameter string) string {
	return redirectPrefix + strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return '_'
		}
		return unicode.ToUpper(r)
	}, parameter)
}
