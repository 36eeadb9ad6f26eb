package storetest

import (
	"bytes"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// What a store remembers of a refresh that did not end.

func intent(c freshet.Connection) *freshet.Pending {
	return &freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now().UTC().Round(0), Host: "host", PID: 7}
}

func begun(t *testing.T, b Backend) {
	name := add(t, b, document)
	var want *freshet.Pending
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		want = intent(c)
		c.Pending = want
		return save(c)
	})
	if diff := cmp.Diff(want, pending(t, b, name)); diff != "" {
		t.Errorf("the refresh that was begun, without which a successor would present a refresh token that may be spent (-want +got):\n%s", diff)
	}
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = &freshet.Pending{Spent: want.Spent, Since: want.Since, Host: want.Host, PID: want.PID, Problem: "no answer"}
		return save(c)
	})
	if p := pending(t, b, name); p == nil || p.Problem != "no answer" {
		t.Errorf("what became of the refresh is forgotten: %+v", p)
	}
	c := get(t, b, name)
	if c.Pending != nil {
		t.Error("Get, which takes no lock, tells of a pending refresh: by the time it is read it may have ended")
	}
	if c.Unsettled {
		t.Error("Unsettled without a whole reply: every reader would wait for the lock, and find nothing to adopt")
	}
}

// journal leaves a reply behind as a process does that dies before it could save what follows from it.
func journal(t *testing.T, b Backend, name string, reply *oauth.Reply, received time.Time) {
	t.Helper()
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = intent(c)
		if err := save(c); err != nil {
			return err
		}
		with := *c.Pending
		with.Reply, with.Received = reply, received
		c.Pending = &with
		return save(c)
	})
}

func journalled(t *testing.T, b Backend) {
	name := add(t, b, document)
	want := &oauth.Reply{Host: "op.example", Status: 200, ContentType: "application/json", Body: []byte("{\"a\":1}\n\x00\xff\r\n")}
	received := time.Now().UTC().Round(0)
	journal(t, b, name, want, received)
	if !get(t, b, name).Unsettled {
		t.Error("whoever reads without the lock is not told that a reply waits to be adopted: the new refresh token would lie there until the old one fails")
	}
	update(t, b, name, func(c freshet.Connection, _ freshet.Save) error {
		if get(t, b, name).Unsettled {
			t.Error("a refresh that somebody is at is taken for an abandoned one: every reader would queue up for the lock")
		}
		wantReply(t, c.Pending, want, received)
		return nil
	})
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Health.Failures++
		return save(c) // of something else, by somebody who cannot adopt the reply
	})
	wantReply(t, pending(t, b, name), want, received)
}

func wantReply(t *testing.T, p *freshet.Pending, want *oauth.Reply, received time.Time) {
	t.Helper()
	if p == nil || p.Reply == nil {
		t.Fatalf("the reply is forgotten, and the new refresh token with it: %+v", p)
	}
	if !bytes.Equal(p.Reply.Body, want.Body) {
		t.Errorf("the reply's body has %d bytes, which are not the %d that were journalled; encoding/json leaves it out, save it beside the rest",
			len(p.Reply.Body), len(want.Body))
	}
	wantHead, head := *want, *p.Reply
	wantHead.Body, head.Body = nil, nil
	if diff := cmp.Diff(wantHead, head, cmpopts.IgnoreUnexported(oauth.Reply{})); diff != "" || !p.Received.Equal(received) {
		t.Errorf("the reply, received %v (-want +got):\n%s", p.Received, diff)
	}
}

// The largest reply that is read is the largest that must be kept.
func largeReply(t *testing.T, b Backend) {
	name := add(t, b, document)
	want := &oauth.Reply{Host: "op.example", Status: 200, ContentType: "application/json", Body: bytes.Repeat([]byte("\x00\xff"), oauth.MaxReply/2)}
	received := time.Now().UTC().Round(0)
	journal(t, b, name, want, received)
	wantReply(t, pending(t, b, name), want, received)
}

func loginBegun(t *testing.T, b Backend) {
	name := add(t, b, document)
	var want *freshet.Pending
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		want = intent(c)
		want.Login = &freshet.PendingLogin{Name: name, Registration: registration, Nonce: "n", Before: intent(c)}
		c.Pending = want
		return save(c)
	})
	if diff := cmp.Diff(want, pending(t, b, name)); diff != "" {
		t.Errorf("the login, whose reply would be checked and saved with this (-want +got):\n%s", diff)
	}
}

func ended(t *testing.T, b Backend) {
	name := add(t, b, document)
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = intent(c)
		if err := save(c); err != nil {
			return err
		}
		c.Token, c.Pending = withRefreshToken(t, c.Token, "r-1"), nil
		return save(c)
	})
	if p := pending(t, b, name); p != nil {
		t.Errorf("after the refresh had ended, pending is %+v: the next one would be taken for a second attempt", p)
	}
	c := get(t, b, name)
	if c.Token.RefreshToken() != oauth.Secret("r-1") {
		t.Error("the end of the refresh was saved without its token")
	}
	if c.Unsettled {
		t.Error("Unsettled although the refresh has ended")
	}
}

func oneRefresh(t *testing.T, b Backend) {
	const callers = 16
	server := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Latency: 10 * time.Millisecond})
	defer server.Close()
	token := parse(t, string(server.Document()))
	name := b.Add(t, freshet.Connection{Token: token, Registration: freshet.Registration{
		Client: oauth.Client{ID: server.ClientID()}, Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
	}})
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			r := freshet.Refresher{Store: b.Store, HTTP: &http.Client{}}
			answer, err := r.Ask(t.Context(), name, freshet.Demand{Rejected: oauth.Secret(token.AccessToken())})
			if err != nil {
				t.Error(err)
			} else if !server.ValidAccess(answer.Connection.Token.AccessToken()) {
				t.Error("a caller got a token that does not work")
			}
		})
	}
	wg.Wait()
	if stats := server.Stats(); stats.Refreshes != 1 || stats.Reuses != 0 {
		t.Errorf("for %d callers the server saw %d refreshes and %d spent refresh tokens, want 1 and 0: those who waited must read anew under the lock",
			callers, stats.Refreshes, stats.Reuses)
	}
	if !server.ValidRefresh(string(get(t, b, name).Token.RefreshToken())) {
		t.Error("the saved refresh token is not the server's current one: the grant is lost")
	}
}
