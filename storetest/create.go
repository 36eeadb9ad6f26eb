package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

func testCreate(t *testing.T, b Backend) {
	c := get(t, b, add(t, b, document))
	again := c
	again.Token = parse(t, `{"access_token":"b","refresh_token":"b"}`)
	if err := b.Store.Create(t.Context(), again); !errors.Is(err, freshet.ErrExists) {
		t.Errorf("creating it again: %v, want ErrExists", err)
	}
	if got := string(get(t, b, c.Name).Token.Bytes()); got != document {
		t.Error("creating it again replaced its token: its grant would be lost")
	}
	again = c
	again.Name = b.Names[0]
	if err := b.Store.Create(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if got := string(get(t, b, b.Names[0]).Token.Bytes()); got != document {
		t.Errorf("created with %q, got %q", document, got)
	}
}

// testCreateWithoutToken does what a first login does: it creates the connection before it sends the
// code, to be sure that the token can be saved.
func testCreateWithoutToken(t *testing.T, b Backend) {
	if b.TokensOnly {
		return
	}
	c := freshet.Connection{Name: b.Names[0], Registration: registration}
	if err := b.Store.Create(t.Context(), c); err != nil {
		t.Fatalf("creating a connection without a token: %v", err)
	}
	if !get(t, b, b.Names[0]).Token.IsZero() {
		t.Error("the connection has a token")
	}
	if err := b.Store.Create(t.Context(), c); !errors.Is(err, freshet.ErrExists) {
		t.Errorf("creating it again: %v, want ErrExists", err)
	}
	update(t, b, b.Names[0], func(c freshet.Connection, save freshet.Save) error {
		c.Pending = newPending(c)
		if err := save(c); err != nil {
			return err
		}
		c.Token, c.Pending = parse(t, document), nil
		return save(c)
	})
	if got := string(get(t, b, b.Names[0]).Token.Bytes()); got != document {
		t.Errorf("the first login's token is %q, want %q", got, document)
	}
}

// testList checks that the list is sorted and has what Get returns.
func testList(t *testing.T, b Backend) {
	if b.TokensOnly {
		return
	}
	if all, err := b.Store.List(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("an empty store lists %d connections, %v", len(all), err)
	}
	c := get(t, b, add(t, b, document))
	unsettled := b.Names[1]
	want := slices.Sorted(slices.Values(append([]string{c.Name}, b.Names...)))
	c.TokenFile = ""
	for _, name := range slices.Backward(slices.Sorted(slices.Values(b.Names))) {
		c.Name = name
		if err := b.Store.Create(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	saveReply(t, b, unsettled, &oauth.Reply{Host: "op.example", Status: 200, Body: []byte("{}")}, time.Now())
	all, err := b.Store.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range all {
		got = append(got, c.Name)
		if string(c.Token.Bytes()) != document || c.SecretFrom != registration.SecretFrom || c.Saved.IsZero() ||
			c.Version == "" {
			t.Errorf("%s is listed without its token, registration, Saved or Version: "+
				"the background refresh needs them", c.Name)
		}
		if c.Pending != nil || c.ReplyPending != (c.Name == unsettled) {
			t.Errorf("%s is listed with Pending %+v and ReplyPending %t, want nil and %t as from Get",
				c.Name, c.Pending, c.ReplyPending, c.Name == unsettled)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q: a connection that is not listed is not refreshed in the background", got, want)
	}
}

// testListDuringDelete lists while connections are created and deleted, both at least fifty times.
func testListDuringDelete(t *testing.T, b Backend) {
	if b.TokensOnly {
		return
	}
	const times = 50
	c := get(t, b, add(t, b, document))
	stays := c.Name
	c.TokenFile = ""
	var deleted atomic.Int32
	var listed atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	defer listed.Store(true)
	wg.Go(func() {
		for !listed.Load() {
			c.Name = b.Names[int(deleted.Add(1))%len(b.Names)]
			if err := errors.Join(b.Store.Create(t.Context(), c), b.Store.Delete(t.Context(), c.Name)); err != nil {
				t.Errorf("creating and deleting %q: %v", c.Name, err)
				return
			}
		}
	})
	other := b.reopen(t)
	for n := 0; !t.Failed() && (n < times || deleted.Load() < times); n++ {
		all, err := other.List(t.Context())
		if err != nil {
			t.Errorf("a connection was deleted while List ran: %v; leave it out: "+
				"Run would report an error although nothing is wrong", err)
		}
		if !slices.ContainsFunc(all, func(c freshet.Connection) bool { return c.Name == stays }) {
			t.Errorf("%q is not listed while another connection is deleted", stays)
		}
	}
}

func testDelete(t *testing.T, b Backend) {
	name := add(t, b, document)
	if err := b.Store.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.Get(t.Context(), name); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Get: %v, want ErrNotFound", err)
	}
	err := b.Store.Update(t.Context(), name, mustNotRun(t, "a deleted connection is updated"))
	if !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Update: %v, want ErrNotFound", err)
	}
	if err := b.Store.Delete(t.Context(), name); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("Delete again: %v, want ErrNotFound", err)
	}
	all, err := b.Store.List(t.Context())
	if err != nil || slices.ContainsFunc(all, func(c freshet.Connection) bool { return c.Name == name }) {
		t.Errorf("still listed, or %v", err)
	}
}

// hasExternalToken reports whether the token is in a file that other programs share. Then it is not
// deleted with the connection.
func (b Backend) hasExternalToken(c freshet.Connection) bool {
	return c.TokenFile != "" && !b.TokensOnly
}

// testCreateAfterDelete checks that a new connection has no state of a deleted one with the same name.
func testCreateAfterDelete(t *testing.T, b Backend) {
	name := add(t, b, document)
	c := get(t, b, name)
	if b.hasExternalToken(c) {
		return
	}
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Health = freshet.Health{RefreshTokenHash: c.Token.RefreshTokenHash(), Failures: 3, LoginRequired: true}
		return save(c)
	})
	saveReply(t, b, name, newReply([]byte(`{"access_token":"old"}`)), time.Now())
	if err := b.Store.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	c.Health, c.History = freshet.Health{}, freshet.History{}
	if err := b.Store.Create(t.Context(), c); err != nil {
		t.Fatalf("creating a connection with the name of a deleted one: %v", err)
	}
	if got := get(t, b, name); got.Health.LoginRequired || got.ReplyPending || pending(t, b, name) != nil {
		t.Errorf("the new connection has the state of the deleted one: health %+v, unsettled %t; "+
			"its reply could replace the new token", got.Health, got.ReplyPending)
	}
}

func testDeleteWaits(t *testing.T, b Backend) {
	name := add(t, b, document)
	if b.hasExternalToken(get(t, b, name)) {
		return
	}
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := b.Store.Delete(ctx, name); err == nil {
			t.Error("Delete did not wait for the update: the refresh in flight " +
				"would lose its token, or save it in the next connection with that name")
		}
		c.Token = withRefreshToken(t, c.Token, "r-1")
		return save(c)
	})
	if got := get(t, b, name).Token.RefreshToken(); !strings.HasPrefix(string(got), "r-1") {
		t.Error("a canceled Delete changed the connection")
	}
	if err := b.Store.Delete(t.Context(), name); err != nil {
		t.Errorf("deleting it after the update: %v", err)
	}
}
