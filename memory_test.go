package freshet_test

import (
	"testing"

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
			Missing: "nobody",
		}
	})
}
