// Package detach refreshes a token, or exchanges a login's code, in a process of its own. Nothing
// that ends the caller ends that process: not Ctrl-C, a closed terminal, or kill -9 of the process
// group.
//
// The caller starts its own program again. The request goes over a pipe, because it holds secrets,
// and the child acts only after it has read all of it. The reply comes over another pipe. On Unix
// the child also gets the lock of the token, and frees it by ending. A [Worker] is a child for many
// refreshes.
package detach

import (
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/freshet-dev/freshet"
)

// The only argument of a program that is started as a child.
const (
	oneRequest   = "__refresh"
	manyRequests = "__refreshes" // see [Worker]
)

// ErrNoReply is returned for a child that ended before it could reply.
var ErrNoReply = errors.New("the process ended before it could reply")

// IsChild reports whether a program with these arguments (as in [os.Args]) must call [Main].
func IsChild(args []string) bool {
	return len(args) == 2 && (args[1] == oneRequest || args[1] == manyRequests)
}

// Process is a child that was started.
type Process struct {
	requests io.WriteCloser
	replies  io.Reader
	wait     func()
}

// Start starts a child with the request. It closes lock, which may be nil: from then on only the
// child holds it. Otherwise a stopped caller would keep the lock after the child has ended.
func Start(r Request, lock *os.File) (*Process, error) {
	r.Locked = lock != nil
	p, err := startDetached(oneRequest, lock)
	if lock != nil {
		err = errors.Join(err, lock.Close())
	}
	if err != nil {
		return nil, err
	}
	return p, errors.Join(json.NewEncoder(p.requests).Encode(r), p.requests.Close())
}

// Reply waits for the child's reply, and returns the result under the name by which the caller
// knows the connection. trace is what the child's requests and replies look like, if the request
// asked for it. The child may still run for about a millisecond: call Wait after Reply.
func (p *Process) Reply(name string) (result freshet.Result, trace []byte, err error) {
	var r reply
	if json.NewDecoder(p.replies).Decode(&r) != nil {
		return freshet.Result{}, nil, ErrNoReply
	}
	result, err = r.result(name)
	return result, r.Trace, err
}

// Wait waits for the child to end.
func (p *Process) Wait() { p.wait() }

// Main reads requests, does what they ask for, and replies. It ignores the signals that end its
// caller. It returns the exit code of the process.
func Main() int {
	ignoreSignals()
	requests, replies := childFiles()
	if os.Args[1] == manyRequests {
		return serve(requests, replies)
	}
	data, err := io.ReadAll(requests)
	var request Request
	if err != nil || json.Unmarshal(data, &request) != nil {
		return 1
	}
	var lock *os.File
	if request.Locked {
		lock = inheritedLock()
	}
	data, err = json.Marshal(request.reply(freshet.Refresher{}, lock))
	if err != nil {
		return 1
	}
	_, _ = replies.Write(data) // fails if the caller has ended; the result is saved
	return 0
}
