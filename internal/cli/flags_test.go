package cli

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A flag name means one thing in all commands.
func TestFlagNameMeansOneThing(t *testing.T) {
	others := map[string]bool{
		// The test server is the provider's side of the conversation: it imitates the provider that the others ask.
		"testserver --provider": true, "testserver --redirect-uri": true,
		"login --timeout":  true, // it waits for a person
		"doctor --timeout": true, // nothing goes on after it
		"import --force":   true, // it makes a copy, and sends nothing
	}

	type meaning struct{ Usage, Type, Default, Shorthand string }
	meanings, first := map[string]meaning{}, map[string]string{}
	for _, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" || others[cmd.Name()+" --"+f.Name] {
				return
			}
			m := meaning{f.Usage, f.Value.Type(), f.DefValue, f.Shorthand}
			if _, ok := connectionUsages[f.Name]; ok && (cmd.Name() == "login" || cmd.Name() == "set") {
				return // there it speaks of the connection, elsewhere of a token file
			}
			if known, ok := meanings[f.Name]; ok {
				if diff := cmp.Diff(known, m); diff != "" {
					t.Errorf("--%s of %s is not what it is in %s (-%[3]s +%[2]s):\n%s", f.Name, cmd.Name(), first[f.Name], diff)
				}
				return
			}
			meanings[f.Name], first[f.Name] = m, cmd.Name()
		})
	}
	for _, name := range []string{"client-id", "json", "timeout", "min-ttl"} {
		if _, ok := meanings[name]; !ok {
			t.Errorf("no command has --%s: the test does not see the flags", name)
		}
	}
}

// A letter stands for the same flag wherever it is one.
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

// No flag takes a secret: every user of the machine can read the arguments of a process.
func TestNoFlagTakesASecret(t *testing.T) {
	for _, cmd := range commands() {
		for _, name := range []string{"client-secret", "secret", "password", "refresh-token", "access-token", "token"} {
			if cmd.Flags().Lookup(name) != nil {
				t.Errorf("%s has --%s", cmd.Name(), name)
			}
		}
	}
}

// Every command says in one line what it does, and shows how.
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

// Every flag says what it does, and how a value is written is told in the words of the help text.
func TestEveryFlagIsDescribed(t *testing.T) {
	for _, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			placeholder, usage := pflag.UnquoteUsage(f)
			if usage == "" {
				t.Errorf("%s --%s has no usage", cmd.Name(), f.Name)
			}
			if placeholder == "string" {
				t.Errorf("%s --%s takes a \"string\": name what it is in back quotes", cmd.Name(), f.Name)
			}
		})
	}
}

// commands lists what a person can run, as the list in the help text does.
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
