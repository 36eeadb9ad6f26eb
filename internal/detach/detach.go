// Package detach refreshes a token, or exchanges a login's code, in a process of its own. Nothing
// that ends the caller ends that process: not Ctrl-C, a closed terminal, or kill -9 of the process
// group.
//
// The caller starts its own program again. The request goes over a pipe, because it holds secrets,
// and the child acts only after it has read all of it. The reply comes over another pipe. On Unix
// the child also gets the lock of the token, and frees it by ending.
package detach

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/freshet-dev/freshet"
)

// argument is the only argument of a program that is started as a child.
const argument = "__refresh"

// ErrNoReply is returned for a child that ended before it could reply.
var ErrNoReply = errors.New("the process ended before it could reply")

// IsChild reports whether a program with these arguments (as in [os.Args]) must call [Main].
func IsChild(args []string) bool { return len(args) == 2 && args[1] == argument }

// Process is a child that was started.
type Process struct {
	cmd   *exec.Cmd
	reply io.Reader
}

// Start starts a child with the request. It closes lock, which may be nil: from then on only the
// child holds it. Otherwise a stopped caller would keep the lock after the child has ended.
func Start(r Request, lock *os.File) (*Process, error) {
	r.Locked = lock != nil
	request, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(Executable(), argument)
	cmd.Args[0] = os.Args[0]
	cmd.Dir = string(filepath.Separator)
	reply, err := startDetached(cmd, request, lock)
	if lock != nil {
		err = errors.Join(err, lock.Close())
	}
	return &Process{cmd, reply}, err
}

// Reply waits for the child's reply, and returns the result under the name by which the caller
// knows the connection. trace is what the child's requests and replies look like, if the request
// asked for it. The child may still run for about a millisecond: call Wait after Reply.
func (p *Process) Reply(name string) (result freshet.Result, trace []byte, err error) {
	var r reply
	if json.NewDecoder(p.reply).Decode(&r) != nil {
		return freshet.Result{}, nil, ErrNoReply
	}
	result, err = r.result(name)
	return result, r.Trace, err
}

// Wait waits for the child to end.
func (p *Process) Wait() { _ = p.cmd.Wait() }

// Main reads the request, does what it asks for, and replies. It ignores the signals that end its
// caller. It returns the exit code of the process.
func Main() int {
	ignoreSignals()
	requests, replies := childFiles()
	data, err := io.ReadAll(requests)
	var request Request
	if err != nil || json.Unmarshal(data, &request) != nil {
		return 1
	}
	var lock *os.File
	if request.Locked {
		lock = inheritedLock()
	}
	var trace bytes.Buffer
	result, err := request.run(lock, &trace)
	r := newReply(request.Name, result, err)
	r.Trace = trace.Bytes()
	data, err = json.Marshal(r)
	if err != nil {
		return 1
	}
	_, _ = replies.Write(data) // fails if the caller has ended; the result is saved
	return 0
}
