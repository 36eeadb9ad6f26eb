package freshet

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/internal/redact"
)

// MemoryStore is a [Store] in memory, for tests. The zero value is empty and ready.
type MemoryStore struct {
	redact.Hidden

	mu          sync.Mutex
	connections map[string]*Connection   // each guarded by mu
	locks       map[string]chan struct{} // full while locked; kept after a delete
	versions    int                      // the last version
}

var _ Store = (*MemoryStore)(nil)

// Put adds or replaces a connection, even if it is locked, as a program without a lock does.
func (m *MemoryStore) Put(c Connection) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(&c)
}

// Create implements [Store].
func (m *MemoryStore) Create(_ context.Context, c Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.connections[c.Name]; ok {
		return ErrExists
	}
	m.put(&c)
	return nil
}

// put saves c, and sets its Saved and Version.
func (m *MemoryStore) put(c *Connection) {
	if m.connections == nil {
		m.connections = map[string]*Connection{}
		m.locks = map[string]chan struct{}{}
	}
	if c.Saved.IsZero() {
		c.Saved = time.Now().Round(0) // without the monotonic clock, which stops while the machine sleeps
	}
	m.versions++
	c.Version = strconv.Itoa(m.versions)
	m.set(c)
	if m.locks[c.Name] == nil {
		m.locks[c.Name] = make(chan struct{}, 1)
	}
}

// set saves c as it is.
func (m *MemoryStore) set(c *Connection) {
	if saved := m.connections[c.Name]; saved != nil {
		*saved = *c
	} else {
		m.connections[c.Name] = new(*c)
	}
}

// Get implements [Store].
func (m *MemoryStore) Get(_ context.Context, name string) (Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	saved := m.connections[name]
	if saved == nil {
		return Connection{}, ErrNotFound
	}
	c := *saved
	m.hidePending(&c)
	return c, nil
}

// hidePending makes c what Get and List return.
func (m *MemoryStore) hidePending(c *Connection) {
	c.ReplyPending = c.Pending != nil && c.Pending.Reply != nil && len(m.locks[c.Name]) == 0
	c.Pending = nil
}

// List implements [Store].
func (m *MemoryStore) List(context.Context) ([]Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]Connection, 0, len(m.connections))
	for _, name := range slices.Sorted(maps.Keys(m.connections)) {
		all = append(all, *m.connections[name])
		m.hidePending(&all[len(all)-1])
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
	c := *m.connections[name]
	m.mu.Unlock()
	last := c.Token
	return change(context.WithoutCancel(ctx), c, func(next Connection) error { return m.save(&last, &next) })
}

// save replaces a connection. last is the token that the change read or saved last.
func (m *MemoryStore) save(last *Token, next *Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	current := m.connections[next.Name]
	if next.Token.Equal(*last) {
		next.Token, next.Saved, next.Version = current.Token, current.Saved, current.Version
		*current = *next
		return nil
	}
	if current.Version != next.Version {
		return ErrChanged
	}
	*last, next.Saved = next.Token, time.Time{} // now
	m.put(next)
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
	delete(m.connections, name)
	return nil
}

// lock waits for the lock of a connection. Only the holder can delete the connection.
func (m *MemoryStore) lock(ctx context.Context, name string) (unlock func(), err error) {
	m.mu.Lock()
	lock := m.locks[name]
	m.mu.Unlock()
	if lock == nil {
		return nil, ErrNotFound
	}
	select {
	case lock <- struct{}{}:
	default: // only a wait needs the context's channel
		select {
		case lock <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.connections[name]; !ok {
		<-lock
		return nil, ErrNotFound
	}
	return func() { <-lock }, nil
}
