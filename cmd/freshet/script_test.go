package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/freshet-dev/freshet/oauthtest"
)

// TestScripts runs the scripts in testdata/script, which are the manual. They can use the commands
// of testscript and those below.
func TestScripts(t *testing.T) {
	testscript.Run(t, scriptParams())
}

func scriptParams() testscript.Params {
	return testscript.Params{
		Dir:                "../../testdata/script",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FRESHET_HOME", filepath.Join(env.WorkDir, "home"))
			env.Values[scriptKey{}] = new(script)
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("no such condition: %s", name)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"testserver": command((*script).testserver),
			"stopserver": command((*script).stopserver),
			"fault":      command((*script).fault),
			"revoke":     command((*script).revoke),
			"stats":      command((*script).stats),
			"hold":       command((*script).hold),
			"held":       command((*script).held),
			"release":    command((*script).release),
			"document":   command((*script).document),
			"spell":      command((*script).spell),
			"age":        command((*script).age),
			"failures":   command((*script).failures),
			"changed":    command((*script).changed),
			"exits":      command((*script).exits),
			"waitfor":    command((*script).waitfor),
			"shows":      command((*script).shows),
			"waitchange": command((*script).waitchange),
			"waitgone":   command((*script).waitgone),
			"get":        command((*script).get),
			"schema":     command((*script).schema),

			"clock":         command((*script).clock),
			"answers":       command((*script).answers),
			"secured":       command((*script).secured),
			"killrefresher": command((*script).killrefresher),
			"waitdead":      command((*script).waitdead),
		},
	}
}

// script is a running script.
type script struct {
	server  *oauthtest.Server
	arrived chan struct{} // receives when a request has arrived whose reply is held
	letGo   func()        // sends the held replies
	last    []string      // the last command of exits
}

type scriptKey struct{}

func command(
	run func(p *script, ts *testscript.TestScript, args []string),
) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command cannot be negated")
		}
		run(ts.Value(scriptKey{}).(*script), ts, args)
	}
}

// waitTimeout is how long a script waits for what must happen.
const waitTimeout = 30 * time.Second

// No message may contain a secret of the test server: these are their beginnings, and the client
// secret. Only access tokens can be on standard output.
var (
	accessTokens = []string{"00D0000000FAKE0!", "oauthtest-access-"}
	neverPrinted = []string{
		"5Aep861", "oauthtest-refresh-", "oauthtest-not-a-secret", "oauthtest-code-", "aPrx", "oauthtest-device-",
	}
)

// exits CODE COMMAND... runs a command, compares its exit code, and checks that it printed no
// secret.
func (p *script) exits(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	p.last = args[1:]
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s cannot be run: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	checkNoSecret(ts, "stderr", slices.Concat(accessTokens, neverPrinted))
	checkNoSecret(ts, "stdout", neverPrinted)
}

func checkNoSecret(ts *testscript.TestScript, stream string, secrets []string) {
	for _, secret := range secrets {
		if strings.Contains(ts.ReadFile(stream), secret) {
			ts.Fatalf("%s has a secret that begins with %s", stream, secret)
		}
	}
}

// waitfor FILE waits until the file exists.
func (p *script) waitfor(ts *testscript.TestScript, args []string) {
	waitUntil(ts, args[0]+" was not written", func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	})
}

// waitgone FILE waits until the file does not exist.
func (p *script) waitgone(ts *testscript.TestScript, args []string) {
	waitUntil(ts, args[0]+" is still there", func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return errors.Is(err, os.ErrNotExist)
	})
}

// waitchange FILE OLD waits until the file differs from OLD.
func (p *script) waitchange(ts *testscript.TestScript, args []string) {
	old := ts.ReadFile(args[1])
	waitUntil(ts, args[0]+" was not changed", func() bool {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && string(data) != old
	})
}

// shows FILE TEXT waits until the file contains the text. A browser may write its page after the
// command has ended.
func (p *script) shows(ts *testscript.TestScript, args []string) {
	waitUntil(ts, args[0]+" does not show "+args[1], func() bool {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && strings.Contains(string(data), args[1])
	})
}

func waitUntil(ts *testscript.TestScript, message string, condition func() bool) {
	for deadline := time.Now().Add(waitTimeout); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("%s", message)
		}
	}
}

// get FILE PATH sends a GET to the instance_url of a Salesforce token.
func (p *script) get(ts *testscript.TestScript, args []string) {
	var saved struct {
		InstanceURL string `json:"instance_url"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &saved))
	response, err := http.Get(saved.InstanceURL + args[1])
	ts.Check(err)
	defer response.Body.Close()
	_, err = io.Copy(ts.Stdout(), response.Body)
	ts.Check(err)
}

// schema FILE compares the members of the JSON object on standard output with the file, which has a
// line "member type" for each.
func (p *script) schema(ts *testscript.TestScript, args []string) {
	var object map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &object))
	var lines []string
	for name, value := range object {
		lines = append(lines, fmt.Sprintf("%s %s", name, kind(value)))
	}
	slices.Sort(lines)
	if diff := cmp.Diff(strings.Fields(ts.ReadFile(args[0])), strings.Fields(strings.Join(lines, " "))); diff != "" {
		ts.Fatalf("the members differ (-want +got):\n%s", diff)
	}
}

func kind(value json.RawMessage) string {
	switch value = bytes.TrimSpace(value); value[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	default:
		return "number"
	}
}
