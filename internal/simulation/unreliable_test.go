package simulation_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet"
)

// unreliableStore is a store of which one save in five fails. Half of these have saved all the same:
// only the answer was lost.
type unreliableStore struct {
	freshet.Store
	random        *chances
	saves, failed atomic.Int64
}

var errStoreAway = errors.New("the database is away")

func (s *unreliableStore) Update(ctx context.Context, name string, change freshet.Change) error {
	return s.Store.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		return change(ctx, c, func(next freshet.Connection) error {
			s.saves.Add(1)
			fate := s.random.upToN(10)
			if fate == 0 {
				s.failed.Add(1)
				return errStoreAway
			}
			err := save(next)
			if fate == 1 && err == nil {
				s.failed.Add(1)
				err = errStoreAway
			}
			return err
		})
	})
}

// unreliableWire carries refreshes to the server, loses three replies in ten, and knows what became
// of each refresh token.
type unreliableWire struct {
	*stress
	transport http.RoundTripper
	random    *chances
	reliable  atomic.Bool

	mu       sync.Mutex
	tokens   map[string]*refreshToken
	owners   map[string]*account // by access token
	accounts map[*account][]*stressGrant

	requests, delivered, lost, refused int
	again                              int // presented after a refusal that could not be saved, or with another request
}

// stressGrant is one login of an account.
type stressGrant struct {
	account *account
	last    string // the refresh token that was received last
	refused bool   // by the server, because of a lost reply
	ended   bool   // replaced by another login, or deleted
}

// refreshToken is what became of a refresh token.
type refreshToken struct {
	grant *stressGrant
	state string // "", or what happened when it was presented
}

const (
	inFlight = "in flight"
	received = "presented, and its reply was received"
	noReply  = "presented, and its reply was lost"
	refusal  = "refused"
)

func newUnreliableWire(s *stress) *unreliableWire {
	return &unreliableWire{
		stress: s, transport: s.server.Transport(), random: newChances(1), tokens: map[string]*refreshToken{},
		owners: map[string]*account{}, accounts: map[*account][]*stressGrant{},
	}
}

// login begins a grant of the account.
func (w *unreliableWire) login(a *account) (document []byte, g *stressGrant) {
	g = &stressGrant{account: a}
	document = w.server.Document()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.accounts[a] = append(w.accounts[a], g)
	w.issued(g, document)
	return document, g
}

// issued notes the tokens of a reply. w.mu is held.
func (w *unreliableWire) issued(g *stressGrant, reply []byte) {
	token, err := freshet.ParseToken(reply)
	if err != nil {
		w.violated("the server's reply: %v", err)
		return
	}
	g.last = string(token.RefreshToken())
	w.tokens[g.last] = &refreshToken{grant: g}
	w.owners[token.AccessToken()] = g.account
}

// end notes that all grants of the account but one have ended.
func (w *unreliableWire) end(a *account, except *stressGrant) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, g := range w.accounts[a] {
		g.ended = g.ended || g != except
	}
}

func (w *unreliableWire) owner(accessToken string) *account {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.owners[accessToken]
}

// wasRefused reports whether a grant of the account was ever refused.
func (w *unreliableWire) wasRefused(a *account) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, g := range w.accounts[a] {
		if g.refused {
			return true
		}
	}
	return false
}

// compare returns what is wrong with the saved refresh token of an account.
func (w *unreliableWire) compare(a *account, saved string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch token := w.tokens[saved]; {
	case token == nil:
		return "the saved refresh token was never received"
	case token.grant.account != a:
		return "the saved refresh token is that of " + token.grant.account.name
	case token.grant.ended:
		return "the saved refresh token is of a grant that another login replaced"
	case token.grant.last != saved:
		return "a newer refresh token was received and lost; the saved one was " + token.state
	}
	return ""
}

func (w *unreliableWire) RoundTrip(req *http.Request) (*http.Response, error) {
	defer req.Body.Close()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	token := w.present(form.Get("refresh_token"))
	sent := req.Clone(req.Context())
	sent.Body = io.NopCloser(bytes.NewReader(body))
	time.Sleep(w.random.upTo(200 * time.Millisecond))
	res, err := w.transport.RoundTrip(sent)
	if err != nil {
		w.violated("the server: %v", err)
		return nil, err
	}
	reply, err := io.ReadAll(res.Body)
	time.Sleep(w.random.upTo(200 * time.Millisecond))
	res.Body = io.NopCloser(bytes.NewReader(reply))
	if w.answered(token, res.StatusCode, reply) {
		return res, err
	}
	return nil, io.ErrUnexpectedEOF
}

// present notes that a refresh token is presented.
func (w *unreliableWire) present(presented string) *refreshToken {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests++
	token := w.tokens[presented]
	switch {
	case token == nil:
		w.violated("an unknown refresh token was presented")
		return nil
	case token.grant.ended:
		w.violated("%s: a refresh token was presented after its grant had ended", token.grant.account.name)
	case token.state == refusal:
		w.again++
		if c, err := w.saved.Get(context.Background(), token.grant.account.name); err == nil && c.CurrentHealth().LoginRequired {
			w.violated("%s: a refresh token was presented again that was refused", c.Name)
		}
	case token.state != "" && token.state != noReply:
		w.violated("%s: a refresh token was presented again that was %s", token.grant.account.name, token.state)
	}
	token.state = inFlight
	return token
}

// answered notes what becomes of the reply, and reports whether it arrives.
func (w *unreliableWire) answered(token *refreshToken, status int, reply []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost := !w.reliable.Load() && w.random.upToN(10) < 3
	switch {
	case token == nil:
	case lost:
		w.lost++
		token.state = noReply
	case status == http.StatusOK:
		w.delivered++
		token.state = received
		w.issued(token.grant, reply)
	default:
		w.refused++
		token.state = refusal
		token.grant.refused = true
	}
	return !lost
}
