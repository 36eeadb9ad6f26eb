// Command benchmark runs freshet and a minimal golang.org/x/oauth2 program by turns, and prints what they took as a table
// in Markdown. It is a module of its own so that x/oauth2 stays out of freshet's.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	pairs := flag.Int("pairs", 60, "how often each program is run; at least 30")
	flag.Parse()
	dir, err := os.MkdirTemp(".", "run-") // on a disk, not on a tmpfs where a sync costs nothing
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
	// Each program has a server and a document of its own: with rotation, they cannot share one.
	servers := map[string]*testServer{}
	for _, name := range []string{"peer", "freshet", "library"} {
		server, err := startServer(programs.freshet, filepath.Join(dir, name+".json"))
		if err != nil {
			return err
		}
		defer server.stop()
		servers[name] = server
	}
	peer, freshet, library := servers["peer"], servers["freshet"], servers["library"]

	token, err := programs.alternate(pairs,
		[]string{programs.empty},
		[]string{programs.peer, "token", peer.document, peer.endpoint, peer.clientID},
		[]string{programs.freshet, "token", freshet.document},
	)
	if err != nil {
		return err
	}
	refresh, err := programs.alternate(pairs,
		[]string{programs.peer, "refresh", peer.document, peer.endpoint, peer.clientID},
		[]string{programs.freshet, "refresh", freshet.document, "--client-id", freshet.clientID},
		[]string{programs.library, library.document, library.clientID},
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

	fmt.Printf("Medians of %d runs by turns; the server answers after %v.\n\n", pairs, latency)
	fmt.Println("| what | x/oauth2 | freshet | ratio | target |")
	fmt.Println("|---|--:|--:|--:|--:|")
	compareTimes("`token`, valid file: time", token[1], token[2], "≤ 1.25")
	compareMemory("`token`, valid file: memory", token[1], token[2], "≤ 8 MiB")
	compareTimes("`refresh`: time", refresh[0], refresh[1], "≤ 1.75")
	compareMemory("`refresh`: memory", refresh[0], refresh[1], "")

	fmt.Print("\n| what it is made of | time |\n|---|--:|\n")
	fmt.Printf("| starting an empty Go program (%s) | %s |\n", mebibytes(token[0].memory), milliseconds(token[0].time))
	fmt.Printf("| `refresh`: the child process | %s |\n", milliseconds(refresh[1].time-refresh[2].time))
	fmt.Printf("| `refresh`: files reserved, synced and renamed | %s |\n", milliseconds(syncs))
	fmt.Printf("| `refresh`: the same without a child, by the library | %s |\n", milliseconds(refresh[2].time))
	return nil
}
