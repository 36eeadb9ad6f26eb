// Package report collects what a run measures, says which targets are met, and compares two runs.
package report

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
)

// Report is what one run has measured.
type Report struct {
	save, compare string

	names   []string // in the order of the measurements
	values  map[string]float64
	targets []string
}

// New returns an empty report. It registers the flags that say in which file the run is saved, and
// with which it is compared.
func New() *Report {
	r := &Report{values: map[string]float64{}}
	flag.StringVar(&r.save, "save", "", "add the measurements to `FILE`, as JSON")
	flag.StringVar(&r.compare, "compare", "", "compare with the measurements in `FILE`, of another run")
	return r
}

// Add adds a measurement without a target.
func (r *Report) Add(what string, value float64) {
	r.names = append(r.names, what)
	r.values[what] = value
}

// AtMost adds a measurement that must not exceed the target, and returns the cells "target | met".
func (r *Report) AtMost(what string, value, target float64) string {
	return r.add(what, value, target, "≤", value <= target)
}

// AtLeast adds a measurement that must reach the target, and returns the cells "target | met".
func (r *Report) AtLeast(what string, value, target float64) string {
	return r.add(what, value, target, "≥", value >= target)
}

func (r *Report) add(what string, value, target float64, sign string, met bool) string {
	r.Add(what, value)
	limit, near := sign+" "+short(target), "met"
	if !met {
		near = fmt.Sprintf("**missed**: %s %% of it", short(100*value/target))
	}
	r.targets = append(r.targets, fmt.Sprintf("| %s | %s | %s | %s |", what, short(value), limit, near))
	if met {
		return limit + " | yes"
	}
	return limit + " | **no**"
}

// short formats a number with about three digits.
func short(v float64) string {
	switch {
	case v == math.Trunc(v) || v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// Finish prints a line for each target, compares the run, and saves it.
func (r *Report) Finish() error {
	fmt.Print("| target | measured | target | |\n|---|--:|--:|---|\n", strings.Join(r.targets, "\n"), "\n\n")
	if r.compare != "" {
		before, err := read(r.compare)
		if err != nil {
			return err
		}
		fmt.Print("| compared with another run | before | now | ratio |\n|---|--:|--:|--:|\n")
		for _, name := range r.names {
			if was, ok := before[name]; ok {
				fmt.Printf("| %s | %s | %s | %.2f |\n", name, short(was), short(r.values[name]), r.values[name]/was)
			}
		}
		fmt.Println()
	}
	if r.save == "" {
		return nil
	}
	all, err := read(r.save)
	if errors.Is(err, fs.ErrNotExist) {
		all, err = map[string]float64{}, nil
	}
	if err != nil {
		return err
	}
	for name, value := range r.values {
		all[name] = value
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(r.save, append(data, '\n'), 0o644)
}

func read(path string) (values map[string]float64, err error) {
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &values)
	}
	return values, err
}
