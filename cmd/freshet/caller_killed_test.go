//go:build unix

package main_test

import (
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A refresh that was sent is completed and saved, even if its caller is killed. The server rotates
// at once and replies 100 ms later: in between, only the child process can save the reply.

const replyDelay = 100 * time.Millisecond

func TestCallerIsKilled(t *testing.T) {
	var afterRotation, lost atomic.Int32
	inRounds(t, unlessShort(100, 8), 6, func(t *testing.T, i int, rng *rand.Rand) {
		s := save(t, rotating(t, replyDelay), 3*time.Hour)
		// With several targets, even the same one twice, one child makes all refreshes.
		caller := begin(t, s.command([][]string{{"token"}, {"refresh"}, {"refresh", s.path}}[i/3%3]...))
		if i%4 < 2 {
			atRandom(upTo(rng, replyDelay*3/2))
		} else {
			s.untilRotated()
			atRandom(upTo(rng, replyDelay))
		}
		if s.server.Stats().Refreshes > 0 {
			afterRotation.Add(1)
		}
		kill(t, caller, syscall.SIGKILL, i%3 == 0)
		wait(t, caller)

		s.untilReleased()
		if !s.server.ValidRefresh(s.document().RefreshToken) {
			lost.Add(1)
		}
		s.wantAlive()
		s.token()
		s.wantStats("refreshes", s.server.Stats().Refreshes, 1)
	})
	t.Logf("killed after the rotation: %d; grants lost: %d", afterRotation.Load(), lost.Load())
	if afterRotation.Load() == 0 {
		t.Error("no caller was killed after the rotation: the test proves nothing")
	}
}

// atRandom waits until the time of a kill. There is no condition to wait for: the result must be
// right at any time.
func atRandom(instant time.Duration) { time.Sleep(instant) }

// A signal ends the caller. The caller says that the refresh goes on.
func TestCallerGetsASignal(t *testing.T) {
	for name, c := range map[string]struct {
		signal syscall.Signal
		code   int
	}{
		"SIGHUP":  {syscall.SIGHUP, 129},
		"SIGINT":  {syscall.SIGINT, 130},
		"SIGTERM": {syscall.SIGTERM, 143},
	} {
		t.Run(name, func(t *testing.T) {
			inRounds(t, unlessShort(10, 2), 6, func(t *testing.T, i int, _ *rand.Rand) {
				s := save(t, rotating(t, 0), 3*time.Hour)
				f := newReplyHolder(t, s.server)
				caller := begin(t, s.through(f, []string{"token", "refresh"}[i%2]))
				<-f.acted
				kill(t, caller, c.signal, i%3 == 0)
				wantExit(t, wait(t, caller), c.code, "continues in the background")

				f.release()
				s.untilReleased()
				if !s.replaced() {
					t.Error("the refresh did not go on")
				}
				s.wantAlive()
			})
		})
	}
}

// The caller's timeout ends its wait, not the refresh.
func TestCallerTimesOut(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	f := newReplyHolder(t, s.server)
	first := begin(t, s.through(f, "token", "--timeout", "1s"))
	<-f.acted
	wantExit(t, capture(t, s.through(f, "refresh", "--timeout", "500ms")), 5, "another process is refreshing")
	wantExit(t, wait(t, first), 5, "continues in the background", "--timeout")
	f.release()
	s.untilReleased()
	s.token()
	s.wantAlive()
	s.wantStats("requests", s.server.Stats().Requests, 1)
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*testing.T, *exec.Cmd)
		check   func(*testing.T, result)
	}{
		"a closed pipe": {
			prepare: func(t *testing.T, cmd *exec.Cmd) { cmd.Stdout = unreadPipe(t) },
			check: func(t *testing.T, got result) {
				if got.code == 0 {
					t.Error("it reports success, but the token was not written")
				}
			},
		},
		"a full device": {
			prepare: func(t *testing.T, cmd *exec.Cmd) { cmd.Stdout = fullDevice(t) },
			check:   func(t *testing.T, got result) { wantExit(t, got, 1, "no space left on device") },
		},
		"a closed pipe, and another one for errors": {
			prepare: func(t *testing.T, cmd *exec.Cmd) { cmd.Stdout, cmd.Stderr = unreadPipe(t), unreadPipe(t) },
			check: func(t *testing.T, got result) {
				if got.code == 0 {
					t.Error("it reports success, but the token was not written")
				}
			},
		},
		// The Go runtime opens /dev/null for a closed descriptor, so the write cannot fail.
		"closed": {
			prepare: func(_ *testing.T, cmd *exec.Cmd) {
				cmd.Args = append([]string{"sh", "-c", `exec "$@" >&- 2>&-`, "sh", cmd.Path}, cmd.Args[1:]...)
				cmd.Path = "/bin/sh"
			},
			check: func(t *testing.T, got result) { wantExit(t, got, 0) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, args := range [][]string{{"token"}, {"token", "--json"}, {"refresh", "--json"}} {
				s := save(t, rotating(t, 0), 3*time.Hour)
				cmd := s.command(args...)
				c.prepare(t, cmd)
				c.check(t, capture(t, cmd))
				s.untilReleased()
				if !s.replaced() {
					t.Errorf("%v did not save the new token", args)
				}
				s.wantAlive()
			}
		})
	}
}

// kill sends the signal to the process, or to its process group, as a terminal does.
func kill(t *testing.T, cmd *exec.Cmd, signal syscall.Signal, group bool) {
	t.Helper()
	pid := cmd.Process.Pid
	if group {
		pid = -pid // it is the leader of its group
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Error(err) // a process that has ended exists until wait
	}
}

// untilRotated waits until the server has acted on a request.
func (s *savedToken) untilRotated() {
	s.t.Helper()
	s.until("the server has rotated", func() bool { return s.server.Stats().Refreshes > 0 })
}

// until polls for a condition.
func (s *savedToken) until(what string, reached func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !reached(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("timed out waiting until %s", what)
		}
	}
}

func unreadPipe(t *testing.T) io.Writer {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return w
}

func fullDevice(t *testing.T) io.Writer {
	t.Helper()
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	t.Cleanup(func() { f.Close() })
	return f
}
