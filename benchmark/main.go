// Command benchmark compares freshet with a minimal golang.org/x/oauth2 program, and prints tables in
// Markdown. It runs them in turn. It is a separate module so that freshet does not depend on x/oauth2.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-dev/freshet/benchmark/endpoint"
	"github.com/freshet-dev/freshet/benchmark/report"
)

// slowStart is how long an empty Go program takes at least where the start of processes is dear.
const slowStart = 4 * time.Millisecond

func main() {
	pairs := flag.Int("pairs", 60, "runs of each program; at least 30")
	r := report.New()
	flag.Parse()
	if flag.Arg(0) == endpoint.Argument {
		exit(endpoint.Serve())
	}
	dir, err := os.MkdirTemp(".", "run-") // on a disk: on a tmpfs a sync costs nothing
	if err == nil {
		err = compare(r, dir, max(*pairs, 30))
		_ = os.RemoveAll(dir)
	}
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "benchmark: %v\n", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func compare(r *report.Report, dir string, pairs int) error {
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
	for _, name := range []string{"xoauth2", "freshet", "inprocess", "traced"} {
		server, err := startServer(programs.freshet, filepath.Join(dir, name+".json"))
		if err != nil {
			return err
		}
		defer server.stop()
		servers[name] = server
	}
	xoauth2, freshet, inProcess := servers["xoauth2"], servers["freshet"], servers["inprocess"]
	traced := servers["traced"]
	delete(servers, "traced") // its refreshes are not counted

	token, err := programs.alternate(pairs,
		command{args: []string{programs.empty}},
		command{args: []string{programs.xoauth2, "token", xoauth2.document, xoauth2.endpoint, xoauth2.clientID}},
		command{args: []string{programs.freshet, "token", freshet.document}},
	)
	if err != nil {
		return err
	}
	refresh, err := programs.alternate(pairs,
		command{args: []string{programs.xoauth2, "refresh", xoauth2.document, xoauth2.endpoint, xoauth2.clientID}},
		command{args: []string{programs.freshet, "refresh", freshet.document, "--client-id", freshet.clientID}},
		command{args: []string{programs.inProcess, inProcess.document, inProcess.clientID}},
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
	calls, err := programs.systemCalls(filepath.Join(dir, "strace"), traced.document, traced.clientID)
	if err != nil {
		return err
	}
	many, status, err := programs.measureMany(dir)
	if err != nil {
		return err
	}
	printCommands(r, pairs, token, refresh, many, status)
	printParts(r, token[0], refresh, syncs, calls)
	return r.Finish()
}

func printCommands(r *report.Report, pairs int, token, refresh, many []cost, status cost) {
	fmt.Printf("Medians of %d runs in turn, of `--all` and `status` of %d; the server replies after %v.\n\n",
		pairs, manyRuns, latency)
	fmt.Println("| what | x/oauth2 | freshet | ratio | target | met |")
	fmt.Println("|---|--:|--:|--:|--:|:-:|")
	row := func(what, peer, ours string, ratio float64, end string) {
		fmt.Printf("| %s | %s | %s | %.2f | %s |\n", what, peer, ours, ratio, end)
	}
	times := func(what string, peer, ours cost, target float64) {
		ratio := ratio(peer.time, ours.time)
		row(what, milliseconds(peer.time), milliseconds(ours.time), ratio, r.AtMost(what, ratio, target))
	}
	of, peer, ours := "`token`, valid file: ", token[1], token[2]
	times(of+"time", peer, ours, 1.20)
	row(of+"memory", mebibytes(peer.memory), mebibytes(ours.memory), ratio(peer.memory, ours.memory),
		r.AtMost(of+"memory in MiB", float64(ours.memory)/(1<<20), 7.5))
	faults := ratio(peer.faults, ours.faults)
	row(of+"page faults", fmt.Sprint(peer.faults), fmt.Sprint(ours.faults), faults,
		r.AtMost(of+"page faults", faults, 1.2))
	target := 1.6
	if token[0].time >= slowStart {
		target = 1.9
	}
	of, peer, ours = "`refresh`: ", refresh[0], refresh[1]
	times(of+"time", peer, ours, target)
	row(of+"memory", mebibytes(peer.memory), mebibytes(ours.memory), ratio(peer.memory, ours.memory), "|")

	fmt.Print("\n| many connections | the library | freshet | ratio | target | met |\n|---|--:|--:|--:|--:|:-:|\n")
	times(fmt.Sprintf("`refresh --all` of %d: time", refreshed), many[0], many[1], 1.1)
	row(fmt.Sprintf("`refresh --all` of %d: memory of the caller", refreshed),
		mebibytes(many[0].memory), mebibytes(many[1].memory), ratio(many[0].memory, many[1].memory), "|")
	what := fmt.Sprintf("`status` of %d: ", listed)
	fmt.Printf("| %stime | | %s | | %s |\n", what, milliseconds(status.time),
		r.AtMost(what+"time in s", status.time.Seconds(), 1))
	fmt.Printf("| %smemory | | %s | | %s |\n", what, mebibytes(status.memory),
		r.AtMost(what+"memory in MiB", float64(status.memory)/(1<<20), 30))
}

func printParts(r *report.Report, empty cost, refresh []cost, syncs time.Duration, calls float64) {
	fmt.Print("\n| part | |\n|---|--:|\n")
	part := func(what string, d time.Duration) {
		r.Add(what+" in ms", float64(d)/1e6)
		fmt.Printf("| %s | %s |\n", what, milliseconds(d))
	}
	part("start of an empty Go program", empty.time)
	part("`refresh`: the child process", refresh[1].time-refresh[2].time)
	part("`refresh`: reserve, sync and rename files", syncs)
	part("`refresh`: without a child process, by the library", refresh[2].time)
	part("`refresh`: without a child process, by the library: processor time", refresh[2].cpu)
	if calls > 0 {
		what := "system calls of a refresh, files there"
		r.AtMost(what, calls, 90)
		fmt.Printf("| %s (target ≤ 90) | %.0f |\n", what, calls)
	}
	fmt.Println()
}
