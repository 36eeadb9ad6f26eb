package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/freshet-dev/freshet/benchmark/durable"
)

// programs are the paths of the measured programs, and of rusage, which measures them.
type programs struct{ freshet, xoauth2, inProcess, empty, rusage string }

func buildPrograms(dir string) (p programs, err error) {
	for _, b := range []struct {
		path         *string
		name, source string
		from         string
	}{
		{&p.freshet, "freshet", "./cmd/freshet", ".."},
		{&p.xoauth2, "xoauth2", "./xoauth2", "."},
		{&p.inProcess, "inprocess", "./inprocess", "."},
		{&p.empty, "empty", "./empty", "."},
		{&p.rusage, "rusage", "./rusage", "."},
	} {
		*b.path = filepath.Join(dir, b.name)
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", *b.path, b.source)
		cmd.Dir = b.from
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return p, fmt.Errorf("building %s: %w", b.name, err)
		}
	}
	return p, os.Setenv("FRESHET_HOME", filepath.Join(dir, "state"))
}

// cost is the cost of one run, or the medians of many.
type cost struct {
	time   time.Duration
	memory int64 // maximum resident set size in bytes
}

const warmUps = 3

// alternate runs the commands in turn, so that other load of the machine affects all of them.
func (p programs) alternate(pairs int, commands ...[]string) ([]cost, error) {
	runs := make([][]cost, len(commands))
	for n := range pairs + warmUps {
		for i, command := range commands {
			c, err := p.run(command)
			if err != nil {
				return nil, err
			}
			if n >= warmUps {
				runs[i] = append(runs[i], c)
			}
		}
	}
	var medians []cost
	for _, of := range runs {
		medians = append(medians, cost{
			time:   median(of, func(c cost) time.Duration { return c.time }),
			memory: median(of, func(c cost) int64 { return c.memory }),
		})
	}
	return medians, nil
}

func (p programs) run(command []string) (c cost, err error) {
	var stderr bytes.Buffer
	cmd := exec.Command(p.rusage, command...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return c, fmt.Errorf("%q: %w\n%s", command, err, stderr.String())
	}
	_, err = fmt.Sscan(string(out), (*int64)(&c.time), &c.memory)
	return c, err
}

// medianSyncs measures the files and syncs of a refresh alone.
func medianSyncs(path string, times int) (time.Duration, error) {
	document := make([]byte, 1<<10)
	var took []time.Duration
	for range times {
		began := time.Now()
		if err := durable.Refresh(path, func() ([]byte, error) { return document, nil }); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return median(took, func(d time.Duration) time.Duration { return d }), nil
}

func median[T any, V time.Duration | int64](of []T, value func(T) V) V {
	var values []V
	for _, t := range of {
		values = append(values, value(t))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func compareTimes(what string, xoauth2, freshet cost, target string) {
	fmt.Printf("| %s | %s | %s | %.2f | %s |\n",
		what, milliseconds(xoauth2.time), milliseconds(freshet.time), ratio(xoauth2.time, freshet.time), target)
}

func compareMemory(what string, xoauth2, freshet cost, target string) {
	fmt.Printf("| %s | %s | %s | %.2f | %s |\n",
		what, mebibytes(xoauth2.memory), mebibytes(freshet.memory), ratio(xoauth2.memory, freshet.memory), target)
}

func ratio[V time.Duration | int64](xoauth2, freshet V) float64 {
	return float64(freshet) / float64(xoauth2)
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/1e6) }

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
