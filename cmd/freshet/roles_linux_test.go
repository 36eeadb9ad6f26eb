package main_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A role is a function that the test binary runs as another user, until its standard input is closed.
var roles = map[string]func(args []string) error{"reader": readerRole, "adversary": adversaryRole, "owner": ownerRole}

const roleVariable = "FRESHET_TEST_ROLE"

func init() {
	role, ok := roles[os.Getenv(roleVariable)]
	if !ok {
		return
	}
	if err := role(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// testBinary returns the path of a copy of this binary that every user can run.
var testBinary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binDir, "roles")
	data, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(path, data, 0o755) //nolint:gosec // it is a program
	}
	return path, err
})

// roleProcess is a process that runs a role.
type roleProcess struct {
	io.WriteCloser // its standard input
	end            func() (said []string)
}

// startRole starts a role as a user, and waits for its first output.
func startRole(t *testing.T, uid uint32, role string, args ...string) roleProcess {
	t.Helper()
	path, err := testBinary()
	must(t, err)
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential(uid)}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	end := sync.OnceValue(func() (said []string) {
		_ = in.Close()
		for lines.Scan() {
			said = append(said, lines.Text())
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", role, err)
		}
		return said
	})
	t.Cleanup(func() { end() })
	if !lines.Scan() {
		t.Fatalf("%s has ended", role)
	}
	return roleProcess{in, end}
}

// holdAsReader starts the attacker in the reader role for a file.
func (s *sharedToken) holdAsReader(path string, how int) roleProcess {
	s.t.Helper()
	return startRole(s.t, nobody, "reader", path, fmt.Sprint(how))
}

// readerRole opens a file in every mode and locks it, as every process can that may read it.
func readerRole(args []string) error {
	var how int
	if _, err := fmt.Sscan(args[1], &how); err != nil {
		return err
	}
	opened := []string{}
	for _, flags := range []int{unix.O_RDONLY, unix.O_RDWR, unix.O_WRONLY, unix.O_RDONLY | unix.O_CREAT, unix.O_PATH} {
		fd, err := unix.Open(args[0], flags|unix.O_NONBLOCK, 0o666)
		if err == nil {
			opened = append(opened, fmt.Sprint(flags))
			_ = unix.Flock(fd, how|unix.LOCK_NB) // the first descriptor may hold the lock
		}
	}
	fmt.Println("holds", strings.Join(opened, " "))
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}
