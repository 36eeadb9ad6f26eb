package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	connections = 20_000
	filed       = 1_000 // the connections whose tokens are files
	concurrency = 64
)

// compareRefreshes refreshes many connections that are in memory.
func compareRefreshes(rounds int) error {
	return withEndpoint(func(e *endpoint) error {
		took, err := race(e, "", connections, rounds,
			entrant{"a bare loop: the POST, and its reply as a map", bare},
			entrant{"x/oauth2, its usual client", usual},
			entrant{"x/oauth2, a client with 64 idle connections", tuned},
			entrant{"freshet, `MemoryStore`", ours},
		)
		if err != nil {
			return err
		}
		printRates("of tokens in memory", took, connections)
		if took, err = race(e, "?after=10ms", connections, rounds, entrant{"a bare loop", bare}, entrant{"freshet, `MemoryStore`", ours}); err != nil {
			return err
		}
		printRates("when the endpoint answers after 10 ms", took, connections)
		return nil
	})
}

// printRates prints a row for each entrant beside the first, and a verdict on the last.
func printRates(what string, took []effort, n int) {
	fmt.Printf("| %d refreshes %s, %d at a time | per second | processor time each | beside bare | target | met |\n", n, what, concurrency)
	fmt.Println("|---|--:|--:|--:|--:|:-:|")
	for i, t := range took {
		end := fmt.Sprintf("%.2f | | |", took[0].time.Seconds()/t.time.Seconds())
		if i == len(took)-1 {
			end = atLeast(took[0].time.Seconds()/t.time.Seconds(), 0.9)
		}
		fmt.Printf("| %s | %.0f | %.0f µs | %s\n", t.name, float64(n)/t.time.Seconds(), float64(t.cpu.Nanoseconds())/1e3/float64(n), end)
	}
	fmt.Println()
}

// entrant is a contender that can be made anew for each round.
type entrant struct {
	name string
	make func(endpoint string, n int) (contender, error)
}

// effort is what it took an entrant to refresh everything: time, and processor time of this process.
type effort struct {
	name      string
	time, cpu time.Duration
}

// race lets the entrants refresh n connections each at the endpoint with that query, by turns, and returns the medians of each.
func race(e *endpoint, query string, n, rounds int, entrants ...entrant) ([]effort, error) {
	efforts := make([][]effort, len(entrants))
	for round := range rounds + 1 {
		for i, entrant := range entrants {
			took, err := raceOne(e, query, n, entrant)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", entrant.name, err)
			}
			if round > 0 { // the first is to warm up
				efforts[i] = append(efforts[i], took)
			}
		}
	}
	var medians []effort
	for i, of := range efforts {
		medians = append(medians, effort{
			name: entrants[i].name,
			time: median(of, func(e effort) time.Duration { return e.time }),
			cpu:  median(of, func(e effort) time.Duration { return e.cpu }),
		})
	}
	return medians, nil
}

// raceOne fails if the endpoint saw anything but n refreshes.
func raceOne(e *endpoint, query string, n int, entrant entrant) (effort, error) {
	before, err := e.refreshes()
	if err != nil {
		return effort{}, err
	}
	c, err := entrant.make(e.url+query, n)
	if err != nil {
		return effort{}, err
	}
	took, err := c.refreshAll(n)
	c.close()
	if err != nil {
		return took, err
	}
	after, err := e.refreshes()
	if err == nil && after-before != n {
		err = fmt.Errorf("the endpoint saw %d refreshes, not %d", after-before, n)
	}
	return took, err
}

// refreshAll refreshes connections 0 to n-1 once each.
func (c contender) refreshAll(n int) (effort, error) {
	runtime.GC()
	var (
		next    atomic.Int64
		workers sync.WaitGroup
		mu      sync.Mutex
		failed  error
	)
	began, cpu := time.Now(), cpuTime()
	for range concurrency {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := c.refresh(i); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
			}
		})
	}
	workers.Wait()
	return effort{time: time.Since(began), cpu: cpuTime() - cpu}, failed
}

func cpuTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
