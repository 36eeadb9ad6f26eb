package main_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/freshet-dev/freshet/internal/cli"
)

// TestMain adds commands to the scripts: freshet, a browser, and a program that refreshes without
// the lock.
func TestMain(m *testing.M) {
	testscript.Main(run{m}, map[string]func(){
		"freshet": func() { os.Exit(cli.Main()) },
		"browser": browser,
		"rival":   rival,
	})
}

type run struct{ *testing.M }

// binDir is the directory of [freshetBinary]. All users can run it, because some tests run as
// another user.
var binDir string

func (r run) Run() int {
	if os.Getenv("GORACE") == "" {
		// With the race detector, every process sleeps for a second at its end. The scripts start
		// thousands.
		os.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	if runtime.GOMAXPROCS(0) < 4 { // the tests mostly wait
		if err := flag.Set("test.parallel", "4"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	// In the background of a script, or under nohup, these signals are ignored. The tests'
	// processes would inherit this, and not end.
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	dir, err := os.MkdirTemp("", "freshet-bin-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binDir = dir
	return r.M.Run()
}

// freshetBinary builds freshet once, with the hooks that kill it or make it fail at a step of the
// file store.
var freshetBinary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binDir, "freshet")
	args := []string{"build", "-buildvcs=false", "-o", path}
	if runtime.GOOS != "windows" {
		args = append(args, "-tags", "freshettest")
	}
	out, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})
