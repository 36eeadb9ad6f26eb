package freshet

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	defaultMaxInFlight = 64
	// listEvery is how often Run looks which connections there are. It spends a twentieth of its time on that at most.
	listEvery = time.Minute
	// maxGap is the longest pause between two refreshes that are due.
	maxGap = time.Second
	// secondLook is when Run looks at a connection once more that it has just begun to refresh.
	secondLook = 10 * time.Second
)

// Run keeps all connections of the store alive until ctx ends or the keeper is closed: each is refreshed when its access token
// becomes stale, and before its refresh token dies of not being used, whether or not anybody asks for it. It starts one
// goroutine for each refresh on the wire, at most MaxInFlight. A provider that does not answer holds as many of these as it has
// connections that are due, for [ExchangeTimeout] each.
//
// Refreshes are spread out. Run begins them at one and a half times the rate that the connections need in the long run, and at
// least one a second, so that neither an outage nor a thousand connections made in one minute become a storm, and three replicas
// together stay below five times that rate. A token is stale for the last third of its life: even of those that all became stale
// at once, one replica alone refreshes three quarters in time. Whoever needs a token that has expired does not wait for that;
// what is refreshed for somebody who waits takes a turn of those that nobody waits for.
// Several replicas may run over one store: each finds what the others have refreshed.
//
// It returns nil when ctx ends, and [ErrClosed] when the keeper is closed. A store that cannot list its connections is asked again;
// [Keeper.OnEvent] hears of it.
func (k *Keeper) Run(ctx context.Context) error {
	k.running.Add(1)
	defer k.running.Add(-1)
	r := &run{keeper: k, queued: map[*Source]bool{}, slots: make(chan struct{}, cmp.Or(max(k.MaxInFlight, 0), defaultMaxInFlight))}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-k.closing:
			return ErrClosed
		case <-k.changed:
			r.listAt = earlierOf(r.listAt, r.mayListAt)
		case <-timer.C:
		}
		timer.Reset(time.Until(r.step(ctx)))
	}
}

// run is what one call of Run knows.
type run struct {
	keeper    *Keeper
	queue     queue
	queued    map[*Source]bool
	listAt    time.Time     // when the store is to be listed
	mayListAt time.Time     // and at the earliest
	gap       time.Duration // between two refreshes
	slots     chan struct{} // full when enough are on the wire
	failed    string        // the last error of a list, which is told once
}

// step does what is to be done now, and returns when there is more.
func (r *run) step(ctx context.Context) time.Time {
	if !time.Now().Before(r.listAt) {
		r.list(ctx)
	}
	for len(r.queue) > 0 {
		now := time.Now()
		if at := laterOf(time.Unix(0, r.queue[0].due), r.keeper.lastBegun().Add(r.gap)); at.After(now) {
			return earlierOf(at, r.listAt)
		}
		s := heap.Pop(&r.queue).(item).source
		delete(r.queued, s)
		if kept, ok := r.keeper.sources.Load(s.name); !ok || kept != s {
			continue // it was forgotten; if there is another of its name by now, the list will tell
		}
		if h := s.held.Load(); h != nil && h.due > now.UnixNano() {
			r.push(s, h.due) // somebody else was faster
			continue
		}
		if !r.refresh(ctx, s) {
			break
		}
		r.push(s, now.Add(secondLook).UnixNano())
	}
	return r.listAt
}

// refresh refreshes the connection in the background, once there is a slot. Nobody waits for it, and Run comes again at its own pace:
// it makes one attempt.
func (r *run) refresh(ctx context.Context, s *Source) bool {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return false
	case <-r.keeper.closing:
		return false
	}
	_, err := s.join(Demand{}, 1, func() { <-r.slots })
	return err == nil
}

// list learns which connections there are, and what others made of them.
func (r *run) list(ctx context.Context) {
	began := time.Now()
	connections, err := r.keeper.refresher.Store.List(ctx)
	r.tellList(ctx, err)
	perSecond := 0.0
	listed := make(map[*Source]bool, len(connections))
	for _, c := range connections {
		s := r.keeper.Source(c.Name)
		listed[s] = true
		h := s.adopt(c)
		if h == nil || began.UnixNano() >= h.near {
			_ = r.keeper.start(func() { s.tellDeadline(c, began) }, false)
		}
		if h == nil || h.due == never {
			continue
		}
		if h.lifetime > 0 {
			perSecond += 1.5 / h.lifetime.Seconds()
		}
		if !r.queued[s] {
			r.push(s, h.due)
		}
	}
	if err == nil {
		r.forgetOthers(listed)
	}
	r.gap = maxGap
	if perSecond > 0 {
		r.gap = min(maxGap, time.Duration(float64(time.Second)/perSecond/1.5))
	}
	now := time.Now()
	r.mayListAt = now.Add(max(lookPause, 20*now.Sub(began)))
	r.listAt = laterOf(r.mayListAt, now.Add(listEvery))
}

// tellList tells of a store that could not list all of its connections, once however long that lasts.
func (r *run) tellList(ctx context.Context, err error) {
	was := r.failed
	r.failed = ""
	if err == nil || ctx.Err() != nil {
		return
	}
	if r.failed = err.Error(); r.failed != was {
		e := Event{Kind: EventFailed, Time: time.Now().Round(0), Err: fmt.Errorf("listing the connections: %w", err)}
		_ = r.keeper.start(func() { r.keeper.tell(e) }, false)
	}
}

// forgetOthers drops the tokens of connections that were deleted.
func (r *run) forgetOthers(listed map[*Source]bool) {
	for _, value := range r.keeper.sources.Range {
		if s := value.(*Source); !listed[s] && s.paced.CompareAndSwap(true, false) {
			s.forget()
			r.keeper.drop(s)
		}
	}
}

// push queues the source, a little later than it is due: replicas that share a store should not come all at once.
func (r *run) push(s *Source, due int64) {
	if due == never {
		return
	}
	if h := s.held.Load(); h != nil && h.lifetime > 0 {
		due += rand.Int64N(int64(min(h.lifetime/40, time.Minute)) + 1)
	}
	heap.Push(&r.queue, item{s, due})
	r.queued[s] = true
	s.paced.Store(true)
}

type item struct {
	source *Source
	due    int64 // wall-clock nanoseconds
}

// queue is a heap: what is due first comes first.
type queue []item

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due < q[j].due }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(item)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
