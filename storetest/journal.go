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

// newPending returns the journal of a refresh that has not been answered.
func newPending(c freshet.Connection) *freshet.Pending {
	return &freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now().UTC().Round(0), Host: "host", PID: 7}
}

func testPendingRefresh(t *testing.T, b Backend) {
	name := add(t, b, document)
	var want *freshet.Pending
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		want = newPending(c)
		c.Pending = want
		return save(c)
	})
	if diff := cmp.Diff(want, pending(t, b, name)); diff != "" {
		t.Errorf("the pending refresh: without it, the next process presents "+
			"a refresh token that may be spent (-want +got):\n%s", diff)
	}
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		marked := *want
		marked.Problem = "no answer"
		c.Pending = &marked
		return save(c)
	})
	if p := pending(t, b, name); p == nil || p.Problem != "no answer" {
		t.Errorf("Problem was not saved: %+v", p)
	}
	c := get(t, b, name)
	if c.Pending != nil {
		t.Error("Get returned a pending refresh: without the lock, it may have ended meanwhile")
	}
	if c.ReplyPending {
		t.Error("ReplyPending without a whole reply: every reader would wait for the lock and find nothing to adopt")
	}
}

// saveReply journals a reply, as a process does that is killed before it saves the token.
func saveReply(t *testing.T, b Backend, name string, reply *oauth.Reply, received time.Time) {
	t.Helper()
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = newPending(c)
		if err := save(c); err != nil {
			return err
		}
		answered := *c.Pending
		answered.Reply, answered.Received = reply, received
		c.Pending = &answered
		return save(c)
	})
}

func testReply(t *testing.T, b Backend) {
	name := add(t, b, document)
	want := newReply([]byte("{\"a\":1}\n\x00\xff\r\n"))
	received := time.Now().UTC().Round(0)
	saveReply(t, b, name, want, received)
	if !get(t, b, name).ReplyPending {
		t.Error("ReplyPending is false with a journaled reply: " +
			"the new refresh token would not be used until the old one fails")
	}
	update(t, b, name, func(c freshet.Connection, _ freshet.Save) error {
		if get(t, b, name).ReplyPending {
			t.Error("ReplyPending is true during an update: every reader would wait for the lock")
		}
		wantReply(t, c.Pending, want, received)
		return nil
	})
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Health.Failures++
		return save(c) // by a process that cannot adopt the reply
	})
	wantReply(t, pending(t, b, name), want, received)
}

func newReply(body []byte) *oauth.Reply {
	return &oauth.Reply{Host: "op.example", Status: 200, ContentType: "application/json", Body: body}
}

func wantReply(t *testing.T, p *freshet.Pending, want *oauth.Reply, received time.Time) {
	t.Helper()
	if p == nil || p.Reply == nil {
		t.Fatalf("the reply was not saved, and the new refresh token is lost: %+v", p)
	}
	if !bytes.Equal(p.Reply.Body, want.Body) {
		t.Errorf("the reply's body has %d bytes, other than the %d that were journaled; encoding/json omits it: "+
			"save it separately", len(p.Reply.Body), len(want.Body))
	}
	wantHead, head := *want, *p.Reply
	wantHead.Body, head.Body = nil, nil
	if diff := cmp.Diff(wantHead, head, cmpopts.IgnoreUnexported(oauth.Reply{})); diff != "" ||
		!p.Received.Equal(received) {
		t.Errorf("the reply, received %v (-want +got):\n%s", p.Received, diff)
	}
}

// testLargeReply saves a reply of the maximum size.
func testLargeReply(t *testing.T, b Backend) {
	name := add(t, b, document)
	want := newReply(bytes.Repeat([]byte("\x00\xff"), oauth.MaxReply/2))
	received := time.Now().UTC().Round(0)
	saveReply(t, b, name, want, received)
	wantReply(t, pending(t, b, name), want, received)
}

func testPendingLogin(t *testing.T, b Backend) {
	name := add(t, b, document)
	var want *freshet.Pending
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		want = newPending(c)
		want.Login = &freshet.PendingLogin{Name: name, Registration: registration, Nonce: "n", Before: newPending(c)}
		c.Pending = want
		return save(c)
	})
	if diff := cmp.Diff(want, pending(t, b, name)); diff != "" {
		t.Errorf("the pending login: its reply is checked and saved with this (-want +got):\n%s", diff)
	}
}

func testCompleted(t *testing.T, b Backend) {
	name := add(t, b, document)
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = newPending(c)
		if err := save(c); err != nil {
			return err
		}
		c.Token, c.Pending = withRefreshToken(t, c.Token, "r-1"), nil
		return save(c)
	})
	if p := pending(t, b, name); p != nil {
		t.Errorf("after the refresh was completed, pending is %+v: the next one would seem a second attempt", p)
	}
	c := get(t, b, name)
	if c.Token.RefreshToken() != oauth.Secret("r-1") {
		t.Error("the completed refresh was saved without its token")
	}
	if c.ReplyPending {
		t.Error("ReplyPending after the refresh was completed")
	}
}

func testOneRefresh(t *testing.T, b Backend) {
	const callers = 16
	server := oauthtest.NewServer(oauthtest.Config{
		Provider: oauthtest.Salesforce, Rotate: true, Latency: 10 * time.Millisecond,
	})
	defer server.Close()
	token := parse(t, string(server.Document()))
	name := b.Add(t, freshet.Connection{Token: token, Registration: freshet.Registration{
		Client: oauth.Client{ID: server.ClientID()}, Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
	}})
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			r := freshet.Refresher{Store: b.Store, HTTP: &http.Client{}}
			result, err := r.Token(t.Context(), name, freshet.Options{Rejected: oauth.Secret(token.AccessToken())})
			if err != nil {
				t.Error(err)
			} else if !server.ValidAccess(result.Connection.Token.AccessToken()) {
				t.Error("a caller got a token that is not valid")
			}
		})
	}
	wg.Wait()
	if stats := server.Stats(); stats.Refreshes != 1 || stats.Reuses != 0 {
		t.Errorf("for %d callers the server got %d refreshes and %d spent refresh tokens, want 1 and 0: "+
			"after waiting, Update must read again under the lock", callers, stats.Refreshes, stats.Reuses)
	}
	if !server.ValidRefresh(string(get(t, b, name).Token.RefreshToken())) {
		t.Error("the saved refresh token is not the server's current one: the grant is lost")
	}
}
