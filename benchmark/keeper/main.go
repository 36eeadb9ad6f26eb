// Command keeper compares freshet's keeper with golang.org/x/oauth2 in one process, and prints tables in
// Markdown. It runs them in turn. The token endpoint is a separate process.
package main

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/freshet-dev/freshet/benchmark/endpoint"
	"github.com/freshet-dev/freshet/benchmark/report"
)

func main() {
	testing.Init() // for testing.Benchmark
	rounds := flag.Int("rounds", 5, "rounds of each contender; at least 5")
	only := flag.String("only", "", "print one table: tokens, requests, refreshes, files or memory")
	r := report.New()
	flag.Parse()
	_ = flag.Set("test.benchtime", "200ms")
	compare := func() error { return run(r, max(*rounds, 5), *only) }
	if flag.Arg(0) == endpoint.Argument {
		compare = endpoint.Serve
	}
	if err := compare(); err != nil {
		fmt.Fprintf(os.Stderr, "keeper: %v\n", err)
		os.Exit(1)
	}
}

func run(r *report.Report, rounds int, only string) error {
	for _, table := range []struct {
		name    string
		compare func(r *report.Report, rounds int) error
	}{
		{"tokens", compareTokens},
		{"requests", compareRequests},
		{"refreshes", compareRefreshes},
		{"files", compareFiles},
		{"memory", measureMemory},
	} {
		if only != "" && only != table.name {
			continue
		}
		if err := table.compare(r, rounds); err != nil {
			return fmt.Errorf("%s: %w", table.name, err)
		}
	}
	return r.Finish()
}
