package freshet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// Each event is reported once, by the keeper that made it happen.
func TestEvents(t *testing.T) {
	tests := map[string]struct {
		config oauthtest.Config
		happen func(*testing.T, *world, *freshet.Keeper)
		want   []freshet.EventKind
		err    error
	}{
		"refreshed": {
			happen: func(t *testing.T, _ *world, k *freshet.Keeper) { refresh(t, k) },
			want:   []freshet.EventKind{freshet.EventRefreshed},
		},
		"rotated": {
			config: oauthtest.Config{Rotate: true},
			happen: func(t *testing.T, _ *world, k *freshet.Keeper) { refresh(t, k) },
			want:   []freshet.EventKind{freshet.EventRotated},
		},
		"failed, and then it works": {
			happen: func(t *testing.T, w *world, k *freshet.Keeper) {
				w.server.Fail(oauthtest.Fault{Name: "503", Count: 2})
				refresh(t, k)
			},
			want: []freshet.EventKind{freshet.EventFailed, freshet.EventFailed, freshet.EventRefreshed},
		},
		"login required, once for many callers": {
			happen: func(t *testing.T, w *world, k *freshet.Keeper) {
				w.server.Revoke(string(w.first.RefreshToken()))
				time.Sleep(2 * time.Hour)
				for range 5 {
					if _, err := k.Token(t.Context(), acme); err == nil {
						t.Error("a token")
					}
					time.Sleep(time.Minute)
				}
			},
			want: []freshet.EventKind{freshet.EventLoginRequired},
			err:  freshet.ErrLoginRequired,
		},
		"a local problem, once however long it lasts": {
			happen: func(t *testing.T, w *world, k *freshet.Keeper) {
				c := w.connection(t)
				c.Client.ID = ""
				w.store.Put(c)
				time.Sleep(45 * time.Minute) // it is stale
				for range 10 {
					if _, err := k.Token(t.Context(), acme); err != nil {
						t.Error(err)
					}
					time.Sleep(time.Minute)
				}
				if n := len(w.connection(t).History.Entries); n != 0 {
					t.Errorf("%d entries in the history of what was never sent", n)
				}
			},
			want: []freshet.EventKind{freshet.EventFailed},
		},
		"recovered": {
			config: oauthtest.Config{Rotate: true},
			happen: func(t *testing.T, w *world, k *freshet.Keeper) {
				interrupt(t, w)
				if _, err := k.Token(t.Context(), acme); err != nil {
					t.Fatal(err)
				}
			},
			want: []freshet.EventKind{freshet.EventRecovered},
		},
		"login required, from a predecessor's journal": {
			config: oauthtest.Config{Rotate: true},
			happen: func(t *testing.T, w *world, k *freshet.Keeper) {
				journalRefusal(t, w)
				time.Sleep(2 * time.Hour)
				for range 3 {
					if _, err := k.Token(t.Context(), acme); err == nil {
						t.Error("a token")
					}
					time.Sleep(time.Minute)
				}
				w.wantRequests(t, 0)
			},
			want: []freshet.EventKind{freshet.EventLoginRequired},
			err:  freshet.ErrLoginRequired,
		},
		"a store that cannot be read in the background": {
			happen: func(t *testing.T, w *world, k *freshet.Keeper) {
				config := w.config()
				config.Store = unreadable{w.store}
				defer running(t, freshet.NewKeeper(config))()
				time.Sleep(2 * time.Hour)
			},
			want: []freshet.EventKind{freshet.EventFailed},
			err:  errUnreadable,
		},
		"unsaved": {
			config: oauthtest.Config{Rotate: true},
			happen: func(t *testing.T, w *world, k *freshet.Keeper) {
				config := w.config()
				config.Store = interrupted{w.store, errors.New("no room")}
				full := freshet.NewKeeper(config)
				_, err := full.Refresh(t.Context(), acme, "")
				if unsaved := (*freshet.UnsavedError)(nil); !errors.As(err, &unsaved) {
					t.Errorf("got %v", err)
				}
				if err := full.Close(t.Context()); !errors.As(err, new(*freshet.UnsavedError)) {
					t.Error(err)
				}
			},
			want: []freshet.EventKind{freshet.EventUnsaved},
		},
		"the deadline is near, once": {
			happen: func(t *testing.T, w *world, k *freshet.Keeper) {
				c := w.connection(t)
				end := time.Now().Add(30 * 24 * time.Hour).Unix()
				reply := fmt.Appendf(nil,
					`{"access_token":"a","expires_in":31536000,"refresh_token_expires_at":%d}`, end)
				merged, err := c.Token.Merge(reply, time.Now())
				if err != nil {
					t.Fatal(err)
				}
				c.Token = merged
				w.store.Put(c)
				defer running(t, k)()
				time.Sleep(29 * 24 * time.Hour)
			},
			want: []freshet.EventKind{freshet.EventDeadlineNear},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.config)
				var logged bytes.Buffer
				w.Logger = slog.New(slog.NewTextHandler(&logged, nil))
				var got []freshet.EventKind
				w.onEvent = func(e freshet.Event) {
					got = append(got, e.Kind)
					if e.Name != acme || e.Time.IsZero() || test.err != nil && !errors.Is(e.Err, test.err) {
						t.Errorf("event %+v", e)
					}
				}
				keeper := freshet.NewKeeper(w.config())
				test.happen(t, w, keeper)
				if err := keeper.Close(context.WithoutCancel(t.Context())); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("events %v, want %v", got, test.want)
				}
				for _, kind := range test.want {
					if !strings.Contains(logged.String(), "event="+string(kind)) {
						t.Errorf("the log has no %s:\n%s", kind, logged.String())
					}
				}
			})
		})
	}
}

