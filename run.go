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
	// secondLook is when Run looks at a connection once more that it has just begun to refresh, unless its token lives shorter.
	secondLook = 10 * time.Second
)

// Run keeps all connections of the store alive until ctx ends or the keeper is closed: each is refreshed when its access token
// becomes stale, and before its refresh token dies of not being used, whether or not anybody asks for it. It starts one
// goroutine for each refresh on the wire, at most MaxInFlight.
//
// Refreshes are spread out. Run begins them at one and a half times the rate that the connections need in the long run, and at
// least one a second, so that neither an outage nor a thousand connections made in one minute become a storm, and three replicas
// together stay below five times that rate. A token is stale for the last third of its life: even of those that all became stale
// at once, one replica alone refreshes three quarters in time, those first that expire first. Whoever needs a token that has
// expired does not wait for that; what is refreshed for somebody who waits takes a turn of those that nobody waits for.
// Several replicas may run over one store: each finds what the others have refreshed.
//
// It returns nil when ctx ends, and [ErrClosed] when the keeper is closed. A store that cannot list its connections is asked again;
// [Keeper.OnEvent] hears of it.
func (k *Keeper) Run(ctx context.Context) error {
	k.running.Add(1)
	defer k.running.Add(-1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-k.closing:
			cancel() // a list that hangs
		case <-ctx.Done():
		}
	}()
	r := &run{
		keeper: k, queued: map[*Source]int64{}, freed: make(chan struct{}, 1),
		slots: make(chan struct{}, cmp.Or(max(k.MaxInFlight, 0), defaultMaxInFlight)),
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-k.closing:
			return ErrClosed
		case <-ctx.Done():
			if k.closed.Load() {
				return ErrClosed // which ended ctx
			}
			return nil
		case <-k.changed:
			r.listAt = earlierOf(r.listAt, r.mayListAt)
		case <-r.freed:
		case <-timer.C:
		}
		timer.Reset(time.Until(r.step(ctx)))
	}
}

// run is what one call of Run knows. It has its goroutine to itself.
type run struct {
	keeper *Keeper
	gap    time.Duration // between two refreshes

	waiting queue             // by when they are due
	ready   queue             // those that are due, by when it becomes urgent
	queued  map[*Source]int64 // the time that counts, should a source be in there twice

	slots chan struct{} // full when enough are on the wire
	freed chan struct{} // full when there is a slot again

	listAt    time.Time // when the store is to be listed
	mayListAt time.Time // and at the earliest
	failed    string    // the last error of a list, which is told once
}

// step does what is to be done now, and returns when there is more.
func (r *run) step(ctx context.Context) time.Time {
	for {
		now := time.Now()
		if !now.Before(r.listAt) {
			r.list(ctx)
			continue
		}
		r.ripen(now.UnixNano())
		if len(r.ready) == 0 {
			return earlierOf(r.waiting.first(), r.listAt)
		}
		if at := r.keeper.lastBegun().Add(r.gap); at.After(now) {
			return earlierOf(at, r.listAt)
		}
		if !r.refresh() {
			return r.listAt // or when a slot is free
		}
	}
}

// ripen moves what is due to those that are ready.
func (r *run) ripen(now int64) {
	for len(r.waiting) > 0 && r.waiting[0].at <= now {
		next := heap.Pop(&r.waiting).(item)
		s := next.source
		if r.queued[s] != next.at {
			continue // it was queued for an earlier time as well
		}
		delete(r.queued, s)
		h := s.held.Load()
		switch kept, ok := r.keeper.sources.Load(s.name); {
		case !ok || kept != s: // it was forgotten; if there is another of its name by now, the list will tell
		case h != nil && h.due > now:
			r.push(s, h) // somebody else was faster
		case h == nil || s.isFailing():
			r.makeReady(s, never) // the others should not die of it
		default:
			r.makeReady(s, h.urgent)
		}
	}
}

func (r *run) makeReady(s *Source, at int64) {
	heap.Push(&r.ready, item{s, at})
	r.queued[s] = isReady
}

