package oauth

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Trace is a transport that writes every exchange to Out, with everything hidden that is not known to be harmless: names of
// headers and parameters are shown, and the values of few. Each exchange is one Write, also of concurrent ones.
type Trace struct {
	Transport http.RoundTripper // nil means the default one
	Out       io.Writer
	Harmless  []string // further members of replies that may be shown
	Secrets   []Secret // further secrets to look for in what is shown; those of each request and reply are known

	writing sync.Mutex
}

// RoundTrip makes the exchange and writes it to t.Out, where no error of writing matters to the exchange. It returns when the
// body of the reply has arrived, or [MaxReply] bytes of it.
func (t *Trace) RoundTrip(req *http.Request) (*http.Response, error) {
	req, sent, err := withBody(req)
	if err != nil {
		return nil, err
	}
	x := &transcript{start: time.Now(), harmless: t.Harmless}
	for _, secret := range t.Secrets {
		x.known = append(x.known, string(secret))
	}
	x.request(req, sent, t.Transport)
	transport := t.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		x.failure(err)
	} else {
		received, cut := bufferBody(res)
		x.reply(res, received, cut)
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	_, _ = t.Out.Write(x.text.Bytes())
	return res, err
}

// CloseIdleConnections closes those of t.Transport, so that the method of [http.Client] works.
func (t *Trace) CloseIdleConnections() {
	(&http.Client{Transport: t.Transport}).CloseIdleConnections()
}

// withBody reads the body of req and returns a copy that has it again: a transport may not change what it was given, and may
// go on reading after it has returned.
func withBody(req *http.Request) (*http.Request, []byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, nil, nil
	}
	body, err := io.ReadAll(req.Body)
	if closed := req.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the body of the request cannot be read: %w", err)
	}
	again := req.Clone(req.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return again, body, nil
}

// bufferBody reads what there is of the reply's body, at most [MaxReply] bytes, and puts it back, with the rest or the error
// that followed it.
func bufferBody(res *http.Response) (body []byte, cut error) {
	body, cut = io.ReadAll(io.LimitReader(res.Body, MaxReply))
	rest := io.Reader(res.Body)
	if cut != nil {
		rest = broken{cut}
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), res.Body}
	return body, cut
}

// broken is a reader that fails.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
