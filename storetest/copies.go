package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// testCopies checks a store that implements [freshet.CopyChecker] with two connections that have one refresh token.
func testCopies(t *testing.T, b Backend) {
	if _, ok := b.Store.(freshet.CopyChecker); !ok {
		return
	}
	one, two := add(t, b, document), slices.Max(b.Names)
	c := freshet.Connection{Name: two, Token: parse(t, document), Registration: registration}
	if err := b.Store.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	update(t, b, one, func(freshet.Connection, freshet.Save) error {
		if found := checkCopies(t, b, two); found == (freshet.Copy{}) || !found.Replaced.IsZero() {
			t.Errorf("CheckCopies returned %+v while another connection with the token is updated: "+
				"both would send it", found)
		}
		return nil
	})
	if found := checkCopies(t, b, two); found != (freshet.Copy{}) {
		t.Errorf("CheckCopies returned %+v though no refresh replaced the token: it would never be sent", found)
	}
	update(t, b, one, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = newPending(c)
		if err := save(c); err != nil {
			return err
		}
		answered := *c.Pending
		answered.Reply = &oauth.Reply{Host: "op.example", Status: 200, Body: []byte("{}")}
		answered.Received = time.Now().UTC().Round(0)
		c.Pending = &answered
		if err := save(c); err != nil {
			return err
		}
		c.Token, c.Pending = withRefreshToken(t, c.Token, "r-1"), nil
		c.Health = freshet.Health{RefreshTokenHash: c.Token.RefreshTokenHash(), LastSuccess: answered.Received}
		return save(c)
	})
	if found := checkCopies(t, b, two); found.Replaced.IsZero() {
		t.Errorf("CheckCopies returned %+v though a refresh of another connection replaced the token: "+
			"sending it would end that grant", found)
	}
	if found := checkCopies(t, b, one); found != (freshet.Copy{}) {
		t.Errorf("CheckCopies returned %+v for the new token: it would never be sent", found)
	}
}

func checkCopies(t *testing.T, b Backend, name string) (found freshet.Copy) {
	t.Helper()
	store := b.reopen(t)
	err := store.Update(t.Context(), name, func(ctx context.Context, c freshet.Connection, _ freshet.Save) (err error) {
		found, err = store.(freshet.CopyChecker).CheckCopies(ctx, c)
		return err
	})
	if err != nil {
		t.Fatalf("CheckCopies(%q): %v", name, err)
	}
	return found
}
