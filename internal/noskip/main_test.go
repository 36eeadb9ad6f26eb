package main

import (
	"strings"
	"testing"
)

const (
	passed = `{"Action":"output","Package":"example/a","Test":"TestX","Output":"    x_test.go:1: chatter\n"}
{"Action":"pass","Package":"example/a","Test":"TestX"}
{"Action":"output","Package":"example/a","Output":"PASS\n"}
{"Action":"output","Package":"example/a","Output":"ok  \texample/a\t0.1s\n"}
{"Action":"pass","Package":"example/a"}
`
	skipped = `{"Action":"output","Package":"example/a","Test":"TestMount","Output":"=== RUN   TestMount\n"}
{"Action":"output","Package":"example/a","Test":"TestMount","Output":"    x_test.go:9: needs root\n"}
{"Action":"output","Package":"example/a","Test":"TestMount","Output":"--- SKIP: TestMount (0.00s)\n"}
{"Action":"skip","Package":"example/a","Test":"TestMount"}
`
	failed = `{"Action":"output","Package":"example/a","Test":"TestX","Output":"    x_test.go:1: wrong\n"}
{"Action":"fail","Package":"example/a","Test":"TestX"}
`
	crashed = `{"Action":"output","Package":"example/a","Test":"TestX","Output":"panic: no\n"}
{"Action":"output","Package":"example/a","Output":"FAIL\texample/a\t0.1s\n"}
{"Action":"fail","Package":"example/a"}
`
	noTests = `{"Action":"output","Package":"example/b","Output":"?   \texample/b\t[no test files]\n"}
{"Action":"skip","Package":"example/b"}
`
)

func TestReport(t *testing.T) {
	const none = "noskip: no test was skipped\n"
	for name, tt := range map[string]struct {
		events string
		strict bool
		code   int
		shown  string
	}{
		"a passed test prints nothing":     {passed, true, 0, "ok  \texample/a\t0.1s\n" + none},
		"a failed test prints its output":  {failed, true, 0, "    x_test.go:1: wrong\n" + none},
		"a crashed test prints its output": {crashed, true, 0, "FAIL\texample/a\t0.1s\npanic: no\n" + none},
		"a package without tests":          {noTests, true, 0, "?   \texample/b\t[no test files]\n" + none},
		"a skipped test": {
			skipped, true, 1,
			"SKIP  a: x_test.go:9: needs root --- SKIP: TestMount (0.00s)\nnoskip: 1 tests were skipped\n",
		},
		"a skipped test, not strict": {
			skipped, false, 0,
			"SKIP  a: x_test.go:9: needs root --- SKIP: TestMount (0.00s)\n" +
				"noskip: 1 tests were skipped; make test as root runs them, too\n",
		},
		"a line that is not JSON": {"go: downloading\n", true, 0, "go: downloading\n" + none},
	} {
		t.Run(name, func(t *testing.T) {
			var shown strings.Builder
			r := report{out: &shown, output: map[string]string{}}
			r.read(strings.NewReader(tt.events))
			if code := r.exitCode(tt.strict); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if shown.String() != tt.shown {
				t.Errorf("shown:\n%q\nwant:\n%q", shown.String(), tt.shown)
			}
		})
	}
}
