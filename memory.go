package freshet

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// MemoryStore is a [Store] in memory, for tests. The zero value is empty and ready.
type MemoryStore struct {
	mu          sync.Mutex
	connections map[string]Connection
	locks       map[string]chan struct{} // full while somebody updates
	versions    int                      // handed out so far
}

var _ Store = (*MemoryStore)(nil)

// Format prints none of the connections: fmt would not let the secrets inside an unexported field redact themselves.
func (m *MemoryStore) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[memory store]") }

// Put adds or replaces a connection, whoever is updating it: what a program does that takes no lock.
func (m *MemoryStore) Put(c Connection) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(c)
}

// Create implements [Store].
func (m *MemoryStore) Create(_ context.Context, c Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.connections[c.Name]; ok {
		return ErrExists
	}
	m.put(c)
	return nil
}

func (m *MemoryStore) nextVersion() string {
	m.versions++
	return strconv.Itoa(m.versions)
}

func (m *MemoryStore) put(c Connection) {
	if m.connections == nil {
		m.connections = map[string]Connection{}
		m.locks = map[string]chan struct{}{}
	}
	if c.Saved.IsZero() {
		c.Saved = time.Now().Round(0) // without the monotonic clock, which stops while the machine sleeps
	}
	c.Version = m.nextVersion()
	m.connections[c.Name] = c
	if m.locks[c.Name] == nil {
		m.locks[c.Name] = make(chan struct{}, 1)
	}
}

// Get implements [Store].
func (m *MemoryStore) Get(_ context.Context, name string) (Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.connections[name]
	if !ok {
		return Connection{}, ErrNotFound
	}
	return m.unlocked(c), nil
}

// unlocked is c as those see it who do not hold its lock.
func (m *MemoryStore) unlocked(c Connection) Connection {
	c.Unsettled = c.Pending != nil && c.Pending.Reply != nil && len(m.locks[c.Name]) == 0
	c.Pending = nil
	return c
}

// List implements [Store].
func (m *MemoryStore) List(context.Context) ([]Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]Connection, 0, len(m.connections))
	for _, name := range slices.Sorted(maps.Keys(m.connections)) {
		all = append(all, m.unlocked(m.connections[name]))
	}
	return all, nil
}

// Update implements [Store].
func (m *MemoryStore) Update(ctx context.Context, name string, change Change) error {
	unlock, err := m.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	m.mu.Lock()
	c := m.connections[name]
	m.mu.Unlock()
	last := c.Token
	return change(context.WithoutCancel(ctx), c, func(next Connection) error {
		if err := m.save(last, next); err != nil {
			return err
		}
		last = next.Token
		return nil
	})
}

// save replaces what was read or saved last with next, but no token that somebody put in meanwhile.
func (m *MemoryStore) save(last Token, next Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	current := m.connections[next.Name]
	switch {
	case bytes.Equal(last.Bytes(), next.Token.Bytes()):
		next.Token, next.Saved, next.Version = current.Token, current.Saved, current.Version
	case current.Version != next.Version:
		return ErrChanged
	default:
		next.Saved, next.Version = time.Now().Round(0), m.nextVersion()
	}
	m.connections[next.Name] = next
	return nil
}

// Delete implements [Store].
func (m *MemoryStore) Delete(ctx context.Context, name string) error {
	unlock, err := m.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.connections[name]; !ok {
		return ErrNotFound // the lock of one that was deleted stays
	}
	delete(m.connections, name)
	return nil
}

// lock waits for whoever updates the connection. Only its holder can delete it, so that what is there then stays.
func (m *MemoryStore) lock(ctx context.Context, name string) (unlock func(), err error) {
	m.mu.Lock()
	lock := m.locks[name]
	m.mu.Unlock()
	if lock == nil {
		return nil, ErrNotFound
	}
	select {
	case lock <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.connections[name]; !ok {
		<-lock
		return nil, ErrNotFound
	}
	return func() { <-lock }, nil
}