func refresh(t *testing.T, k *freshet.Keeper) {
	t.Helper()
	if _, err := k.Refresh(t.Context(), acme, ""); err != nil {
		t.Fatal(err)
	}
}

// journalRefusal leaves the journal of a process that was killed after the provider refused its
// refresh token.
func journalRefusal(t *testing.T, w *world) {
	t.Helper()
	err := w.store.Update(t.Context(), acme, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		refusal := oauth.Reply{
			Host:        "127.0.0.1:1",
			Status:      400,
			ContentType: "application/json",
			Body:        []byte(`{"error":"invalid_grant"}`),
		}
		c.Pending = &freshet.Pending{
			Spent:    c.Token.RefreshTokenHash(),
			Since:    time.Now(),
			Received: time.Now(),
			Reply:    &refusal,
		}
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// unreadable is a store that can list its connections but not read one.
type unreadable struct{ freshet.Store }

var errUnreadable = errors.New("the database is away")

func (unreadable) Get(context.Context, string) (freshet.Connection, error) {
	return freshet.Connection{}, errUnreadable
}

// OnEvent may block as long as a mail takes that cannot be delivered.
func TestSlowOnEventDelaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: 5 * time.Minute})
		w.server.Fail(oauthtest.Fault{Name: "503", Count: 1})
		config := w.config()
		var reported []freshet.Event
		slow := true
		config.OnEvent = func(e freshet.Event) {
			if slow {
				slow = false
				time.Sleep(time.Hour)
			}
			reported = append(reported, e)
		}
		keeper := freshet.NewKeeper(config)
		stop := running(t, keeper)
		for range 30 {
			time.Sleep(time.Minute)
			if !w.server.ValidAccess(w.connection(t).Token.AccessToken()) {
				t.Error("the saved token has expired")
			}
		}
		stop()
		if n := w.server.Stats().Requests; len(reported) != n {
			t.Errorf("%d events, want %d", len(reported), n)
		}
		if !slices.IsSortedFunc(reported, func(a, b freshet.Event) int { return a.Time.Compare(b.Time) }) ||
			len(reported) > 0 && reported[0].Kind != freshet.EventFailed {
			t.Errorf("not in order: %v", reported)
		}
	})
}

// Took comes from the history, which is full here.
func TestTookIsZeroIfNothingWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Latency: time.Second})
		config := w.config()
		var last freshet.Event
		config.OnEvent = func(e freshet.Event) { last = e }
		keeper := freshet.NewKeeper(config)
		for range 25 {
			refresh(t, keeper)
			synctest.Wait()
			if last.Kind != freshet.EventRefreshed || last.Took < time.Second {
				t.Fatalf("%s after %s", last.Kind, last.Took)
			}
		}
		c := w.connection(t)
		r := c.Registration
		r.Client.Auth, r.SecretFrom = oauth.AuthBasic, "env:SECRET" // Refresher.Secrets is nil
		if err := keeper.Configure(t.Context(), acme, r); err != nil {
			t.Fatal(err)
		}
		if _, err := keeper.Refresh(t.Context(), acme, ""); err == nil {
			t.Error("it worked")
		}
		synctest.Wait()
		if requests := w.server.Stats().Requests; requests != 25 || last.Kind != freshet.EventFailed || last.Took != 0 {
			t.Errorf("%s after %s, with %d requests", last.Kind, last.Took, requests)
		}
		if err := keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
