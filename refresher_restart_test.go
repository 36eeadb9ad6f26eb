package freshet_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// requestTimes records when each request was sent.
type requestTimes struct {
	http.RoundTripper
	mu   sync.Mutex
	sent []time.Time
}

func (r *requestTimes) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.sent = append(r.sent, time.Now())
	r.mu.Unlock()
	return r.RoundTripper.RoundTrip(req)
}

func (r *requestTimes) since(n int) []time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent[n:]
}

// service is a process that runs the keeper and asks for the token every second.
func service(t *testing.T, config freshet.Config) (keeper *freshet.Keeper, stop func()) {
	keeper = freshet.NewKeeper(config)
	ctx, cancel := context.WithCancel(t.Context())
	var working sync.WaitGroup
	working.Go(func() { _ = keeper.Run(ctx) })
	working.Go(func() {
		for ctx.Err() == nil {
			short, done := context.WithTimeout(ctx, time.Second)
			_, _ = keeper.Token(short, acme)
			<-short.Done()
			done()
		}
	})
	return keeper, func() {
		cancel()
		if err := keeper.Close(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
		working.Wait()
	}
}

// A restarted process and a new one respect the next attempt in the store, although the token has
// expired.
func TestNextAttemptOutlivesTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		requests := &requestTimes{RoundTripper: w.server.Transport()}
		w.HTTP = &http.Client{Transport: requests}
		w.server.Fail(oauthtest.Fault{Name: "503", Count: 1000})
		time.Sleep(2 * time.Hour) // the access token has expired, and the provider is down

		_, stop := service(t, w.config())
		for time.Until(w.connection(t).Health.NextAttempt) < 2*time.Minute {
			time.Sleep(time.Second)
		}
		stop()
		health, before := w.connection(t).Health, len(requests.since(0))
		if health.Failures < 5 || before != health.Failures {
			t.Fatalf("%d requests, %d failures", before, health.Failures)
		}

		restarted, stopRestarted := service(t, w.config())
		defer stopRestarted()
		replica, stopReplica := service(t, w.config())
		defer stopReplica()
		for _, keeper := range []*freshet.Keeper{restarted, replica} {
			var failed *freshet.RefreshError
			short, cancel := context.WithTimeout(t.Context(), time.Minute)
			_, err := keeper.Token(short, acme)
			cancel()
			if !errors.As(err, &failed) || !failed.NextAttempt.Equal(health.NextAttempt) ||
				failed.Cause != health.LastFailure.Cause {
				t.Errorf("a caller gets %v, without the next attempt", err)
			}
		}
		time.Sleep(time.Until(health.NextAttempt) - time.Nanosecond)
		if early := requests.since(before); len(early) > 0 {
			t.Fatalf("%d requests, the first %v before its time", len(early), health.NextAttempt.Sub(early[0]))
		}

		// Then one of them makes the attempt. It fails again, and both wait for the next.
		time.Sleep(time.Minute)
		next := w.connection(t).Health
		if sent := requests.since(before); len(sent) != 1 || !next.NextAttempt.After(health.NextAttempt) {
			t.Errorf("%d requests at the next attempt, the one after that at %v", len(sent), next.NextAttempt)
		}
	})
}
