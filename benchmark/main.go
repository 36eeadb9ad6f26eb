// Command benchmark compares freshet with a minimal golang.org/x/oauth2 program, and prints a table in
// Markdown. It runs them in turn. It is a separate module so that freshet does not depend on x/oauth2.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	pairs := flag.Int("pairs", 60, "runs of each program; at least 30")
	flag.Parse()
	dir, err := os.MkdirTemp(".", "run-") // on a disk: on a tmpfs a sync costs nothing
	if err == nil {
		err = compare(dir, max(*pairs, 30))
		_ = os.RemoveAll(dir)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "benchmark: %v\n", err)
		os.Exit(1)
	}
}

func compare(dir string, pairs int) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	programs, err := buildPrograms(dir)
	if err != nil {
		return err
	}
	// Each program has its own server and document: with rotation, they cannot share one.
	servers := map[string]*testServer{}
	for _, name := range []string{"xoauth2", "freshet", "inprocess"} {
		server, err := startServer(programs.freshet, filepath.Join(dir, name+".json"))
		if err != nil {
			return err
		}
		defer server.stop()
		servers[name] = server
	}
	xoauth2, freshet, inProcess := servers["xoauth2"], servers["freshet"], servers["inprocess"]

	token, err := programs.alternate(pairs,
		[]string{programs.empty},
		[]string{programs.xoauth2, "token", xoauth2.document, xoauth2.endpoint, xoauth2.clientID},
		[]string{programs.freshet, "token", freshet.document},
	)
	if err != nil {
		return err
	}
	refresh, err := programs.alternate(pairs,
		[]string{programs.xoauth2, "refresh", xoauth2.document, xoauth2.endpoint, xoauth2.clientID},
		[]string{programs.freshet, "refresh", freshet.document, "--client-id", freshet.clientID},
		[]string{programs.inProcess, inProcess.document, inProcess.clientID},
	)
	if err != nil {
		return err
	}
	for name, server := range servers {
		if err := server.check(pairs + warmUps); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	syncs, err := medianSyncs(filepath.Join(dir, "synced.json"), pairs)
	if err != nil {
		return err
	}

	fmt.Printf("Medians of %d runs in turn; the server replies after %v.\n\n", pairs, latency)
	fmt.Println("| what | x/oauth2 | freshet | ratio | target |")
	fmt.Println("|---|--:|--:|--:|--:|")
	compareTimes("`token`, valid file: time", token[1], token[2], "≤ 1.25")
	compareMemory("`token`, valid file: memory", token[1], token[2], "≤ 8 MiB")
	compareTimes("`refresh`: time", refresh[0], refresh[1], "≤ 1.75")
	compareMemory("`refresh`: memory", refresh[0], refresh[1], "")

	fmt.Print("\n| part | time |\n|---|--:|\n")
	fmt.Printf("| start of an empty Go program (%s) | %s |\n", mebibytes(token[0].memory), milliseconds(token[0].time))
	fmt.Printf("| `refresh`: the child process | %s |\n", milliseconds(refresh[1].time-refresh[2].time))
	fmt.Printf("| `refresh`: reserve, sync and rename files | %s |\n", milliseconds(syncs))
	fmt.Printf("| `refresh`: without a child process, by the library | %s |\n", milliseconds(refresh[2].time))
	return nil
}
