// Command keeper compares freshet's keeper with golang.org/x/oauth2 in one process, and prints tables in
// Markdown. It runs them in turn. The token endpoint is a separate process.
package main

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

func main() {
	testing.Init() // for testing.Benchmark
	rounds := flag.Int("rounds", 5, "rounds of each contender; at least 5")
	only := flag.String("only", "", "print one table: tokens, requests, refreshes, files or memory")
	flag.Parse()
	_ = flag.Set("test.benchtime", "200ms")
	compare := func() error { return run(max(*rounds, 5), *only) }
	if flag.Arg(0) == "endpoint" {
		compare = serveEndpoint
	}
	if err := compare(); err != nil {
		fmt.Fprintf(os.Stderr, "keeper: %v\n", err)
		os.Exit(1)
	}
}

func run(rounds int, only string) error {
	for _, table := range []struct {
		name    string
		compare func(rounds int) error
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
		if err := table.compare(rounds); err != nil {
			return fmt.Errorf("%s: %w", table.name, err)
		}
	}
	return nil
}
