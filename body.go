package freshet

import (
	"bytes"
	"io"
	"net/http"
)

// peek returns the beginning of the response's body, which stays whole.
func peek(res *http.Response) []byte {
	beginning, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	rest := io.Reader(res.Body)
	if err != nil {
		rest = failing{err}
	}
	res.Body = peeked{io.MultiReader(bytes.NewReader(beginning), rest), res.Body}
	return beginning
}

// peeked is a body of which the beginning was read already.
type peeked struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// discard reads what is left of a short body, so that its connection can be used again, and closes it.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10)
	_ = body.Close()
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
