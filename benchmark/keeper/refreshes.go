package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/freshet-dev/freshet/benchmark/endpoint"
	"github.com/freshet-dev/freshet/benchmark/report"
)

const (
	connections        = 20_000
	connectionsInFiles = 1_000
	concurrency        = 64
)

// compareRefreshes refreshes connections whose tokens are in memory.
func compareRefreshes(r *report.Report, rounds int) error {
	return endpoint.With(func(e *endpoint.Endpoint) error {
		took, err := race(e, "", connections, 1, rounds,
			entrant{"a bare loop: the POST, and its reply as a map", newBare},
			entrant{"x/oauth2, default client", newXOAuth2},
			entrant{"x/oauth2, a client with 64 idle connections", newTunedXOAuth2},
			entrant{"freshet, `MemoryStore`", newFreshet},
		)
		if err != nil {
			return err
		}
		printRates(r, "of tokens in memory", took[0], connections, 0.85)
		tuned, ours := took[0][2], took[0][3]
		r.AtLeast("refreshes in memory: rate relative to x/oauth2 tuned",
			tuned.time.Seconds()/ours.time.Seconds(), 0.95)
		fmt.Print("| a refresh in memory, with its request | freshet | target | met |\n|---|--:|--:|:-:|\n")
		for _, row := range []struct {
			what          string
			value, target float64
		}{
			{"allocations", ours.allocations / connections, 90},
			{"bytes", ours.bytes / connections, 8192},
		} {
			end := r.AtMost(row.what+" of a refresh", row.value, row.target)
			fmt.Printf("| %s | %.0f | %s |\n", row.what, row.value, end)
		}
		fmt.Println()
		took, err = race(e, "?after=10ms", connections, 1, rounds,
			entrant{"a bare loop", newBare}, entrant{"freshet, `MemoryStore`", newFreshet})
		if err != nil {
			return err
		}
		printRates(r, "when the endpoint replies after 10 ms", took[0], connections, 0.95)
		return nil
	})
}

// printRates prints a row for each entrant, relative to the first. The last one has a target.
func printRates(r *report.Report, what string, took []effort, n int, target float64) {
	what = fmt.Sprintf("%d refreshes %s, %d at a time", n, what, concurrency)
	fmt.Printf("| %s | per second | processor time each ", what)
	fmt.Println("| relative to bare | target | met |")
	fmt.Println("|---|--:|--:|--:|--:|:-:|")
	for i, t := range took {
		ratio, end := took[0].time.Seconds()/t.time.Seconds(), "|"
		if i == len(took)-1 {
			end = r.AtLeast(what+": rate", ratio, target)
		}
		fmt.Printf("| %s | %.0f | %.0f µs | %.2f | %s |\n",
			t.name, float64(n)/t.time.Seconds(), float64(t.cpu.Nanoseconds())/1e3/float64(n), ratio, end)
	}
	fmt.Println()
}

// entrant makes a new contender for each round.
type entrant struct {
	name string
	make func(endpoint string, n int) (contender, error)
}

// effort is what all refreshes of an entrant cost this process.
type effort struct {
	name               string
	time, cpu          time.Duration
	allocations, bytes float64
}

// race lets the entrants in turn refresh n connections at the endpoint with that query, several times,
// and returns the medians of each time and entrant.
func race(e *endpoint.Endpoint, query string, n, times, rounds int, entrants ...entrant) ([][]effort, error) {
	efforts := make([][][]effort, times) // by time, entrant and round
	for time := range efforts {
		efforts[time] = make([][]effort, len(entrants))
	}
	for round := range rounds + 1 {
		for i, entrant := range entrants {
			took, err := raceOne(e, query, n, times, entrant)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", entrant.name, err)
			}
			for time := range took {
				if round > 0 { // the first one warms up
					efforts[time][i] = append(efforts[time][i], took[time])
				}
			}
		}
	}
	medians := make([][]effort, times)
	for at := range efforts {
		for i, of := range efforts[at] {
			medians[at] = append(medians[at], effort{
				name:        entrants[i].name,
				time:        median(of, func(e effort) time.Duration { return e.time }),
				cpu:         median(of, func(e effort) time.Duration { return e.cpu }),
				allocations: median(of, func(e effort) float64 { return e.allocations }),
				bytes:       median(of, func(e effort) float64 { return e.bytes }),
			})
		}
	}
	return medians, nil
}

// raceOne runs one round of an entrant. It fails unless the endpoint got n refreshes each time.
func raceOne(e *endpoint.Endpoint, query string, n, times int, entrant entrant) (took []effort, err error) {
	before, err := e.Refreshes()
	if err != nil {
		return nil, err
	}
	c, err := entrant.make(e.URL+query, n)
	if err != nil {
		return nil, err
	}
	defer c.close()
	for range times {
		one, err := c.refreshAll(n)
		if err != nil {
			return nil, err
		}
		took = append(took, one)
	}
	after, err := e.Refreshes()
	if err == nil && after-before != n*times {
		err = fmt.Errorf("the endpoint got %d refreshes, want %d", after-before, n*times)
	}
	return took, err
}

// refreshAll refreshes connections 0 to n-1 once each.
func (c contender) refreshAll(n int) (effort, error) {
	runtime.GC()
	var memory, memoryAfter runtime.MemStats
	runtime.ReadMemStats(&memory)
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
	took := effort{time: time.Since(began), cpu: cpuTime() - cpu}
	runtime.ReadMemStats(&memoryAfter)
	took.allocations = float64(memoryAfter.Mallocs - memory.Mallocs)
	took.bytes = float64(memoryAfter.TotalAlloc - memory.TotalAlloc)
	return took, failed
}

func cpuTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
