package main_test

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// firstProcess lets cmd be process 1 of a namespace of its own, as in a container. The kernel ignores
// signals to that process unless it handles them, and ends all others with it.
func firstProcess(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a namespace for processes needs root")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	return cmd
}

var stopSignals = map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM}

// A caller that is the first process ends at a signal, and does not promise what the kernel prevents.
// The next run makes one attempt.
func TestFirstProcessRefreshes(t *testing.T) {
	for name, signal := range stopSignals {
		for _, command := range [][]string{{"token"}, {"refresh"}, {"exec", "--", "/bin/true"}} {
			t.Run(command[0]+"/"+name, func(t *testing.T) {
				s := save(t, rotating(t, 0), 3*time.Hour)
				f := newReplyHolder(t, s.server)
				cmd := s.through(f, command[0])
				cmd.Args = append(cmd.Args, command[1:]...)
				caller := begin(t, firstProcess(t, cmd))
				ended := make(chan result, 1)
				go func() { ended <- wait(t, caller) }()
				select {
				case <-f.acted:
					kill(t, caller, signal, false)
				case early := <-ended:
					t.Fatalf("ended before its request: %+v", early)
				}
				wantExit(t, <-ended, 128+int(signal), "ends with this process, the first of its container")
				s.untilReleased()
				f.release()
			})
		}
	}
}

// Commands that wait for a person or for clients end at a signal, too.
func TestFirstProcessWaits(t *testing.T) {
	server := newServer(t, oauthtest.Config{})
	for name, signal := range stopSignals {
		for _, test := range []struct {
			args  []string
			ready string
			code  int
		}{
			{[]string{"testserver"}, "Ctrl-C ends it", 0},
			{
				[]string{"login", "acme", "--no-browser", "--issuer", server.URL(), "--client-id", server.ClientID()},
				"waiting for the browser", 128 + int(signal),
			},
			{
				[]string{"login", "acme", "--device", "--issuer", server.URL(), "--client-id", server.ClientID()},
				"waiting for confirmation", 128 + int(signal),
			},
		} {
			t.Run(test.args[0]+"/"+name, func(t *testing.T) {
				path, err := freshetBinary()
				if err != nil {
					t.Fatal(err)
				}
				read, write, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				defer read.Close()
				cmd := firstProcess(t, exec.Command(path, test.args...))
				cmd.Env = []string{"HOME=" + t.TempDir()}
				cmd.Stdout, cmd.Stderr = write, write
				begin(t, cmd)
				write.Close()
				lines := bufio.NewScanner(read)
				for lines.Scan() && !strings.Contains(lines.Text(), test.ready) {
				}
				kill(t, cmd, signal, false)
				for lines.Scan() {
				}
				wantExit(t, wait(t, cmd), test.code)
			})
		}
	}
}
