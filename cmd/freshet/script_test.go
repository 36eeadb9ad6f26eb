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

// TestScripts runs the manual: each page under testdata/script is a script, and works as it is written. Beside the
// commands of testscript a page may use those below.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "../../testdata/script",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FRESHET_HOME", filepath.Join(env.WorkDir, "home"))
			env.Values[pageKey{}] = new(page)
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("no such condition: %s", name)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"testserver": command((*page).testserver),
			"stopserver": command((*page).stopserver),
			"fault":      command((*page).fault),
			"revoke":     command((*page).revoke),
			"stats":      command((*page).stats),
			"hold":       command((*page).hold),
			"held":       command((*page).held),
			"release":    command((*page).release),
			"document":   command((*page).document),
			"spell":      command((*page).spell),
			"age":        command((*page).age),
			"failures":   command((*page).failures),
			"changed":    command((*page).changed),
			"exits":      command((*page).exits),
			"waitfor":    command((*page).waitfor),
			"shows":      command((*page).shows),
			"waitchange": command((*page).waitchange),
			"waitgone":   command((*page).waitgone),
			"get":        command((*page).get),
			"schema":     command((*page).schema),

			"clock":         command((*page).clock),
			"answers":       command((*page).answers),
			"secured":       command((*page).secured),
			"killrefresher": command((*page).killrefresher),
			"waitdead":      command((*page).waitdead),
		},
	})
}

// page is one script being run.
type page struct {
	server  *oauthtest.Server
	arrived chan struct{} // a request whose reply is held
	letGo   func()        // sends the replies that are held
}

type pageKey struct{}

func command(run func(p *page, ts *testscript.TestScript, args []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command cannot be negated")
		}
		run(ts.Value(pageKey{}).(*page), ts, args)
	}
}

// patience is how long a page waits for what must happen.
const patience = 30 * time.Second

// What no message may quote: the beginnings of the test server's tokens, and its client secret. No command is there to
// print a refresh token or a client secret.
var (
	accessTokens = []string{"00D0000000FAKE0!", "oauthtest-access-"}
	neverPrinted = []string{"5Aep861", "oauthtest-refresh-", "oauthtest-not-a-secret", "oauthtest-code-", "aPrx", "oauthtest-device-"}
)

// exits CODE COMMAND... runs the command, compares its exit code, and makes sure that it told no secret.
func (p *page) exits(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
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
	keepsSecret(ts, "stderr", slices.Concat(accessTokens, neverPrinted))
	keepsSecret(ts, "stdout", neverPrinted)
}

func keepsSecret(ts *testscript.TestScript, stream string, secrets []string) {
	for _, secret := range secrets {
		if strings.Contains(ts.ReadFile(stream), secret) {
			ts.Fatalf("%s holds a secret, which begins with %s", stream, secret)
		}
	}
}

// waitfor FILE waits until the file exists.
func (p *page) waitfor(ts *testscript.TestScript, args []string) {
	waitUntil(ts, args[0]+" was not written", func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	})
}

// waitgone FILE waits until the file exists no more.
func (p *page) waitgone(ts *testscript.TestScript, args []string) {
	waitUntil(ts, args[0]+" is still there", func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return errors.Is(err, os.ErrNotExist)
	})
}

// waitchange FILE OLD waits until the file is no longer what OLD is.
func (p *page) waitchange(ts *testscript.TestScript, args []string) {
	old := ts.ReadFile(args[1])
	waitUntil(ts, args[0]+" was not changed", func() bool {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && string(data) != old
	})
}

// shows FILE TEXT waits until the file has the text: a browser may still be writing its page when the command has ended.
func (p *page) shows(ts *testscript.TestScript, args []string) {
	waitUntil(ts, args[0]+" does not show "+args[1], func() bool {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && strings.Contains(string(data), args[1])
	})
}

func waitUntil(ts *testscript.TestScript, otherwise string, condition func() bool) {
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("%s", otherwise)
		}
	}
}

// get FILE PATH fetches a path of the server that a Salesforce document came from.
func (p *page) get(ts *testscript.TestScript, args []string) {
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

// schema FILE compares the members and the types of the JSON object on standard output with those that the file lists,
// one "member type" a line.
func (p *page) schema(ts *testscript.TestScript, args []string) {
	var object map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &object))
	var lines []string
	for name, value := range object {
		lines = append(lines, fmt.Sprintf("%s %s", name, kind(value)))
	}
	slices.Sort(lines)
	if diff := cmp.Diff(strings.Fields(ts.ReadFile(args[0])), strings.Fields(strings.Join(lines, " "))); diff != "" {
		ts.Fatalf("the members are others (-want +got):\n%s", diff)
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
