package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
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
	Name       string // of a connection, or an absolute path
	Defaults   childDefaults
	Secret     string // of the client
	SecretFrom string // where it was read
	StateDir   string
	RuntimeDir string
	Proxy      string // may have a password in it
	CAFile     string
	Trace      bool
	Locked     bool // the lock comes with the request
	Demand     childDemand
	Login      json.RawMessage `json:",omitempty"` // a childLogin, instead of a demand
}

// childDefaults are those of a plain token file. They are few and flat: whole registrations would cost each refresh a quarter
// of a millisecond, on their way there and back.
type childDefaults struct {
	Provider   string
	Parts      map[string]string `json:",omitempty"`
	Endpoint   string
	ClientID   string
	Auth       oauth.AuthStyle
	SecretFrom string
	AssumeTTL  time.Duration
}

func (d childDefaults) registration() freshet.Registration {
	return freshet.Registration{
		Provider: d.Provider, Parts: d.Parts, Endpoints: oauth.Endpoints{Token: d.Endpoint}, Client: oauth.Client{ID: d.ClientID, Auth: d.Auth},
		SecretFrom: d.SecretFrom, Policy: freshet.Policy{AssumeTTL: d.AssumeTTL},
	}
}

// childDemand is a [freshet.Demand] with its secret in clear.
type childDemand struct {
	Forced   bool
	Insist   bool
	MinTTL   time.Duration
	Rejected string
	Started  time.Time
	Seen     string
}

// childLogin is a [freshet.Grant], without the client secret.
type childLogin struct {
	Registration freshet.Registration
	Form         url.Values
	Nonce        string
	New          bool // the connection was made for this login, and goes if that comes to nothing
	NewFile      bool // so was its token file
}

func newChildRequest(store *filestore.Store, d freshet.Demand, secret foundSecret, f *networkFlags) childRequest {
	defaults := store.Defaults
	r := childRequest{
		Defaults: childDefaults{
			Provider: defaults.Provider, Parts: defaults.Parts, Endpoint: defaults.Endpoints.Token, ClientID: defaults.Client.ID, Auth: defaults.Client.Auth,
			SecretFrom: defaults.SecretFrom, AssumeTTL: defaults.Policy.AssumeTTL,
		},
		Secret: string(secret.text), SecretFrom: secret.from, StateDir: store.StateDir, RuntimeDir: store.RuntimeDir,
		Proxy: f.Proxy, CAFile: f.CAFile, Trace: f.trace != "",
		Demand: childDemand{d.Forced, d.Insist, d.MinTTL, string(d.Rejected), d.Started, d.Seen},
	}
	if defaults.Client.Secret != "" {
		r.Secret = string(defaults.Client.Secret)
	}
	return r
}

// store is the caller's, but for the lock. A secret that no source has must be a plain file's own.
func (r childRequest) store(lock *os.File) *filestore.Store {
	store := &filestore.Store{Defaults: r.Defaults.registration(), StateDir: r.StateDir, RuntimeDir: r.RuntimeDir, Inherited: lock}
	if r.Defaults.SecretFrom == "" {
		store.Defaults.Client.Secret = oauth.Secret(r.Secret)
	}
	return store
}

func (d childDemand) demand() freshet.Demand {
	return freshet.Demand{
		Forced: d.Forced, Insist: d.Insist, MinTTL: d.MinTTL, Rejected: oauth.Secret(d.Rejected), Started: d.Started, Seen: d.Seen,
	}
}

// childReply is what the child answers.
type childReply struct {
	Registration json.RawMessage `json:",omitempty"` // of a connection; a plain file has the one that the caller gave
	TokenFile    string
	Document     []byte
	Saved        time.Time
	Health       freshet.Health
	Outcome      freshet.Outcome
	Rotated      bool
	Warning      *wireError
	Error        *wireError
	Trace        []byte
}

