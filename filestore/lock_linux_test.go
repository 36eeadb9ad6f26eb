package filestore_test

import (
	"context"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
)

// Where no lock can be made although the file is there, that is an error, and no reason to try for ever.
func TestADirectoryThatTakesNoLock(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := new(filestore.Store).Update(ctx, "/proc/self/comm", func(context.Context, freshet.Connection, freshet.Save) error { return nil })
	if err == nil {
		t.Error("it was changed without a lock")
	}
}
