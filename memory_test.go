package freshet_test

import (
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/storetest"
)

func TestMemoryStore(t *testing.T) {
	storetest.Test(t, func(*testing.T) storetest.Backend {
		store := new(freshet.MemoryStore)
		return storetest.Backend{
			Store: store,
			Add: func(_ *testing.T, c freshet.Connection) string {
				c.Name = "acme"
				store.Put(c)
				return c.Name
			},
			Overwrite: func(_ *testing.T, name string, token freshet.Token) {
				store.Put(freshet.Connection{Name: name, Token: token, Saved: time.Now()})
			},
			Names: []string{"m.0", "z-last", "a-first", "m.1", "m.2"},
		}
	})
}
