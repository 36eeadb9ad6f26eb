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

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// workerVariable has the task of a process that [TestProcesses] started, as JSON.
const workerVariable = "STORETEST_WORKER"

// task is what a worker does: so many callers at once ask for the token of one connection.
type task struct {
	Address string // of the store
	Name    string
	Callers int
	Demand  struct {
		Forced   bool
		Rejected string
	}
	// DieAfterReply kills the process as soon as the provider's reply is journalled.
	DieAfterReply bool
}

// result is what one caller got.
type result struct {
	Outcome     freshet.Outcome
	AccessToken string
	Warning     string
	Error       string
}

// Worker does what [TestProcesses] started this process for, and ends it. In any other process it returns at once. Call it first
// in TestMain. open opens the store at an address that the test's setup returned.
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
	if do.DieAfterReply {
		store = mortal{store}
	}
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err // whoever started this is gone
	}
	results := make([]result, do.Callers)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i] = do.ask(store) })
	}
	wg.Wait()
	return json.NewEncoder(os.Stdout).Encode(results)
}

func (do task) ask(store freshet.Store) (got result) {
	r := freshet.Refresher{Store: store, HTTP: &http.Client{}}
	answer, err := r.Ask(context.Background(), do.Name, freshet.Demand{Forced: do.Demand.Forced, Rejected: oauth.Secret(do.Demand.Rejected)})
	if err != nil {
		got.Error = err.Error()
	}
	if answer.Warning != nil {
		got.Warning = answer.Warning.Error()
	}
	got.Outcome, got.AccessToken = answer.Outcome, answer.Connection.Token.AccessToken()
	return got
}

// mortal is a store whose process dies once it has journalled a reply.
type mortal struct{ freshet.Store }

func (m mortal) Update(ctx context.Context, name string, change freshet.Change) error {
	return m.Store.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
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
				select {} // the signal is on its way
			}
			return err
		})
	})
}

// process is a worker, seen from the test.
type process struct {
	cmd    *exec.Cmd
	stdin  io.Writer
	stdout *bufio.Reader
}

// start starts a worker and returns when its store is open.
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
		_ = cmd.Process.Kill() // unless it has ended
		_ = cmd.Wait()
	})
	if line, err := p.stdout.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("a worker said %q, %v; does TestMain call storetest.Worker first?", line, err)
	}
	return p
}

// begin lets the callers ask.
func (p *process) begin(t *testing.T) *process {
	t.Helper()
	if _, err := io.WriteString(p.stdin, "go\n"); err != nil {
		t.Fatal(err)
	}
	return p
}

// results waits for the callers.
func (p *process) results(t *testing.T) (all []result) {
	t.Helper()
	if err := json.NewDecoder(p.stdout).Decode(&all); err != nil {
		t.Fatalf("a worker ended without a result: %v", err)
	}
	return all
}

// ended waits for the death of a process that was killed or kills itself.
func (p *process) ended(t *testing.T) {
	t.Helper()
	if said, err := io.ReadAll(p.stdout); err != nil || len(said) > 0 {
		t.Fatalf("a worker that was to die said %q, %v", said, err)
	}
	_ = p.cmd.Wait() // its error is that it was killed
}
