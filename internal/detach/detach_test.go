package detach

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// sent returns what the other process reads.
func sent[T any](t *testing.T, value T) (read T) {
	t.Helper()
	data, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(data, &read)
	}
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestRequestKeepsEveryMember(t *testing.T) {
	store := &filestore.Store{StateDir: "/s", RuntimeDir: "/r", Defaults: freshet.Registration{
		Client: oauth.Client{ID: "c", Secret: "hush", Auth: oauth.AuthBasic},
		Policy: freshet.Policy{AssumeTTL: time.Hour},
	}}
	o := freshet.Options{
		Forced: true, Insist: true, MinTTL: time.Minute, Rejected: "rejected", DryRun: true, IDToken: true,
		Started: time.Unix(1, 0).UTC(), Seen: "hash",
	}
	r, err := NewRequest(store, o, "", "")
	if err != nil {
		t.Fatal(err)
	}
	r = sent(t, r)
	if r.options() != o {
		t.Error("the options are others")
	}
	s, err := r.store(nil)
	if err != nil || s.StateDir != "/s" || s.RuntimeDir != "/r" ||
		s.Defaults.Client != store.Defaults.Client || s.Defaults.Policy != store.Defaults.Policy {
		t.Errorf("the store is another one, %v", err)
	}
}

func TestReplyKeepsErrors(t *testing.T) {
	failure := freshet.Failure{
		Time: time.Unix(1, 0).UTC(), Kind: oauth.Temporary, Code: "slow_down", Cause: "cause", Remedy: "remedy",
	}
	for _, err := range []error{
		nil,
		errors.New("other"),
		&freshet.UnsavedError{Name: "acme", Place: "/p", Err: errors.New("full")},
		&freshet.RefreshError{Name: "acme", Failure: failure, NextAttempt: time.Unix(2, 0).UTC()},
		&freshet.RefreshError{Name: "acme", Failure: failure, Err: &oauth.Error{Code: "slow_down"}},
		&freshet.RefreshError{Name: "acme", Failure: freshet.Failure{Cause: "cause"}, Err: errors.New("cause")},
		&freshet.SetupError{Name: "acme", Kind: oauth.Misconfigured, What: "what", Remedy: "remedy"},
	} {
		got := sent(t, newReplyError(err)).asError("acme")
		if fmt.Sprintf("%T %[1]v", got) != fmt.Sprintf("%T %[1]v", err) ||
			(errors.Unwrap(got) == nil) != (errors.Unwrap(err) == nil) {
			t.Errorf("%#v became %#v", err, got)
		}
		var before, after *freshet.RefreshError
		if errors.As(err, &before) && errors.As(got, &after) &&
			(after.Failure != before.Failure || !after.NextAttempt.Equal(before.NextAttempt)) {
			t.Errorf("%#v became %#v", before, after)
		}
	}
}

// A provider's grace begins with the first request whose reply was lost, also for the caller.
func TestReplyKeepsWhenItWasInterrupted(t *testing.T) {
	since := time.Now().Add(-time.Minute).UTC().Round(time.Second)
	c := freshet.Connection{Name: "acme", Pending: &freshet.Pending{Spent: "s", Since: since, Host: "h"}}
	got, err := newReply("acme", freshet.Result{Connection: c}, nil).result("acme")
	if p := got.Connection.Pending; err != nil || p == nil || p.Spent != "s" || !p.Since.Equal(since) {
		t.Errorf("got %v and error %v", p, err)
	}
}
