//go:build unix

// Command rusage runs a program and prints its time in nanoseconds and its maximum resident set size in
// bytes. It is small because the resident set of a child starts with that of its parent, at fork.
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
	os.Stdout.WriteString(strconv.FormatInt(int64(took), 10) + " " + strconv.FormatInt(resident, 10) + "\n")
}
