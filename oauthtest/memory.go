package oauthtest

import (
	"maps"
	"time"
)

// memory is a map that forgets what has ended, so that a server which runs for weeks does not grow. Its zero value is
// empty. It looks for what has ended when it has doubled: remembering stays cheap.
type memory[T interface{ ended(now time.Time) bool }] struct {
	items map[string]T
	full  int // how many items make it look
}

func (m *memory[T]) get(key string) T { return m.items[key] }

func (m *memory[T]) put(key string, item T, now time.Time) {
	if m.items == nil {
		m.items = make(map[string]T)
	}
	if len(m.items) >= m.full {
		maps.DeleteFunc(m.items, func(_ string, item T) bool { return item.ended(now) })
		m.full = max(64, 2*len(m.items))
	}
	m.items[key] = item
}
