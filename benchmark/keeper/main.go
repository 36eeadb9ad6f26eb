// Command keeper runs freshet's keeper and golang.org/x/oauth2 by turns in one process, and prints what they took as tables
// in Markdown. The token endpoint is a process of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

func main() {
	testing.Init() // for testing.Benchmark
	rounds := flag.Int("rounds", 5, "how often each contender has its turn; at least 5")
	only := flag.String("only", "", "one table: tokens, requests, refreshes, files or memory")
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
