// Command noskip runs go test with its own arguments, prints what go test prints, and then fails if a test was skipped: a
// test that is not run guards nothing. Without root, or with NO_INSTALL in the environment, it only lists what was skipped:
// some tests mount file systems, and some need programs that are not installed.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "noskip: %v\n", err)
		return 1
	}
	r := report{out: os.Stdout, held: map[string]string{}}
	r.read(output)
	if err := cmd.Wait(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			fmt.Fprintf(os.Stderr, "noskip: %v\n", err)
		}
		return 1
	}
	return r.verdict(os.Geteuid() == 0 && os.Getenv("NO_INSTALL") == "")
}

// event is one line of go test -json, as go doc test2json describes it.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

type report struct {
	out     io.Writer
	held    map[string]string // by test: its output, to be shown if it fails
	skipped []string
}

func (r *report) read(output io.Reader) {
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadString('\n')
		var e event
		if json.Unmarshal([]byte(line), &e) == nil {
			r.add(e)
		} else {
			r.print(line) // not test2json's: a message of the go command
		}
		if err != nil {
			return
		}
	}
}

func (r *report) add(e event) {
	test := e.Package + "." + e.Test
	switch e.Action {
	case "build-output":
		r.print(e.Output)
	case "output":
		if e.Test != "" {
			r.held[test] += e.Output
		} else if e.Output != "PASS\n" {
			r.print(e.Output)
		}
	case "fail":
		r.release(func(held string) bool {
			// What is still held when a package fails is of tests that never ended: a panic, a time-out.
			return held == test || e.Test == "" && strings.HasPrefix(held, test)
		})
	case "skip":
		if e.Test != "" {
			r.skipped = append(r.skipped, path.Base(e.Package)+": "+reason(r.held[test]))
		}
		delete(r.held, test)
	case "pass":
		delete(r.held, test)
	}
}

// release shows the output of the tests that match.
func (r *report) release(match func(held string) bool) {
	for test, output := range r.held {
		if match(test) {
			r.print(output)
			delete(r.held, test)
		}
	}
}

func (r *report) print(text string) { _, _ = io.WriteString(r.out, text) }

// reason is a skipped test's output in one line, which ends with its name.
func reason(output string) string {
	var words []string
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "=== ") {
			words = append(words, line)
		}
	}
	return strings.Join(words, " ")
}

// verdict is the exit code of a run in which no test failed. If it is strict, a skipped test is a failure.
func (r *report) verdict(strict bool) int {
	if len(r.skipped) == 0 {
		fmt.Fprintln(r.out, "noskip: no test was skipped")
		return 0
	}
	for _, test := range r.skipped {
		fmt.Fprintf(r.out, "SKIP  %s\n", test)
	}
	if !strict {
		fmt.Fprintf(r.out, "noskip: %d tests were skipped; make test as root runs them, too\n", len(r.skipped))
		return 0
	}
	fmt.Fprintf(r.out, "noskip: %d tests were skipped\n", len(r.skipped))
	return 1
}
