package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// The exchange runs in a process of its own, in a session of its own, so that whatever ends the caller (Ctrl-C, a closed
// terminal, kill -9 of the process group) does not end a refresh on the wire. Secrets travel over a pipe, and nothing is
// sent before the whole request has been read: a caller that dies half-way has asked for nothing.

// childCommand is the hidden command that the program starts itself with.
const childCommand = "__refresh"

func isChild(args []string) bool { return len(args) == 2 && args[1] == childCommand }

// childRequest is what the child is told.
type childRequest struct {
	Path       string // absolute
	Provider   string
	Endpoint   string
	ClientID   string
	Secret     string
	Auth       oauth.AuthStyle
	AssumeTTL  time.Duration
	StateDir   string
	RuntimeDir string
	Forced     bool
	Insist     bool
	MinTTL     time.Duration
	Rejected   string
	Started    time.Time
	Seen       string
	Locked     bool // the lock comes with the request
}

func newChildRequest(store *filestore.Store, path string, d freshet.Demand, locked bool) childRequest {
	c := store.Defaults
	return childRequest{
		Path: path, Provider: c.Provider, Endpoint: c.Endpoint, AssumeTTL: c.Policy.AssumeTTL,
		ClientID: c.Client.ID, Secret: string(c.Client.Secret), Auth: c.Client.Auth,
		StateDir: store.StateDir, RuntimeDir: store.RuntimeDir,
		Forced: d.Forced, Insist: d.Insist, MinTTL: d.MinTTL, Rejected: string(d.Rejected), Started: d.Started, Seen: d.Seen,
		Locked: locked,
	}
}

func (r childRequest) store(lock *os.File) *filestore.Store {
	return &filestore.Store{
		Defaults: freshet.Connection{
			Provider: r.Provider, Endpoint: r.Endpoint, Policy: freshet.Policy{AssumeTTL: r.AssumeTTL},
			Client: oauth.Client{ID: r.ClientID, Secret: oauth.Secret(r.Secret), Auth: r.Auth},
		},
		StateDir: r.StateDir, RuntimeDir: r.RuntimeDir, Inherited: lock,
	}
}

func (r childRequest) demand() freshet.Demand {
	return freshet.Demand{
		Forced: r.Forced, Insist: r.Insist, MinTTL: r.MinTTL, Rejected: oauth.Secret(r.Rejected), Started: r.Started, Seen: r.Seen,
	}
}

// childReply is what the child answers.
type childReply struct {
	Document []byte
	Saved    time.Time
	Health   freshet.Health
	Outcome  freshet.Outcome
	Rotated  bool
	Warning  *wireError
	Error    *wireError
}

// startChild starts the child, hands it the request and its share of the lock, and waits for the answer as long as ctx
// allows.
func (a *app) startChild(ctx context.Context, store *filestore.Store, name, path string, d freshet.Demand, lock *os.File) (freshet.Answer, error) {
	request, err := json.Marshal(newChildRequest(store, path, d, lock != nil))
	if err != nil {
		return freshet.Answer{}, err
	}
	cmd := exec.Command(executable(), childCommand)
	cmd.Args[0] = os.Args[0]
	cmd.Dir = string(filepath.Separator)
	answers, err := startDetached(cmd, request, lock)
	if lock != nil {
		// Ours must go now: a caller that is stopped would keep the lock after the child has ended.
		err = errors.Join(err, lock.Close())
	}
	if err != nil {
		return freshet.Answer{}, fmt.Errorf("%s: starting the process that refreshes: %w; nothing was sent", name, err)
	}
	replies := make(chan json.RawMessage, 1)
	a.children.Go(func() {
		// The whole answer is enough: the child's end would cost its caller another millisecond.
		var reply json.RawMessage
		_ = json.NewDecoder(answers).Decode(&reply)
		replies <- reply
		_ = cmd.Wait()
	})
	select {
	case reply := <-replies:
		return readReply(store, name, reply)
	case <-ctx.Done():
		return freshet.Answer{}, stillRunning(ctx, name)
	}
}

// reap waits for a child that has answered and is about to end, before exec's command takes this process over: it should
// not find a child that it never had. One that is still at work is left to itself.
func (a *app) reap() {
	ended := make(chan struct{})
	go func() {
		a.children.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(100 * time.Millisecond):
	}
}

func readReply(store *filestore.Store, name string, data []byte) (freshet.Answer, error) {
	var r childReply
	if json.Unmarshal(data, &r) != nil {
		return freshet.Answer{}, &freshet.RefreshError{Name: name, Failure: freshet.Failure{
			Kind:   oauth.Unknown,
			Cause:  "the process that refreshes was ended before it could answer",
			Remedy: "run freshet status to see what it left; the next run finishes what can be finished",
		}}
	}
	answer := freshet.Answer{Outcome: r.Outcome, Rotated: r.Rotated, Connection: store.Defaults, Warning: r.Warning.asError(name)}
	answer.Connection.Name, answer.Connection.Saved, answer.Connection.Health = name, r.Saved, r.Health
	if len(r.Document) > 0 {
		token, err := freshet.ParseToken(r.Document)
		if err != nil {
			return answer, err
		}
		answer.Connection.Token = token
	}
	return answer, r.Error.asError(name)
}

// childMain is the child. It ends when everything is saved, whatever happens to its caller.
func childMain() int {
	ignoreSignals()
	requests, answers, lock := childFiles()
	data, err := io.ReadAll(requests)
	var request childRequest
	if err != nil || json.Unmarshal(data, &request) != nil {
		return exitFailed
	}
	if !request.Locked {
		lock = nil
	}
	store := request.store(lock)
	r := &freshet.Refresher{Store: store}
	ctx, cancel := context.WithTimeout(context.Background(), freshet.DefaultPatience) // for the lock, where it could not be passed
	defer cancel()
	answer, err := r.Exchange(ctx, request.Path, request.demand())
	c := answer.Connection
	reply, err := json.Marshal(childReply{
		Document: c.Token.Bytes(), Saved: c.Saved, Health: c.Health, Outcome: answer.Outcome, Rotated: answer.Rotated,
		Warning: newWireError(answer.Warning), Error: newWireError(err),
	})
	if err != nil {
		return exitFailed
	}
	_, _ = answers.Write(reply) // a caller that left does not want it
	return exitDone
}