// startChild starts the child, hands it the request and its share of the lock, and waits for the answer as long as ctx
// allows.
func (a *app) startChild(ctx context.Context, name string, defaults freshet.Registration, r childRequest, lock *os.File) (freshet.Answer, error) {
	r.Locked = lock != nil
	request, err := json.Marshal(r)
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
		return a.readReply(name, defaults, reply)
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

func (a *app) readReply(name string, defaults freshet.Registration, data []byte) (freshet.Answer, error) {
	var r childReply
	if json.Unmarshal(data, &r) != nil {
		return freshet.Answer{}, &freshet.RefreshError{Name: name, Failure: freshet.Failure{
			Kind:   oauth.Unknown,
			Cause:  "the process that refreshes was ended before it could answer",
			Remedy: "run freshet status to see what it left; the next run finishes what can be finished",
		}}
	}
	if a.trace != nil {
		_, _ = a.trace.Write(r.Trace) // it was opened before; a full disk is no reason to drop the answer
	}
	answer := freshet.Answer{Outcome: r.Outcome, Rotated: r.Rotated, Warning: r.Warning.asError(name), Connection: freshet.Connection{
		Name: name, Registration: defaults, TokenFile: r.TokenFile, Saved: r.Saved, Health: r.Health,
	}}
	if len(r.Registration) > 0 {
		if err := json.Unmarshal(r.Registration, &answer.Connection.Registration); err != nil {
			return answer, err
		}
	}
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
	var trace bytes.Buffer
	answer, err := request.run(lock, &trace)
	c := answer.Connection
	var registration json.RawMessage
	if !filestore.IsPath(request.Name) {
		c.Client.Secret = ""
		registration, _ = json.Marshal(c.Registration) // without it the caller knows less to say
	}
	reply, err := json.Marshal(childReply{
		Registration: registration, TokenFile: c.TokenFile,
		Document: c.Token.Bytes(), Saved: c.Saved, Health: c.Health, Outcome: answer.Outcome, Rotated: answer.Rotated,
		Warning: newWireError(answer.Warning), Error: newWireError(err), Trace: trace.Bytes(),
	})
	if err != nil {
		return exitFailed
	}
	_, _ = answers.Write(reply) // a caller that left does not want it
	return exitDone
}

// secretFrom has the secret that the caller read, and no other: the connection may have been changed since.
func (r childRequest) secretFrom(_ context.Context, from string) (oauth.Secret, error) {
	if from != r.SecretFrom {
		return "", &freshet.Problem{
			Kind: oauth.Temporary, What: "somebody changed where the client secret comes from; nothing was sent", Remedy: "run it again",
		}
	}
	return oauth.Secret(r.Secret), nil
}

// run makes the exchange.
func (r childRequest) run(lock *os.File, trace io.Writer) (freshet.Answer, error) {
	refresher := &freshet.Refresher{Store: r.store(lock), Network: oauth.HTTPConfig{Proxy: r.Proxy, CAFile: r.CAFile}}
	if r.SecretFrom != "" {
		refresher.Secrets = r.secretFrom
	}
	if r.Trace {
		refresher.Trace = trace
	}
	ctx, cancel := context.WithTimeout(context.Background(), freshet.DefaultPatience) // for the lock, where it could not be passed
	defer cancel()
	if r.Login != nil {
		var l childLogin
		if err := json.Unmarshal(r.Login, &l); err != nil {
			return freshet.Answer{}, err
		}
		l.Registration.Client.Secret = oauth.Secret(r.Secret)
		answer, err := refresher.Login(ctx, r.Name, freshet.Grant{Registration: l.Registration, Form: l.Form, Nonce: l.Nonce})
		if err != nil && l.New {
			_ = r.store(nil).Discard(ctx, r.Name, l.NewFile) // it stays: as good as it was
		}
		return answer, err
	}
	return refresher.Exchange(ctx, r.Name, r.Demand.demand())
}

// wireError is an error on its way from the child to the caller: its type and what a caller shows of it. The name of the
// target is left out, because the caller knows it as the user wrote it.
type wireError struct {
	Type        string // refresh, problem, unsaved, other
	Kind        oauth.Kind
	Code        string
	Time        time.Time
	What        string
	Remedy      string
	NextAttempt time.Time
	Place       string
	Just        bool // it happened just now, and is not remembered
}

func newWireError(err error) *wireError {
	var (
		unsaved *freshet.UnsavedError
		refresh *freshet.RefreshError
		problem *freshet.Problem
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unsaved):
		return &wireError{Type: "unsaved", Place: unsaved.Place, What: unsaved.Err.Error()}
	case errors.As(err, &refresh):
		return &wireError{
			Type: "refresh", Kind: refresh.Kind, Code: refresh.Code, Time: refresh.Time, What: refresh.Cause,
			Remedy: refresh.Remedy, NextAttempt: refresh.NextAttempt, Just: refresh.Err != nil,
		}
	case errors.As(err, &problem):
		return &wireError{Type: "problem", Kind: problem.Kind, What: problem.What, Remedy: problem.Remedy}
	default:
		return &wireError{Type: "other", What: err.Error()}
	}
}

func (w *wireError) asError(name string) error {
	if w == nil {
		return nil
	}
	switch w.Type {
	case "unsaved":
		return &freshet.UnsavedError{Name: name, Place: w.Place, Err: errors.New(w.What)}
	case "refresh":
		e := &freshet.RefreshError{Name: name, NextAttempt: w.NextAttempt, Failure: freshet.Failure{
			Time: w.Time, Kind: w.Kind, Code: w.Code, Cause: w.What, Remedy: w.Remedy,
		}}
		switch {
		case w.Just && w.Code != "":
			e.Err = &oauth.Error{Code: w.Code} // what a device login waits for
		case w.Just:
			e.Err = errors.New(w.What)
		}
		return e
	case "problem":
		return &freshet.Problem{Name: name, Kind: w.Kind, What: w.What, Remedy: w.Remedy}
	default:
		return errors.New(w.What)
	}
}
