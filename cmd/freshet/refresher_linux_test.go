package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
)

// The refresher is killed at random times. A reply that only it has received, or was about to
// receive, is lost. No other token may be lost.
func TestRefresherIsKilledAtRandom(t *testing.T) {
	var tally struct{ unsent, unanswered, answered, journaled, saved, ended atomic.Int32 }
	inRounds(t, unlessShort(100, 10), 2, func(t *testing.T, i int, rng *rand.Rand) {
		s := save(t, rotating(t, 0), 3*time.Hour)
		f := newReplyHolder(t, s.server)
		if i%4 == 0 {
			f.pause = upTo(rng, 5*time.Millisecond)
		}
		f.release()
		instant := upTo(rng, 12*time.Millisecond)

		caller := begin(t, s.through(f, []string{"token", "refresh"}[i%2]))
		if refresher := s.refresherOf(caller); refresher != nil {
			atRandom(instant)
			if err := refresher.Kill(); err != nil {
				tally.ended.Add(1)
			}
		} else {
			tally.ended.Add(1)
		}
		_, passed := f.last()
		first := wait(t, caller)
		s.untilReleased()
		f.settle()

		answer, _ := f.last()
		journal, err := os.ReadFile(s.path + ".pending")
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		requests := s.server.Stats().Requests
		switch {
		case s.replaced():
			tally.saved.Add(1)
			s.token()
			s.wantStats("requests", s.server.Stats().Requests, requests)
		case requests == 0:
			tally.unsent.Add(1)
			s.token()
			s.wantStats("requests", s.server.Stats().Requests, 1)
		case bytes.Contains(journal, answer):
			tally.journaled.Add(1)
			s.token()
			s.wantStats("requests", s.server.Stats().Requests, requests)
		default:
			if passed {
				tally.answered.Add(1)
			} else {
				tally.unanswered.Add(1)
			}
			wantExit(t, first, 5, "ended before it could reply")
			wantExit(t, s.run("token"), 4, "log in again", "was interrupted before its answer was saved")
			return
		}
		s.wantAlive()
		wantExit(t, s.run("refresh"), 0)
		s.wantAlive()
		s.wantClean()
	})
	t.Logf("killed before the request: %d; with the reply journaled: %d; with the token saved: %d; ended before: %d",
		tally.unsent.Load(), tally.journaled.Load(), tally.saved.Load(), tally.ended.Load())
	t.Logf("lost, because no other process could have saved the reply: %d killed before it arrived, %d before it "+
		"was written",
		tally.unanswered.Load(), tally.answered.Load())
	if tally.unsent.Load()+tally.journaled.Load()+tally.unanswered.Load()+tally.answered.Load() == 0 {
		t.Error("every refresher had saved its token before it was killed: the test proves nothing")
	}
}

// The refresher ignores the signals of terminals, shells and shutdowns.
func TestRefresherIgnoresSignals(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{
		"SIGHUP": syscall.SIGHUP, "SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM,
	} {
		t.Run(name, func(t *testing.T) {
			s := save(t, rotating(t, 0), 3*time.Hour)
			f := newReplyHolder(t, s.server)
			caller := begin(t, s.through(f, "token"))
			<-f.acted
			if err := s.refresherOf(caller).Signal(signal); err != nil {
				t.Fatal(err)
			}
			f.release()
			got := wait(t, caller)
			wantExit(t, got, 0)
			s.wantWorking(got)
			s.wantAlive()
		})
	}
}

// A refresher is stopped, as by a frozen container or a machine that is moved, until its time for the
// exchange is over. When it goes on, it reads the reply that arrived meanwhile.
func TestRefresherIsStoppedForLongerThanItsTimeout(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			s := save(t, rotating(t, 0), 3*time.Hour)
			f := newReplyHolder(t, s.server)
			caller := begin(t, s.through(f, "token", "--timeout", (freshet.ExchangeTimeout+time.Second).String()))
			<-f.acted
			refresher := s.refresherOf(caller)
			if err := refresher.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			f.release()
			wantExit(t, wait(t, caller), 5, "the refresh has not ended yet")
			if err := refresher.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			s.untilReleased()
			s.token()
			s.wantStats("requests", s.server.Stats().Requests, 1)
			s.wantAlive()
		})
	}
}

// refresherOf waits until the caller has started its refresher, and returns it, or nil if the
// caller ended first.
func (s *savedToken) refresherOf(caller *exec.Cmd) (refresher *os.Process) {
	s.t.Helper()
	s.until("there is a refresher", func() bool {
		for _, pid := range children(s.t, caller.Process.Pid) {
			line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // gone if it has ended
			if strings.HasSuffix(string(line), "\x00__refresh\x00") {
				refresher, _ = os.FindProcess(pid)
				return true
			}
		}
		return hasEnded(s.t, caller)
	})
	return refresher
}

func children(t *testing.T, pid int) (pids []int) {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("/proc/thread-self/children"); err != nil {
		t.Skip("this kernel does not list children in /proc (CONFIG_PROC_CHILDREN)")
	}
	for _, list := range lists {
		data, _ := os.ReadFile(list) // gone if the thread has ended
		for _, field := range strings.Fields(string(data)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, child)
		}
	}
	return pids
}

// hasEnded reports whether the process is a zombie, which it is until wait.
func hasEnded(t *testing.T, cmd *exec.Cmd) bool {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z")
}
