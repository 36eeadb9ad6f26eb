//go:build unix

// Command starter runs a program and prints how long it took, in nanoseconds, and its largest resident set, in bytes. It
// is small because that figure starts with the memory of whoever started the program, at fork.
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
	resident := usage.Maxrss // KiB, but on macOS
	if runtime.GOOS != "darwin" {
		resident *= 1024
	}
	os.Stdout.WriteString(strconv.FormatInt(int64(took), 10) + " " + strconv.FormatInt(resident, 10) + "\n")
}