// isReady is the time of what is ready: nothing is earlier.
const isReady = 0

// refresh refreshes the most urgent connection in the background, if there is a slot. Nobody waits for it, and Run comes again at its
// own pace: it makes one attempt.
func (r *run) refresh() bool {
	select {
	case r.slots <- struct{}{}:
	default:
		return false
	}
	s := heap.Pop(&r.ready).(item).source
	delete(r.queued, s)
	_, err := s.join(Demand{}, 1, r.free)
	if err != nil {
		return false
	}
	look := secondLook
	if h := s.held.Load(); h != nil && h.lifetime > 0 {
		look = min(look, h.lifetime/4)
	}
	r.queue(s, time.Now().Add(look).UnixNano())
	return true
}

// free gives a slot back. It is called by whoever had it.
func (r *run) free() {
	<-r.slots
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// push queues the source for when it is due, or a little later: replicas that share a store should not come all at once.
func (r *run) push(s *Source, h *held) {
	if h.due != never {
		r.queue(s, h.due+rand.Int64N(int64(min(h.lifetime/40, time.Minute))+1))
	}
}

// queue queues the source, unless it is for an earlier time.
func (r *run) queue(s *Source, at int64) {
	if was, ok := r.queued[s]; ok && was <= at {
		return
	}
	heap.Push(&r.waiting, item{s, at})
	r.queued[s] = at
	s.paced.Store(true)
}

// list learns which connections there are, and what others made of them.
func (r *run) list(ctx context.Context) {
	stamp, began := r.keeper.stamps.Load(), time.Now()
	connections, err := r.keeper.refresher.Store.List(ctx)
	r.tellList(ctx, err)
	perSecond := 0.0
	listed := make(map[*Source]bool, len(connections))
	for _, c := range connections {
		s := r.keeper.Source(c.Name)
		listed[s] = true
		h := s.adopt(c, stamp)
		if h == nil {
			if due := c.refreshAt(began); !due.IsZero() {
				r.queue(s, due.UnixNano()) // it has a refresh token alone
			}
			continue
		}
		if began.UnixNano() >= h.near {
			_ = r.keeper.start(func() { s.tellDeadline(c, began) }, false)
		}
		if h.due != never && h.lifetime > 0 {
			perSecond += 1.5 / h.lifetime.Seconds()
		}
		r.push(s, h)
	}
	r.leaveOthers(listed, err == nil)
	r.gap = maxGap
	if perSecond > 0 {
		r.gap = min(maxGap, time.Duration(float64(time.Second)/perSecond/1.5))
	}
	now := time.Now()
	r.mayListAt = now.Add(max(lookPause, 20*now.Sub(began)))
	r.listAt = laterOf(r.mayListAt, now.Add(listEvery))
}

// leaveOthers leaves to those who ask for them what the store does not list any more. If the list is complete, they were deleted.
func (r *run) leaveOthers(listed map[*Source]bool, complete bool) {
	for _, value := range r.keeper.sources.Range {
		if s := value.(*Source); !listed[s] && s.paced.CompareAndSwap(true, false) && complete {
			s.forget()
		}
	}
}

// tellList tells of a store that could not list all of its connections, once however long that lasts.
func (r *run) tellList(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		r.failed = ""
		return
	}
	if r.failed != err.Error() {
		r.failed = err.Error()
		e := Event{Kind: EventFailed, Time: time.Now().Round(0), Err: fmt.Errorf("listing the connections: %w", err)}
		_ = r.keeper.start(func() { r.keeper.tell(e) }, false)
	}
}

// item is a source, and the time by which it is ordered.
type item struct {
	source *Source
	at     int64 // wall-clock nanoseconds
}

// queue is a heap: the earliest comes first.
type queue []item

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(item)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

// first is the earliest time in the queue, or one far away.
func (q queue) first() time.Time {
	if len(q) == 0 {
		return time.Now().Add(listEvery)
	}
	return time.Unix(0, q[0].at)
}
