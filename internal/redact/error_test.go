package redact_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/redact"
)

func TestErrorWithoutASecretStays(t *testing.T) {
	r := redact.New("hunter2-hunter2")
	if r.Error(nil) != nil {
		t.Error("no error became one")
	}
	if err := fmt.Errorf("reading: %w", io.EOF); r.Error(err) != err {
		t.Error("an error without a secret became another")
	}
}

func TestErrorWithASecret(t *testing.T) {
	raw := &url.Error{Op: "Post", URL: "https://op.example/?refresh_token=hunter2%2Dhunter2", Err: os.ErrDeadlineExceeded}
	err := redact.New("hunter2-hunter2").Error(raw)
	const want = `Post "https://op.example/?refresh_token=[secret]": i/o timeout`
	if err.Error() != want {
		t.Errorf("it says %q, want %q", err, want)
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Error("it is another error than it was")
	}
	if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() {
		t.Error("it is no timeout any more")
	}
	if _, ok := errors.AsType[*url.Error](err); ok || errors.Unwrap(err) != nil {
		t.Error("it leads back to the secret")
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("it", "error", err)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("it", "error", err)
	marshalled, _ := json.Marshal(err)
	log.Write(marshalled)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
		fmt.Fprintf(&log, verb, err)
		fmt.Fprintf(&log, verb, struct{ Err error }{err})
	}
	if strings.Contains(log.String(), "hunter2") || strings.Contains(log.String(), fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("the secret shows in %s", log.String())
	}
	if quoted := fmt.Sprintf("%q", err); quoted != `"Post \"https://op.example/?refresh_token=[secret]\": i/o timeout"` {
		t.Errorf("quoted it is %s", quoted)
	}
	if redact.New("hunter2-hunter2").Error(errors.New("hunter2-hunter2")).(net.Error).Timeout() {
		t.Error("it has become a timeout")
	}
}
