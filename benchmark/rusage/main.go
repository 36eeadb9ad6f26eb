//go:build unix

// Command rusage runs a program and prints its time and its processor time in nanoseconds, its maximum
// resident set size in bytes, and its page faults. It is small because the resident set of a child starts
// with that of its parent, at fork.
package main

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func main() {
	null, err := syscall.Open("/dev/null", syscall.O_RDWR, 0)
	if err != nil {
		os.Exit(1)
	}
	began := time.Now()
	pid, err := syscall.ForkExec(os.Args[1], os.Args[1:], &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{uintptr(null), uintptr(null), 2},
	})
	if err != nil {
		os.Exit(1)
	}
	var status syscall.WaitStatus
	var usage syscall.Rusage
	for {
		if _, err = syscall.Wait4(pid, &status, 0, &usage); err != syscall.EINTR {
			break
		}
	}
	took := time.Since(began)
	if err != nil || status.ExitStatus() != 0 {
		os.Exit(1)
	}
	resident := usage.Maxrss // in KiB, but in bytes on macOS
	if runtime.GOOS != "darwin" {
		resident *= 1024
	}
	cpu := usage.Utime.Nano() + usage.Stime.Nano()
	for _, n := range []int64{int64(took), cpu, resident, usage.Minflt + usage.Majflt} {
		os.Stdout.WriteString(strconv.FormatInt(n, 10) + " ")
	}
}
