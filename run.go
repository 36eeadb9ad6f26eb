package freshet

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// listInterval is how often Run lists the store, if that takes at most a twentieth of the time.
	listInterval = time.Minute
	// maxGap is the longest pause between two refreshes that are due.
	maxGap = time.Second
	// recheckAfter is when Run checks a connection again after it started a refresh, or earlier for
	// a short-lived token.
	recheckAfter = 10 * time.Second
)

// Run keeps all connections of the store alive until ctx ends or the keeper is closed. It refreshes
// each when its access token becomes stale, and before its refresh token expires by inactivity,
// whether or not it is used. It starts one goroutine for each refresh in flight, at most
// [Config.MaxInFlight].
//
// Refreshes are spread out. Run starts them at one and a half times the rate that the connections
// need in the long run, and at least one a second. So neither an outage nor a thousand connections
// created in one minute become a storm, and three replicas together stay below five times that
// rate. A token is stale for the last third of its lifetime: even of tokens that all became stale
// at once, one replica alone refreshes three quarters in time, those first that expire first. A
// caller who needs an expired token does not wait for that; its refresh uses up a turn of the
// others. Several replicas may run over one store: each finds what the others have refreshed.
//
// It returns nil when ctx ends, and [ErrClosed] when the keeper is closed. If the store cannot list
// its connections, Run reports that to [Config.OnEvent] and tries again.
func (k *Keeper) Run(ctx context.Context) error {
	k.running.Add(1)
	defer k.running.Add(-1)
	ctx, cancel := k.untilClose(ctx) // so that Close also ends a list that hangs
	defer cancel()
	r := &run{
		keeper: k, scheduled: map[*Source]int64{}, freed: make(chan struct{}, 1),
		slots: make(chan struct{}, k.config.maxInFlight()),
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			if k.closed.Load() {
				return ErrClosed
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

// run is the state of one call of Run. Only its goroutine uses it, except for slots and freed.
type run struct {
	keeper *Keeper
	gap    time.Duration // between the starts of two refreshes

	// Each scheduled source has one valid item: in waiting, with the time that scheduled has for
	// it, or in ready, and then that time is isReady. Other items in waiting are outdated; moveDue
	// skips them.
	waiting   queue             // by the time of the next refresh
	ready     queue             // those that are due, by the time at which the refresh becomes mandatory
	scheduled map[*Source]int64 // the time of the valid item

	slots chan struct{} // full when MaxInFlight refreshes are in flight
	freed chan struct{} // full when a slot was freed

	listAt    time.Time // when to list the store
	mayListAt time.Time // the earliest time to do so
	listErr   string    // the last error of a list, which is reported once
}

// isReady is earlier than every time, so that a ready source is not scheduled again.
const isReady = 0

// step lists the store and starts refreshes that are due, and returns when to call it again.
func (r *run) step(ctx context.Context) time.Time {
	for {
		now := time.Now()
		if !now.Before(r.listAt) {
			r.list(ctx)
			continue
		}
		r.moveDue(now.UnixNano())
		if len(r.ready) == 0 {
			return earlierOf(r.waiting.first(), r.listAt)
		}
		if at := r.keeper.lastStarted().Add(r.gap); at.After(now) {
			return earlierOf(at, r.listAt)
		}
		if !r.refresh() {
			return r.listAt // or when a slot is freed
		}
	}
}

// moveDue moves the sources that are due from waiting to ready.
func (r *run) moveDue(now int64) {
	for len(r.waiting) > 0 && r.waiting[0].at <= now {
		next := heap.Pop(&r.waiting).(item)
		s := next.source
		if r.scheduled[s] != next.at {
			continue // outdated
		}
		delete(r.scheduled, s)
		t := s.cached.Load()
		if current, ok := r.keeper.sources.Load(s.name); !ok || current != s {
			continue // it was dropped; the next list has its successor
		}
		if t != nil && t.refreshAt > now {
			r.schedule(s, t) // it was refreshed meanwhile
			continue
		}
		at := int64(never) // failing connections go last so that they do not delay healthy ones
		if t != nil && !s.isFailing() {
			at = t.mandatoryAt
		}
		heap.Push(&r.ready, item{s, at})
		r.scheduled[s] = isReady
	}
}

// refresh starts a refresh of the most urgent connection, if a slot is free. It makes a single
// attempt: no caller waits for it, and the source is scheduled again.
func (r *run) refresh() bool {
	select {
	case r.slots <- struct{}{}:
	default:
		return false
	}
	s := heap.Pop(&r.ready).(item).source
	delete(r.scheduled, s)
	_, started, err := s.joinOrStart(Options{}, 1, r.free)
	if !started {
		r.free()
	}
	if err != nil {
		return false
	}
	after := recheckAfter
	if t := s.cached.Load(); t != nil && t.lifetime > 0 {
		after = min(after, t.lifetime/4)
	}
	r.scheduleAt(s, time.Now().Add(after).UnixNano())
	return true
}

func (r *run) free() {
	<-r.slots
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// schedule schedules the source for when its token is due, plus a random delay that keeps replicas
// apart.
func (r *run) schedule(s *Source, t *cachedToken) {
	if t.refreshAt != never {
		r.scheduleAt(s, t.refreshAt+rand.Int64N(int64(min(t.lifetime/40, time.Minute))+1))
	}
}

// scheduleAt schedules the source, unless it is scheduled for an earlier time.
func (r *run) scheduleAt(s *Source, at int64) {
	if was, ok := r.scheduled[s]; ok && was <= at {
		return
	}
	heap.Push(&r.waiting, item{s, at})
	r.scheduled[s] = at
	s.scheduled.Store(true)
}

// list reads all connections, caches what other processes saved, and schedules them.
func (r *run) list(ctx context.Context) {
	sequence, began := r.keeper.sequence.Load(), time.Now()
	connections, err := r.keeper.refresher.Store.List(ctx)
	r.reportList(ctx, err)
	perSecond := 0.0
	listed := make(map[*Source]bool, len(connections))
	for _, c := range connections {
		s := r.keeper.Source(c.Name)
		listed[s] = true
		t := s.adoptListed(&c, sequence)
		if t == nil { // only a refresh token, no access token yet
			if at := c.refreshAt(began); !at.IsZero() {
				r.scheduleAt(s, at.UnixNano())
			}
			continue
		}
		if began.UnixNano() >= t.warnAt {
			_ = r.keeper.start(func() { s.reportDeadline(&c, began) }, false)
		}
		if t.refreshAt != never && t.lifetime > 0 {
			perSecond += 1.5 / t.lifetime.Seconds() // a refresh for each two thirds of a lifetime
		}
		r.schedule(s, t)
	}
	r.unschedule(listed, err == nil)
	r.gap = maxGap
	if perSecond > 0 {
		r.gap = min(maxGap, time.Duration(float64(time.Second)/perSecond/1.5))
	}
	now := time.Now()
	r.mayListAt = now.Add(max(minCheckInterval, 20*now.Sub(began)))
	r.listAt = laterOf(r.mayListAt, now.Add(listInterval))
}

// unschedule stops scheduling connections that the store no longer lists. If the list is complete,
// they were deleted.
func (r *run) unschedule(listed map[*Source]bool, complete bool) {
	for _, value := range r.keeper.sources.Range {
		if s := value.(*Source); !listed[s] && s.scheduled.CompareAndSwap(true, false) && complete {
			s.invalidate()
		}
	}
}

// reportList reports an error of the store's list, unless it was the last one, too.
func (r *run) reportList(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		r.listErr = ""
		return
	}
	if r.listErr != err.Error() {
		r.listErr = err.Error()
		e := Event{Kind: EventFailed, Time: time.Now().Round(0), Err: fmt.Errorf("listing the connections: %w", err)}
		_ = r.keeper.start(func() { r.keeper.report(e) }, false)
	}
}

// item is a source in a queue.
type item struct {
	source *Source
	at     int64 // wall-clock nanoseconds
}

// queue is a heap with the earliest item first.
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

// first returns the earliest time in the queue, or a later one than the next list if it is empty.
func (q queue) first() time.Time {
	if len(q) == 0 {
		return time.Now().Add(listInterval)
	}
	return time.Unix(0, q[0].at)
}
