package storetest_test

import (
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/storetest"
)

func ExampleTest() {
	var t *testing.T // the parameter of your TestStore

	storetest.Test(t, func(*testing.T) storetest.Backend {
		store := new(freshet.MemoryStore) // your store, empty
		return storetest.Backend{
			Store: store,
			Add: func(t *testing.T, c freshet.Connection) string {
				c.Name = "acme" // a name that your store accepts
				if err := store.Create(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				return c.Name
			},
			Overwrite: func(_ *testing.T, name string, token freshet.Token) {
				// In SQL: UPDATE … SET token = … WHERE name = …
				store.Put(freshet.Connection{Name: name, Token: token})
			},
			Names: []string{"missing", "z-last", "a-first", "m.1", "m.2"},
		}
	})
}
