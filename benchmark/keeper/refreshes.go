package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	connections = 20_000
	concurrency = 64
)

// refreshAll refreshes connections 0 to n-1 once each, and returns how long it took.
func (c contender) refreshAll(n int) (time.Duration, error) {
	runtime.GC()
	var (
		next    atomic.Int64
		workers sync.WaitGroup
		mu      sync.Mutex
		failed  error
	)
	cpu := cpuTime()
	defer func() { lastCPU = cpuTime() - cpu }()
	began := time.Now()
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
	return time.Since(began), failed
}

// entrant is a contender that can be made anew for each round.
type entrant struct {
	name string
	make func(endpoint string, n int) (contender, error)
}

// race lets the entrants refresh n connections each, by turns, and returns the median time of each.
func race(e *endpoint, n, rounds int, entrants ...entrant) ([]time.Duration, error) {
	took := make([][]time.Duration, len(entrants))
	cpus := make([][]time.Duration, len(entrants))
	for round := range rounds + 1 {
		for i, entrant := range entrants {
			d, err := raceOne(e, n, entrant)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", entrant.name, err)
			}
			if round > 0 { // the first is to warm up
				took[i] = append(took[i], d)
				cpus[i] = append(cpus[i], lastCPU/time.Duration(n))
			}
		}
	}
	var medians []time.Duration
	for _, of := range took {
		slices.Sort(of)
		medians = append(medians, of[len(of)/2])
	}
	for i, of := range cpus {
		slices.Sort(of)
		fmt.Printf("%s cpu %v\n", entrants[i].name, of[len(of)/2])
	}
	return medians, nil
}

func raceOne(e *endpoint, n int, entrant entrant) (time.Duration, error) {
	before, err := e.refreshes()
	if err != nil {
		return 0, err
	}
	c, err := entrant.make(e.url, n)
	if err != nil {
		return 0, err
	}
	took, err := c.refreshAll(n)
	c.close()
	if err != nil {
		return 0, err
	}
	after, err := e.refreshes()
	if err == nil && after-before != n {
		err = fmt.Errorf("the endpoint saw %d refreshes, not %d", after-before, n)
	}
	return took, err
}

var lastCPU time.Duration

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
