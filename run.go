package freshet

import (
	"cmp"
	"container/heap"
	"context"
	"math/rand/v2"
	"time"
)

const (
	// defaultBackground is how many refreshes Run has on the wire.
	defaultBackground = 64
	// listEvery is how often Run looks which connections there are. It spends a twentieth of its time on that at most.
	listEvery = time.Minute
	// maxGap is the longest pause between two refreshes that are due.
	maxGap = time.Second
	// again is when Run looks at a connection once more that it has just begun to refresh.
	again = 10 * time.Second
)

// Run keeps all connections of the store alive until ctx ends or the keeper is closed: each is refreshed when its access token
// becomes stale, and before its refresh token dies of not being used, whether or not anybody asks for it. It starts one
// goroutine for each refresh on the wire, at most Background.
//
// Refreshes are spread out. Run begins them at one and a half times the rate that the connections need in the long run, and at
// least one a second, so that neither an outage nor a thousand connections made in one minute become a storm, and three replicas
// together stay below five times that rate. A token is stale for the last third of its life: even of those that all became stale
// at once, one replica alone refreshes three quarters in time. Whoever needs a token that has expired does not wait for that;
// what is refreshed for somebody who waits takes a turn of those that nobody waits for.
// Several replicas may run over one store: each finds what the others have refreshed.
//
// It returns nil when ctx ends, and [ErrClosed] when the keeper is closed. What the store cannot tell is logged and asked again.
func (k *Keeper) Run(ctx context.Context) error {
	k.running.Add(1)
	defer k.running.Add(-1)
	r := &run{Keeper: k, queued: map[*Source]bool{}, slots: make(chan struct{}, cmp.Or(max(k.Background, 0), defaultBackground))}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-k.woken:
			r.listAt = earlierOf(r.listAt, r.listed)
		case <-timer.C:
		}
		if k.closed.Load() {
			return ErrClosed
		}
		timer.Reset(time.Until(r.step(ctx)))
	}
}

// run is what one call of Run knows.
type run struct {
	*Keeper
	queue  queue
	queued map[*Source]bool
	listAt time.Time     // when the store is to be listed
	listed time.Time     // when it may be listed
	gap    time.Duration // between two refreshes
	slots  chan struct{} // full when enough are on the wire
}

// step does what is to be done now, and returns when there is more.
func (r *run) step(ctx context.Context) time.Time {
	if !time.Now().Before(r.listAt) {
		r.list(ctx)
	}
	for len(r.queue) > 0 {
		now := time.Now()
		if at := laterOf(time.Unix(0, r.queue[0].due), r.lastBegun().Add(r.gap)); at.After(now) {
			return earlierOf(at, r.listAt)
		}
		s := heap.Pop(&r.queue).(item).source
		delete(r.queued, s)
		if kept, ok := r.sources.Load(s.name); !ok || kept != s {
			continue // it was forgotten; if there is another of its name by now, the list will tell
		}
		if h := s.held.Load(); h != nil && h.due > now.UnixNano() {
			r.push(s, h.due) // somebody else was faster
			continue
		}
		if !r.begin(ctx, s) {
			break
		}
		r.push(s, now.Add(again).UnixNano())
	}
	return r.listAt
}

// begin refreshes the connection in the background, once there is a slot.
func (r *run) begin(ctx context.Context, s *Source) bool {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	f, err := s.join(Demand{}, 1) // nobody waits, and Run comes again at its own pace
	if err != nil {
		<-r.slots
		return false
	}
	go func() {
		<-f.landed
		<-r.slots
	}()
	return true
}

// list learns which connections there are, and what others made of them.
func (r *run) list(ctx context.Context) {
	began := time.Now()
	connections, err := r.refresher.Store.List(ctx)
	if err != nil && ctx.Err() == nil {
		r.refresher.log().Warn("the connections could not all be listed", "error", err)
	}
	perSecond := 0.0
	listed := make(map[*Source]bool, len(connections))
	for _, c := range connections {
		s := r.Source(c.Name)
		listed[s] = true
		h := s.adopt(c)
		if h == nil || began.UnixNano() >= h.near {
			if near, ok := s.nearDeadline(c, began); ok {
				r.tell(near)
			}
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
	r.listed = now.Add(max(lookPause, 20*now.Sub(began)))
	r.listAt = laterOf(r.listed, now.Add(listEvery))
}

// forgetOthers drops the tokens of connections that were deleted.
func (r *run) forgetOthers(listed map[*Source]bool) {
	for _, value := range r.sources.Range {
		if s := value.(*Source); !listed[s] && s.paced.CompareAndSwap(true, false) {
			s.forget()
			r.drop(s)
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
