package filestore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/storetest"
)

func TestMain(m *testing.M) {
	storetest.Worker(func(dir string) (freshet.Store, error) { return &filestore.Store{StateDir: dir}, nil })
	code := m.Run()
	if left := openFiles(); len(left) > 0 {
		fmt.Println("these files were not closed:", left)
		code = 1
	}
	os.Exit(code)
}

// openFiles lists the files in temporary directories that this process has open, if the system shows
// that. The garbage collector does not close the files of package osfile.
func openFiles() (found []string) {
	descriptors, _ := filepath.Glob("/proc/self/fd/*")
	for _, descriptor := range descriptors {
		if path, err := os.Readlink(descriptor); err == nil && strings.HasPrefix(path, os.TempDir()+"/Test") {
			found = append(found, path)
		}
	}
	return found
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
