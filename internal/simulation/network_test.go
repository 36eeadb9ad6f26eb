package simulation_test

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

// trouble is how one request may fail.
type trouble int

const (
	none    trouble = iota
	refused         // connection refused: nothing was sent
	busy            // 503 with Retry-After: the provider did not act
	broken          // 500 from a proxy: the provider did not act, but the client cannot know
	lost            // the provider acted, and its reply was lost
)

// network carries the requests to the token endpoints, makes some fail, and checks all of them.
type network struct {
	*simulation
	mu     sync.Mutex
	random *rand.Rand
	outage trouble // of all providers, until then
	until  time.Time
	counts tally
}

// tally counts requests.
type tally struct {
	perSecond    map[int64]int // requests by simulated second
	busiest      int
	all          int
	sent         int // reached a provider
	delivered    int // replies with a new token
	denied       int // invalid_grant replies
	lostRefusals int // invalid_grant replies that were lost
	troubles     [lost + 1]int
}

// wire is one replica's access to the network. It reports connections through httptrace as net/http
// does: without a connection nothing was sent.
type wire struct {
	*network
	cut atomic.Bool // set when the replica has ended
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
	w.checkRefresh(c)
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
		return result(req, http.StatusServiceUnavailable, http.Header{"Retry-After": {strconv.Itoa(pause)}}), nil
	case broken:
		c.failed()
		return result(req, http.StatusInternalServerError, http.Header{}), nil
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

// fate draws how a request for c fails, if at all.
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
	delete(n.counts.perSecond, second-1)
	n.counts.all++
	if fate == none || fate == lost {
		n.counts.sent++
	}
	return fate, 1 + n.random.IntN(60)
}

// breakDown makes all providers fail in the given way for a while.
func (n *network) breakDown(how trouble, d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.outage, n.until = how, time.Now().Add(d)
}

// checkRefresh checks that a refresh of c is allowed now.
func (n *network) checkRefresh(c *customer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// An expires_at in whole seconds may shorten the lifetime by a second.
	age, least := time.Since(c.issued), time.Duration(float64(c.provider.lifetime)*(2./3-1./20))-time.Second
	switch {
	case c.deleted:
		n.violated("%s was refreshed after it had been deleted", c.name)
	case c.denied > 0:
		n.violated("%s was refreshed after invalid_grant", c.name)
	case age < least && !c.rejected:
		n.violated("%s was refreshed after %v, before %v of its token's %v", c.name, age, least, c.provider.lifetime)
	}
}

func (n *network) delivered(c *customer, access string, acted time.Time) {
	n.mu.Lock()
	n.counts.delivered++
	n.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.access, c.issued, c.rejected, c.failures = access, acted, false, 0
}

func (n *network) denied(c *customer) {
	n.mu.Lock()
	n.counts.denied++
	n.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.denied++
	c.failures++
	if !c.ended {
		n.violated("%s got invalid_grant for a grant that was not revoked", c.name)
	}
}

func (n *network) lost(c *customer, res *http.Response) {
	c.failed()
	n.mu.Lock()
	defer n.mu.Unlock()
	if res != nil && res.StatusCode != http.StatusOK {
		n.counts.lostRefusals++
	}
}

func (c *customer) failed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures++
}

func result(req *http.Request, status int, header http.Header) *http.Response {
	return &http.Response{Request: req, StatusCode: status, Header: header, Body: http.NoBody}
}

// accessTokenIn returns the access token in a reply of the test server.
func accessTokenIn(body []byte) string {
	_, rest, _ := strings.Cut(string(body), `"access_token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	return token
}
