package main_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
)

// The refresher inherits only the lock: no pipe that another process reads, no working directory
// that keeps a file system mounted, no terminal.
func TestRefresherInheritsOnlyTheLock(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	f := newReplyHolder(t, s.server)
	inherited, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer inherited.Close()

	cmd := s.through(f, "refresh")
	cmd.Dir = t.TempDir()
	cmd.ExtraFiles = []*os.File{held, held, held, held, held, held} // 3 to 8: more than the refresher uses
	caller := begin(t, cmd)
	held.Close()
	refresher := s.refresherOf(caller)
	if refresher == nil {
		t.Fatal("there is no refresher")
	}
	<-f.acted
	kill(t, caller, syscall.SIGKILL, false)
	wait(t, caller)

	// The refresher still waits for the reply. The deadline is for a failing test.
	if err := inherited.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := inherited.Read(make([]byte, 1)); n != 0 || os.IsTimeout(err) {
		t.Error("it has a pipe that its caller had inherited")
	}
	proc := fmt.Sprintf("/proc/%d/", refresher.Pid)
	if dir, err := os.Readlink(proc + "cwd"); dir != "/" {
		t.Errorf("its working directory is %q, %v", dir, err)
	}
	for fd := range 3 {
		if file, err := os.Readlink(fmt.Sprint(proc, "fd/", fd)); file != "/dev/null" {
			t.Errorf("its descriptor %d is %q, %v", fd, file, err)
		}
	}
	if session, err := syscall.Getpgid(refresher.Pid); session != refresher.Pid {
		t.Errorf("its process group is %d, %v", session, err)
	}
	f.release()
	s.untilReleased()
	s.wantAlive()
}
