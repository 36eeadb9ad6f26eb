// Command noskip runs go test with its arguments and prints its output. It fails if a test was skipped, because
// a skipped test proves nothing. Without root, or with NO_INSTALL in the environment, it only warns: some
// tests mount file systems, and some need programs that are not installed.
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
	r := report{out: os.Stdout, output: map[string]string{}}
	r.read(output)
	if err := cmd.Wait(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			fmt.Fprintf(os.Stderr, "noskip: %v\n", err)
		}
		return 1
	}
	return r.exitCode(os.Geteuid() == 0 && os.Getenv("NO_INSTALL") == "")
}

// event is a line of go test -json; see go doc test2json.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

type report struct {
	out     io.Writer
	output  map[string]string // by test; printed if the test fails
	skipped []string
}

func (r *report) read(events io.Reader) {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadString('\n')
		var e event
		if json.Unmarshal([]byte(line), &e) == nil {
			r.add(e)
		} else {
			r.print(line) // a message of the go command
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
			r.output[test] += e.Output
		} else if e.Output != "PASS\n" {
			r.print(e.Output)
		}
	case "fail":
		r.printOutput(func(name string) bool {
			// When a package fails, the tests that have not ended are those of a panic or a timeout.
			return name == test || e.Test == "" && strings.HasPrefix(name, test)
		})
	case "skip":
		if e.Test != "" {
			r.skipped = append(r.skipped, path.Base(e.Package)+": "+reason(r.output[test]))
		}
		delete(r.output, test)
	case "pass":
		delete(r.output, test)
	}
}

// printOutput prints the output of the tests that match.
func (r *report) printOutput(match func(test string) bool) {
	for test, output := range r.output {
		if match(test) {
			r.print(output)
			delete(r.output, test)
		}
	}
}

func (r *report) print(text string) { _, _ = io.WriteString(r.out, text) }

// reason returns the output of a skipped test in one line, which ends with its name.
func reason(output string) string {
	var words []string
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "=== ") {
			words = append(words, line)
		}
	}
	return strings.Join(words, " ")
}

// exitCode prints the skipped tests, and returns the exit code of a run without failures. If strict is set,
// a skipped test is a failure.
func (r *report) exitCode(strict bool) int {
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
