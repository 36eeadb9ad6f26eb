package filestore_test

import (
	"context"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
)

// In a directory where no lock can be created, an update fails and does not wait.
func TestUpdateWithoutLockIsRefused(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := new(filestore.Store).Update(
		ctx, "/proc/self/comm", func(context.Context, freshet.Connection, freshet.Save) error { return nil },
	)
	if err == nil {
		t.Error("it was changed without a lock")
	}
}
