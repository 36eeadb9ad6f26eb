package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// measured is what one call took.
type measured struct {
	nanoseconds float64
	allocations float64
	bytes       float64
}

// byTurns runs the benchmarks one after the other, round after round, and returns the medians of each.
func byTurns(rounds int, benchmarks ...func(*testing.B)) ([]measured, error) {
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
	var medians []measured
	for _, of := range runs {
		medians = append(medians, measured{
			nanoseconds: median(of, func(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }),
			allocations: median(of, func(r testing.BenchmarkResult) float64 { return float64(r.AllocsPerOp()) }),
			bytes:       median(of, func(r testing.BenchmarkResult) float64 { return float64(r.MemBytes) / float64(r.N) }),
		})
	}
	return medians, nil
}

// median of the values that of gives.
func median[T any, V cmp.Ordered](of []T, value func(T) V) V {
	var values []V
	for _, t := range of {
		values = append(values, value(t))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// verdict says whether a target is met.
func verdict(met bool) string {
	if met {
		return "yes"
	}
	return "**no**"
}

// atMost is a row's end for a ratio that should be no larger than the target.
func atMost(ratio, target float64) string {
	return fmt.Sprintf("%.2f | ≤ %.2f | %s |", ratio, target, verdict(ratio <= target))
}

// atLeast is the same for one that should be no smaller.
func atLeast(ratio, target float64) string {
	return fmt.Sprintf("%.2f | ≥ %.2f | %s |", ratio, target, verdict(ratio >= target))
}
