package freshet

import (
	"context"
	"fmt"
	"time"
)

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
			if due := c.due(began); !due.IsZero() {
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
