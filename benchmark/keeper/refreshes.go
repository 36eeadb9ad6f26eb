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
	connections        = 20_000
	connectionsInFiles = 1_000
	concurrency        = 64
)

// compareRefreshes refreshes connections whose tokens are in memory.
func compareRefreshes(rounds int) error {
	return withEndpoint(func(e *endpoint) error {
		took, err := race(e, "", connections, rounds,
			entrant{"a bare loop: the POST, and its reply as a map", newBare},
			entrant{"x/oauth2, default client", newXOAuth2},
			entrant{"x/oauth2, a client with 64 idle connections", newTunedXOAuth2},
			entrant{"freshet, `MemoryStore`", newFreshet},
		)
		if err != nil {
			return err
		}
		printRates("of tokens in memory", took, connections)
		took, err = race(e, "?after=10ms", connections, rounds,
			entrant{"a bare loop", newBare}, entrant{"freshet, `MemoryStore`", newFreshet})
		if err != nil {
			return err
		}
		printRates("when the endpoint replies after 10 ms", took, connections)
		return nil
	})
}

// printRates prints a row for each entrant, relative to the first. The last one has a target.
func printRates(what string, took []effort, n int) {
	fmt.Printf("| %d refreshes %s, %d at a time | per second | processor time each ", n, what, concurrency)
	fmt.Println("| relative to bare | target | met |")
	fmt.Println("|---|--:|--:|--:|--:|:-:|")
	for i, t := range took {
		end := fmt.Sprintf("%.2f | | |", took[0].time.Seconds()/t.time.Seconds())
		if i == len(took)-1 {
			end = atLeast(took[0].time.Seconds()/t.time.Seconds(), 0.9)
		}
		fmt.Printf("| %s | %.0f | %.0f µs | %s\n",
			t.name, float64(n)/t.time.Seconds(), float64(t.cpu.Nanoseconds())/1e3/float64(n), end)
	}
	fmt.Println()
}

// entrant makes a new contender for each round.
type entrant struct {
	name string
	make func(endpoint string, n int) (contender, error)
}

// effort is the time and the processor time of this process for all refreshes of an entrant.
type effort struct {
	name      string
	time, cpu time.Duration
}

// race lets the entrants in turn refresh n connections at the endpoint with that query, and returns the
// medians of each.
func race(e *endpoint, query string, n, rounds int, entrants ...entrant) ([]effort, error) {
	efforts := make([][]effort, len(entrants))
	for round := range rounds + 1 {
		for i, entrant := range entrants {
			took, err := raceOne(e, query, n, entrant)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", entrant.name, err)
			}
			if round > 0 { // the first one warms up
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

// raceOne runs one round of an entrant. It fails unless the endpoint got n refreshes.
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
		err = fmt.Errorf("the endpoint got %d refreshes, want %d", after-before, n)
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
