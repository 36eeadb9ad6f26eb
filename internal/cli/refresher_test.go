package cli

import (
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"testing"
)

// In an empty chroot the process that refreshes cannot be started. The remedy says how to refresh.
func TestNotStarted(t *testing.T) {
	for _, path := range []string{"/dev/null", "/proc/self/exe"} {
		e := (&app{}).explain(notStarted("t.json", &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}))
		if !strings.Contains(e.Message, path) || !strings.HasSuffix(e.Message, "nothing was sent") ||
			runtime.GOOS == "linux" && !strings.Contains(e.Remedy, "refresh from outside") {
			t.Errorf("%+v", e)
		}
	}
	if e := (&app{}).explain(notStarted("t.json", errors.New("fork/exec: resource temporarily unavailable"))); e.Remedy == "" {
		t.Errorf("%+v", e)
	}
}
