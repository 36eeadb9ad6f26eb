package storetest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// workerVariable is the environment variable with the task of a worker, as JSON.
const workerVariable = "STORETEST_WORKER"

// task is what a worker does: its callers ask for the token of one connection at the same time.
type task struct {
	Address string // of the store
	Name    string
	Callers int
	Timeout time.Duration // of the callers, for the lock of a process that was killed
	Options struct {
		Forced   bool
		Rejected string
	}
	// KillAfterReply kills the process when the reply of the provider is journaled.
	KillAfterReply bool
}

// result is what a caller got.
type result struct {
	Outcome     freshet.Outcome
	AccessToken string
	Warning     string
	Error       string
}

// Worker runs the task of a process that [TestProcesses] has started, and exits. In any other process
// it returns at once. Call it first in TestMain. open opens the store at an address that the setup
// function of the test has returned.
func Worker(open func(address string) (freshet.Store, error)) {
	encoded := os.Getenv(workerVariable)
	if encoded == "" {
		return
	}
	if err := work(encoded, open); err != nil {
		fmt.Fprintln(os.Stderr, "storetest: in a worker:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func work(encoded string, open func(address string) (freshet.Store, error)) error {
	var do task
	if err := json.Unmarshal([]byte(encoded), &do); err != nil {
		return err
	}
	store, err := open(do.Address)
	if err != nil {
		return err
	}
	if do.KillAfterReply {
		store = killingStore{store}
	}
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err // the test has ended
	}
	results := make([]result, do.Callers)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i] = do.call(store) })
	}
	wg.Wait()
	return json.NewEncoder(os.Stdout).Encode(results)
}

func (do task) call(store freshet.Store) (got result) {
	r := freshet.Refresher{Store: store, HTTP: &http.Client{}}
	options := freshet.Options{Forced: do.Options.Forced, Rejected: oauth.Secret(do.Options.Rejected)}
	ctx, cancel := context.WithTimeout(context.Background(), do.Timeout)
	defer cancel()
	answer, err := r.Token(ctx, do.Name, options)
	if err != nil {
		got.Error = err.Error()
	}
	if answer.Warning != nil {
		got.Warning = answer.Warning.Error()
	}
	got.Outcome, got.AccessToken = answer.Outcome, answer.Connection.Token.AccessToken()
	return got
}

// killingStore kills its process after it has journaled a reply.
type killingStore struct{ freshet.Store }

func (s killingStore) Update(ctx context.Context, name string, change freshet.Change) error {
	return s.Store.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		return change(ctx, c, func(c freshet.Connection) error {
			err := save(c)
			if err == nil && c.Pending != nil && c.Pending.Reply != nil {
				self, err := os.FindProcess(os.Getpid())
				if err == nil {
					err = self.Kill()
				}
				if err != nil {
					return err
				}
				select {} // until the signal arrives
			}
			return err
		})
	})
}

// process is a worker process.
type process struct {
	cmd    *exec.Cmd
	stdin  io.Writer
	stdout *bufio.Reader
}

// start starts a worker and waits until its store is open.
func start(t *testing.T, do task) *process {
	t.Helper()
	encoded, err := json.Marshal(do)
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), executable)
	cmd.Env = append(os.Environ(), workerVariable+"="+string(encoded))
	cmd.Stderr = os.Stderr
	stdin, errIn := cmd.StdinPipe()
	stdout, errOut := cmd.StdoutPipe()
	for _, err := range []error{errIn, errOut, cmd.Start()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	p := &process{cmd, stdin, bufio.NewReader(stdout)}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // an error means that it has ended
		_ = cmd.Wait()
	})
	if line, err := p.stdout.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("a worker printed %q, %v; does TestMain call storetest.Worker first?", line, err)
	}
	return p
}

// begin starts the callers.
func (p *process) begin(t *testing.T) *process {
	t.Helper()
	if _, err := io.WriteString(p.stdin, "go\n"); err != nil {
		t.Fatal(err)
	}
	return p
}

// results waits for the callers and returns their results.
func (p *process) results(t *testing.T) (all []result) {
	t.Helper()
	if err := json.NewDecoder(p.stdout).Decode(&all); err != nil {
		t.Fatalf("a worker ended without a result: %v", err)
	}
	return all
}

// waitKilled waits for the end of a process that is killed or kills itself.
func (p *process) waitKilled(t *testing.T) {
	t.Helper()
	if output, err := io.ReadAll(p.stdout); err != nil || len(output) > 0 {
		t.Fatalf("a killed worker printed %q, %v", output, err)
	}
	_ = p.cmd.Wait() // its error is that it was killed
}
