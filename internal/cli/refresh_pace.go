package cli

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// refreshRun refreshes connections, several at a time. A server that is overloaded gets half as many
// requests at a time after each such answer, but at least one. What failed temporarily is tried again
// when its next attempt is due, one at a time for each server, until one fails again.
type refreshRun struct {
	concurrency int
	refresh     func(j *refreshJob, overloaded func()) (freshet.Result, error)
	ended       func(j *refreshJob)

	failing map[string]bool // hosts that failed in the second pass; nil in the first

	mu    sync.Mutex
	limit map[string]int // of requests at a time, by host; concurrency if it is missing
}

// all runs the jobs. After ctx has ended it begins no other. It closes the done channel of each job.
func (r *refreshRun) all(ctx context.Context, jobs []*refreshJob) {
	r.limit = map[string]int{}
	var again []*refreshJob
	r.pass(ctx, jobs, func(j *refreshJob) {
		if isTemporary(j.err) {
			again = append(again, j)
			return
		}
		r.finish(j)
	})
	for _, j := range again {
		r.limit[j.host] = 1
	}
	again = slices.DeleteFunc(again, func(j *refreshJob) bool {
		isLate := time.Until(nextAttempt(j.err)) > freshet.DefaultTimeout
		if isLate {
			r.finish(j)
		}
		return isLate
	})
	r.failing = map[string]bool{}
	r.pass(ctx, again, func(j *refreshJob) {
		r.failing[j.host] = r.failing[j.host] || isTemporary(j.err)
		r.finish(j)
	})
}

func (r *refreshRun) finish(j *refreshJob) {
	if j.tried {
		r.ended(j)
	}
	close(j.done)
}

// pass tries each job once, except those of failing hosts, and calls ended for each, one at a time.
func (r *refreshRun) pass(ctx context.Context, jobs []*refreshJob, ended func(*refreshJob)) {
	pending := slices.Clone(jobs)
	results, interrupted := make(chan *refreshJob), ctx.Done()
	running, total := map[string]int{}, 0
	for total > 0 || len(pending) > 0 {
		if ctx.Err() != nil {
			for _, j := range pending {
				ended(j)
			}
			pending = nil
		}
		pending = slices.DeleteFunc(pending, func(j *refreshJob) bool {
			switch {
			case total >= r.concurrency:
				return false
			case r.failing[j.host]:
				ended(j)
				return true
			case running[j.host] >= r.limitOf(j.host):
				return false
			}
			total++
			running[j.host]++
			j.tried = true
			go func() {
				if waitUntil(ctx, nextAttempt(j.err)) {
					j.result, j.err = r.refresh(j, func() { r.slowDown(j.host) })
				}
				results <- j
			}()
			return true
		})
		if total == 0 {
			continue
		}
		select {
		case j := <-results:
			total--
			running[j.host]--
			ended(j)
		case <-interrupted:
			interrupted = nil
		}
	}
}

func (r *refreshRun) limitOf(host string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if limit, ok := r.limit[host]; ok {
		return limit
	}
	return r.concurrency
}

func (r *refreshRun) slowDown(host string) {
	limit := max(1, r.limitOf(host)/2)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limit[host] = limit
}

// isOverloaded reports whether the server answered that it gets too many requests, or failed in a way
// that is usual then.
func isOverloaded(err error) bool {
	refused, ok := errors.AsType[*oauth.Error](err)
	if !ok {
		return false
	}
	switch refused.Code {
	case "server_error", "temporarily_unavailable":
		return true
	}
	return refused.Status == http.StatusServiceUnavailable || refused.Status == http.StatusTooManyRequests
}

// isTemporary reports whether the refresh can be tried again: the server cannot have acted on it.
func isTemporary(err error) bool {
	failed, ok := errors.AsType[*freshet.RefreshError](err)
	return ok && failed.Kind == oauth.Temporary
}

// nextAttempt returns when another attempt is due after err, or zero.
func nextAttempt(err error) time.Time {
	failed, ok := errors.AsType[*freshet.RefreshError](err)
	if !ok {
		return time.Time{}
	}
	return failed.NextAttempt
}

// waitUntil waits until t. It reports false if ctx ends before.
func waitUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return t.IsZero()
	}
}

// tokenHost returns the host of the token endpoint, or "" if it is not known.
func (j *refreshJob) tokenHost(ctx context.Context) string {
	if j.store == nil {
		return ""
	}
	c, err := j.store.Get(ctx, j.name)
	if err != nil {
		return ""
	}
	return text.Host(c.ResolvedEndpoints().Token)
}
