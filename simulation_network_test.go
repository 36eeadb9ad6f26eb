package freshet_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// trouble is what may become of one request on its way.
type trouble int

const (
	none    trouble = iota
	refused         // no connection: nothing was sent
	busy            // 503 with Retry-After: the provider did not act
	broken          // 500 from a proxy, before the provider: it did not act, but nobody here knows
	lost            // the provider acted, and its reply was lost
)

// network carries the simulation's requests to the token endpoints, loses some, and watches all of them.
type network struct {
	*simulation
	mu     sync.Mutex
	random *rand.Rand
	outage trouble // of all providers
	until  time.Time
	counts tally
}

// tally is what the network has seen.
type tally struct {
	perSecond map[int64]int // by simulated second: requests that were begun
	busiest   int
	all       int // begun, with or without a connection
	sent      int // that reached a provider
	delivered int // new tokens
	denied    int // refusals for good
	unheard   int // likewise, whose reply was lost
	troubles  [lost + 1]int
}

// wire is the network as one replica has it. It tells of connections as net/http's own transport does: a failure without one is
// known to have spent nothing.
type wire struct {
	*network
	cut atomic.Bool // the replica has ended
}

func (n *network) client() (*http.Client, *wire) {
	w, transport := &wire{network: n}, new(http.Transport)
	transport.RegisterProtocol("http", w)
	return &http.Client{Transport: transport}, w
}

// RoundTrip carries a refresh.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	defer req.Body.Close()
	c := w.customer(req.Header.Get(customerHeader))
	if w.cut.Load() {
		w.violated("%s was refreshed by a replica that had ended", c.name)
	}
	fate, pause := w.fate(c)
	w.asked(c)
	if fate == refused {
		c.failed()
		return nil, syscall.ECONNREFUSED
	}
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if fate == busy || fate == broken {
		time.Sleep(latency)
	}
	switch fate {
	case busy:
		c.failed()
		return answer(req, http.StatusServiceUnavailable, http.Header{"Retry-After": {strconv.Itoa(pause)}}), nil
	case broken:
		c.failed()
		return answer(req, http.StatusInternalServerError, http.Header{}), nil
	}
	acted := time.Now()
	res, err := c.provider.transport.RoundTrip(req)
	if err != nil || fate == lost {
		w.lost(c, res)
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	if res.StatusCode != http.StatusOK {
		w.denied(c)
		return res, nil
	}
	body, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(body))
	w.delivered(c, accessTokenIn(body), acted)
	return res, err
}

// fate draws what becomes of a request for c.
func (n *network) fate(c *customer) (fate trouble, retryAfter int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch chance := n.random.Float64(); {
	case time.Now().Before(n.until):
		fate = n.outage
	case chance < 0.004:
		fate = busy
	case chance < 0.007:
		fate = broken
	case chance < 0.010:
		fate = refused
	case chance < 0.012 && c.provider.forgives:
		fate = lost
	}
	n.counts.troubles[fate]++
	second := time.Now().Unix()
	n.counts.perSecond[second]++
	n.counts.busiest = max(n.counts.busiest, n.counts.perSecond[second])
	delete(n.counts.perSecond, second-1) // no longer of interest
	n.counts.all++
	if fate == none || fate == lost {
		n.counts.sent++
	}
	return fate, 1 + n.random.IntN(60)
}

// breakDown makes all providers fail in one way for a while.
func (n *network) breakDown(how trouble, d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.outage, n.until = how, time.Now().Add(d)
}

// asked checks that c may be asked for a refresh now.
func (n *network) asked(c *customer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// The last second is what an expires_at in whole seconds may take away.
	age, least := time.Since(c.issued), time.Duration(float64(c.provider.lifetime)*(2./3-1./20))-time.Second
	switch {
	case c.deleted:
		n.violated("%s was refreshed after it had been deleted", c.name)
	case c.denied > 0:
		n.violated("%s was refreshed after the provider had refused it for good", c.name)
	case age < least && !c.reported:
		n.violated("%s was refreshed after %v, before %v of its token's %v", c.name, age, least, c.provider.lifetime)
	}
}

func (n *network) delivered(c *customer, access string, acted time.Time) {
	n.mu.Lock()
	n.counts.delivered++
	n.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.access, c.issued, c.reported, c.failures = access, acted, false, 0
}

func (n *network) denied(c *customer) {
	n.mu.Lock()
	n.counts.denied++
	n.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.denied++
	c.failures++
	if !c.dead {
		n.violated("%s was refused although nobody had ended its grant", c.name)
	}
}

func (n *network) lost(c *customer, res *http.Response) {
	c.failed()
	n.mu.Lock()
	defer n.mu.Unlock()
	if res != nil && res.StatusCode != http.StatusOK {
		n.counts.unheard++
	}
}

func (c *customer) failed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures++
}

func answer(req *http.Request, status int, header http.Header) *http.Response {
	return &http.Response{Request: req, StatusCode: status, Header: header, Body: http.NoBody}
}

// accessTokenIn finds the access token in a reply of the test server.
func accessTokenIn(body []byte) string {
	_, rest, _ := strings.Cut(string(body), `"access_token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	return token
}
