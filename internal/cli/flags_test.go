package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A flag has the same meaning in all commands.
func TestFlagNameMeansOneThing(t *testing.T) {
	others := map[string]bool{
		// The test server imitates the provider that the other commands send requests to.
		"testserver --provider": true, "testserver --redirect-uri": true,
		"login --timeout":  true, // it waits for a login
		"doctor --timeout": true, // nothing continues in the background
		"import --force":   true, // it copies a token and sends nothing
	}

	type meaning struct{ Usage, Type, Default, Shorthand string }
	meanings, first := map[string]meaning{}, map[string]string{}
	for _, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" || others[cmd.Name()+" --"+f.Name] {
				return
			}
			usage, _, _ := strings.Cut(f.Usage, "; default") // set has none: it keeps the setting
			m := meaning{usage, f.Value.Type(), f.DefValue, f.Shorthand}
			if _, ok := connectionUsages[f.Name]; ok && (cmd.Name() == "login" || cmd.Name() == "set") {
				return // these two have flags of a connection, others of a token file
			}
			if known, ok := meanings[f.Name]; ok {
				if diff := cmp.Diff(known, m); diff != "" {
					t.Errorf("--%s of %s has another meaning in %s (-%[3]s +%[2]s):\n%s", f.Name, cmd.Name(), first[f.Name], diff)
				}
				return
			}
			meanings[f.Name], first[f.Name] = m, cmd.Name()
		})
	}
	for _, name := range []string{"client-id", "json", "timeout", "min-ttl"} {
		if _, ok := meanings[name]; !ok {
			t.Errorf("no command has --%s: the test finds no flags", name)
		}
	}
}

// A letter is the shorthand of the same flag in all commands.
func TestShorthandMeansOneFlag(t *testing.T) {
	flags := map[string]string{}
	for _, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Shorthand == "" {
				return
			}
			if known, ok := flags[f.Shorthand]; ok && known != f.Name {
				t.Errorf("-%s is --%s in one command and --%s in %s", f.Shorthand, known, f.Name, cmd.Name())
			}
			flags[f.Shorthand] = f.Name
		})
	}
}

// Every user of the machine can read the arguments of a process.
func TestNoFlagTakesASecret(t *testing.T) {
	for _, cmd := range commands() {
		for _, name := range []string{"client-secret", "secret", "password", "refresh-token", "access-token", "token"} {
			if cmd.Flags().Lookup(name) != nil {
				t.Errorf("%s has --%s", cmd.Name(), name)
			}
		}
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	for _, cmd := range commands() {
		if cmd.Short == "" {
			t.Errorf("%s has no Short", cmd.Name())
		}
		if cmd.Example == "" {
			t.Errorf("%s has no Example", cmd.Name())
		}
	}
}

// A placeholder for the value is part of the usage.
func TestEveryFlagIsDescribed(t *testing.T) {
	for _, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			placeholder, usage := pflag.UnquoteUsage(f)
			if usage == "" {
				t.Errorf("%s --%s has no usage", cmd.Name(), f.Name)
			}
			if placeholder == "string" {
				t.Errorf("%s --%s takes a \"string\": name a placeholder in back quotes", cmd.Name(), f.Name)
			}
		})
	}
}

// commands returns the commands that the help text lists.
func commands() []*cobra.Command {
	var found []*cobra.Command
	for _, cmd := range (&app{}).rootCommand("").Commands() {
		if cmd.IsAvailableCommand() && cmd.Name() != "help" {
			cmd.InitDefaultHelpFlag()
			found = append(found, cmd)
		}
	}
	if len(found) == 0 {
		panic(fmt.Sprintf("%T has no commands", app{}))
	}
	return found
}

func TestDurationFlagsRefuseOtherValues(t *testing.T) {
	for value, want := range map[string]struct{ any, positive bool }{
		"5d": {true, true}, "1w2d": {true, true}, "0": {true, false}, "0d": {true, false},
		"-5d": {}, "": {}, "5": {}, "soon": {},
	} {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		first, second := time.Hour, time.Hour
		durationVar(flags, &first, "any", time.Hour, "")
		positiveDurationVar(flags, &second, "positive", time.Hour, "")
		if err := flags.Set("any", value); (err == nil) != want.any || err != nil && first != time.Hour {
			t.Errorf("--any %q: %v, %v", value, first, err)
		}
		if err := flags.Set("positive", value); (err == nil) != want.positive || err != nil && second != time.Hour {
			t.Errorf("--positive %q: %v, %v", value, second, err)
		}
	}
}
