package freshet

import (
	"context"
	"fmt"
	"testing"
)

// nameless is a store in which every name is invalid.
type nameless struct{ Store }

func (nameless) Get(_ context.Context, name string) (Connection, error) {
	return Connection{}, &SetupError{Name: name, What: "invalid connection name"}
}

// Names may be attacker-controlled.
func TestUnknownNamesUseNoMemory(t *testing.T) {
	for what, store := range map[string]Store{
		"no connection has": new(MemoryStore), "no connection can have": nameless{new(MemoryStore)},
	} {
		keeper := NewKeeper(Config{Store: store})
		for i := range 100 {
			if _, err := keeper.Token(t.Context(), fmt.Sprint("../unknown-", i)); err == nil {
				t.Fatal("a token")
			}
		}
		for name := range keeper.sources.Range {
			t.Errorf("%s, which %s, is remembered", name, what)
		}
	}
}
