package wallclock

import "syscall"

// nanoseconds makes no system call here: the kernel maps its clock into the process.
func nanoseconds() int64 {
	var t syscall.Timeval
	_ = syscall.Gettimeofday(&t) // fails only for an invalid pointer
	return t.Nano()
}
