package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// fakeServer answers each job after a second, and counts the requests.
type fakeServer struct {
	mu      sync.Mutex
	running map[string]int
	asked   map[string]int // by job
	answer  func(j *refreshJob, running int) error
}

func (s *fakeServer) refresh(j *refreshJob, overloaded func()) (freshet.Result, error) {
	s.mu.Lock()
	s.running[j.host]++
	s.asked[j.name]++
	err := s.answer(j, s.running[j.host])
	s.mu.Unlock()
	time.Sleep(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	if isOverloaded(err) {
		overloaded()
	}
	s.running[j.host]--
	if failed, ok := errors.AsType[*freshet.RefreshError](err); ok {
		later := *failed
		later.NextAttempt = time.Now().Add(10 * time.Second)
		err = &later
	}
	return freshet.Result{}, err
}

func failure(kind oauth.Kind, cause error) error {
	return &freshet.RefreshError{Failure: freshet.Failure{Kind: kind}, Err: cause}
}

func TestRefreshRun(t *testing.T) {
	var (
		busy     = failure(oauth.Temporary, &oauth.Error{Code: "server_error", Status: 400})
		away     = failure(oauth.Temporary, &oauth.SendError{Err: errors.New("refused")})
		serverUp = func(*refreshJob, int) error { return nil }
	)
	for _, test := range []struct {
		name   string
		answer func(s *fakeServer) func(j *refreshJob, running int) error
		asked  int    // in total, for 16 connections at each of two hosts
		failed string // names
		slow   bool   // a.example gets fewer requests at a time in the end
	}{
		{
			"all is well", func(*fakeServer) func(*refreshJob, int) error { return serverUp }, 32, "", false,
		},
		{
			"more than two requests at a time are too many", func(*fakeServer) func(*refreshJob, int) error {
				return func(j *refreshJob, running int) error {
					if j.host == "a.example" && running > 2 {
						return busy
					}
					return nil
				}
			}, 0, "", true,
		},
		{
			"a server that is away is tried once more", func(*fakeServer) func(*refreshJob, int) error {
				return func(j *refreshJob, _ int) error {
					if j.host == "a.example" {
						return away
					}
					return nil
				}
			}, 33, strings.Repeat("a", 16), false,
		},
		{
			"what is unknown is not tried again", func(*fakeServer) func(*refreshJob, int) error {
				return func(j *refreshJob, _ int) error {
					if j.name == "b3" {
						return failure(oauth.Unknown, &oauth.Error{Status: 500})
					}
					return nil
				}
			}, 32, "b", false,
		},
		{
			"what was temporary is tried again", func(s *fakeServer) func(*refreshJob, int) error {
				return func(j *refreshJob, _ int) error {
					if j.host == "b.example" && s.asked[j.name] == 1 {
						return away
					}
					return nil
				}
			}, 48, "", false,
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &fakeServer{running: map[string]int{}, asked: map[string]int{}}
			server.answer = test.answer(server)
			var jobs []*refreshJob
			for i := range 32 {
				host := "ab"[i%2 : i%2+1]
				jobs = append(jobs, &refreshJob{
					name: fmt.Sprint(host, i), host: host + ".example", done: make(chan struct{}),
				})
			}
			run := &refreshRun{concurrency: 8, refresh: server.refresh, ended: func(*refreshJob) {}}
			run.all(t.Context(), jobs)
			asked, failed := 0, ""
			for _, j := range jobs {
				<-j.done
				asked += server.asked[j.name]
				if j.err != nil {
					failed += j.name[:1]
				}
			}
			if test.asked != 0 && asked != test.asked || failed != test.failed {
				t.Errorf("%s: %d requests, failed %s", test.name, asked, failed)
			}
			if limit := run.limitOf("a.example"); test.slow && limit > 2 {
				t.Errorf("%s: %d requests at a time", test.name, limit)
			}
		})
	}
}

func TestInterruptedRefreshRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		run := &refreshRun{concurrency: 1, ended: func(*refreshJob) {}}
		run.refresh = func(*refreshJob, func()) (freshet.Result, error) {
			cancel()
			return freshet.Result{}, nil
		}
		jobs := []*refreshJob{{done: make(chan struct{})}, {done: make(chan struct{})}}
		run.all(ctx, jobs)
		if !jobs[0].tried || jobs[1].tried {
			t.Errorf("tried %v and %v, want only the first", jobs[0].tried, jobs[1].tried)
		}
	})
}
