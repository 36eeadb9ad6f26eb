package freshet

import (
	"bytes"
	"io"
	"net/http"
)

// peek returns what has come of the response's body, which stays whole. It does not wait for more: the body may be a stream.
func peek(res *http.Response) []byte {
	beginning := make([]byte, 4<<10)
	n, err := res.Body.Read(beginning)
	beginning = beginning[:n]
	rest := io.Reader(res.Body)
	if err != nil {
		rest = ended{err}
	}
	res.Body = peeked{io.MultiReader(bytes.NewReader(beginning), rest), res.Body}
	return beginning
}

// peeked is a body of which the beginning was read already.
type peeked struct {
	io.Reader
	io.Closer
}

type ended struct{ err error }

func (e ended) Read([]byte) (int, error) { return 0, e.err }

// discard closes the body. A short one is read to its end, so that its connection can be used again.
func discard(res *http.Response) {
	if 0 <= res.ContentLength && res.ContentLength <= 64<<10 {
		_, _ = io.CopyN(io.Discard, res.Body, res.ContentLength)
	}
	_ = res.Body.Close()
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
