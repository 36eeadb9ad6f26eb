package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
	time, cpu time.Duration
	memory    int64 // maximum resident set size in bytes
	faults    int64 // page faults
}

// command is a program with its arguments, and variables in addition to this program's.
type command struct{ args, env []string }

const warmUps = 3

// alternate runs the commands in turn, so that other load of the machine affects all of them.
func (p programs) alternate(pairs int, commands ...command) ([]cost, error) {
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
			cpu:    median(of, func(c cost) time.Duration { return c.cpu }),
			memory: median(of, func(c cost) int64 { return c.memory }),
			faults: median(of, func(c cost) int64 { return c.faults }),
		})
	}
	return medians, nil
}

func (p programs) run(measured command) (c cost, err error) {
	var stderr bytes.Buffer
	cmd := exec.Command(p.rusage, measured.args...)
	cmd.Env = append(os.Environ(), measured.env...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return c, fmt.Errorf("%q: %w\n%s", measured.args, err, stderr.String())
	}
	_, err = fmt.Sscan(string(out), (*int64)(&c.time), (*int64)(&c.cpu), &c.memory, &c.faults)
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

// systemCalls returns how many system calls on files and descriptors one refresh makes when its files
// are there, or 0 if there is no strace. They are the difference between 21 refreshes and one.
func (p programs) systemCalls(path, document, clientID string) (float64, error) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		return 0, nil //nolint:nilerr // it is not installed
	}
	var total [2]float64
	for i, times := range []string{"1", "21"} {
		cmd := exec.Command(strace, "-f", "-c", "-e", "trace=%file,%desc", "-o", path,
			p.inProcess, document, clientID, times)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return 0, err
		}
		summary, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		lines := strings.Split(strings.TrimSpace(string(summary)), "\n")
		columns := strings.Fields(lines[len(lines)-1]) // % time, seconds, usecs/call, calls, errors, total
		if total[i], err = strconv.ParseFloat(columns[3], 64); err != nil {
			return 0, err
		}
	}
	return (total[1] - total[0]) / 20, nil
}

func ratio[V time.Duration | int64](peer, freshet V) float64 { return float64(freshet) / float64(peer) }

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/1e6) }

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
