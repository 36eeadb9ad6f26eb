package detach

import (
	"encoding/json"
	"io"
	"sync"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
)

// Worker is a child that makes many refreshes at a time, so that they share the cost of its start. It
// takes the locks itself. When its caller ends, it completes the refreshes that it was asked for.
type Worker struct {
	*Process

	mu      sync.Mutex
	number  int                  // of the last request
	waiting map[int]chan<- reply // by the number of the request; nil after the child has ended
}

// StartWorker starts a worker. It ends after this process.
func StartWorker() (*Worker, error) {
	p, err := startDetached(manyRequests, nil)
	if err != nil {
		return nil, err
	}
	w := &Worker{Process: p, waiting: map[int]chan<- reply{}}
	go w.receive()
	return w, nil
}

// receive passes each reply on to the caller that waits for it.
func (w *Worker) receive() {
	for d := json.NewDecoder(w.replies); ; {
		var r reply
		err := d.Decode(&r)
		w.mu.Lock()
		if err != nil {
			for _, waiting := range w.waiting {
				close(waiting)
			}
			w.waiting = nil
			w.mu.Unlock()
			w.Wait()
			return
		}
		w.waiting[r.Number] <- r
		delete(w.waiting, r.Number)
		w.mu.Unlock()
	}
}

// Do sends the request and waits for the reply, which is as that of [Process.Reply]. Several may wait at
// a time.
func (w *Worker) Do(r Request, name string) (result freshet.Result, trace []byte, err error) {
	received, err := w.send(r)
	if err != nil {
		return freshet.Result{}, nil, err
	}
	answer, ok := <-received
	if !ok {
		return freshet.Result{}, nil, ErrNoReply
	}
	result, err = answer.result(name)
	return result, answer.Trace, err
}

func (w *Worker) send(r Request) (<-chan reply, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == nil {
		return nil, ErrNoReply
	}
	w.number++
	r.Number = w.number
	received := make(chan reply, 1)
	w.waiting[r.Number] = received
	// If it fails, the child has ended, and receive closes the channel.
	_ = json.NewEncoder(w.requests).Encode(r)
	return received, nil
}

// HasEnded reports whether the worker takes no more requests.
func (w *Worker) HasEnded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting == nil
}

// serve does in the child what the requests ask for, each in a goroutine. One that is cut off, because
// the caller was killed, is not acted on. Connections share a store, which looks once for what killed
// processes left.
func serve(requests io.Reader, replies io.Writer) int {
	var (
		running   sync.WaitGroup
		mu        sync.Mutex
		encoder   = json.NewEncoder(replies)
		refresher freshet.Refresher
		store     freshet.Store
	)
	refresher.ReuseConnections()
	for d := json.NewDecoder(requests); ; {
		var request Request
		if d.Decode(&request) != nil {
			break
		}
		if store == nil {
			store = &filestore.Store{StateDir: request.StateDir, RuntimeDir: request.RuntimeDir}
		}
		refresher := refresher
		if !filestore.IsPath(request.Name) { // a token file has its own client and server
			refresher.Store = store
		}
		running.Go(func() {
			r := request.reply(refresher, nil)
			mu.Lock()
			defer mu.Unlock()
			_ = encoder.Encode(r) // fails if the caller has ended; the result is saved
		})
	}
	running.Wait()
	return 0
}
