package filestore_test

import (
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/storetest"
)

func TestMain(m *testing.M) {
	storetest.Worker(func(dir string) (freshet.Store, error) { return &filestore.Store{StateDir: dir}, nil })
	m.Run()
}

func TestProcesses(t *testing.T) {
	storetest.TestProcesses(t, func(t *testing.T) (storetest.Backend, string) {
		dir := t.TempDir()
		store := &filestore.Store{StateDir: dir}
		return storetest.Backend{
			Store: store,
			Add: func(t *testing.T, c freshet.Connection) string {
				c.Name = "acme"
				create(t, store, c)
				return c.Name
			},
		}, dir
	})
}
