package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// measured is the cost of one call.
type measured struct {
	nanoseconds float64
	allocations float64
	bytes       float64
}

// runRounds runs the benchmarks in turn, round by round, and returns the medians of each.
func runRounds(rounds int, benchmarks ...func(*testing.B)) ([]measured, error) {
	runs := make([][]testing.BenchmarkResult, len(benchmarks))
	for range rounds {
		for i, benchmark := range benchmarks {
			runtime.GC()
			r := testing.Benchmark(benchmark)
			if r.N == 0 {
				return nil, fmt.Errorf("benchmark %d failed", i)
			}
			runs[i] = append(runs[i], r)
		}
	}
	nanoseconds := func(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }
	allocations := func(r testing.BenchmarkResult) float64 { return float64(r.AllocsPerOp()) }
	bytes := func(r testing.BenchmarkResult) float64 { return float64(r.MemBytes) / float64(r.N) }
	var medians []measured
	for _, results := range runs {
		medians = append(medians, measured{
			nanoseconds: median(results, nanoseconds),
			allocations: median(results, allocations),
			bytes:       median(results, bytes),
		})
	}
	return medians, nil
}

// median returns the median of value(t) for all items.
func median[T any, V cmp.Ordered](items []T, value func(T) V) V {
	var values []V
	for _, t := range items {
		values = append(values, value(t))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
