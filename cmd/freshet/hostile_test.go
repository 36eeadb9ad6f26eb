//go:build unix

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// hostile has characters from outside that must not reach a terminal: escape sequences in 7 and 8
// bits, a bell, a forged line of freshet's, and characters that are invisible or reverse the text.
const hostile = "a\x1b[2J\x1b]0;t\a\r\nfreshet: forged\x7f\u0080\u009b31m\u202eb\u2066c\u200b\u2028\ufeff\U000e0041d"

// hostileFile is a file name. Only a file name can have bytes that are not UTF-8.
const hostileFile = "a\x1b[2J\a\r\nfreshet: forged\u009b31m\x9b31m\u202eb\u2066\u200b.json"

// wantPrintable checks that the output has no control characters and no forged line. Scripts for
// shells may have tabs.
func wantPrintable(t *testing.T, command []string, what, output string, tabs bool) {
	t.Helper()
	for i, r := range output {
		_, size := utf8.DecodeRuneInString(output[i:])
		switch {
		case r == '\n' || r == '\t' && tabs:
		case r == utf8.RuneError && size == 1, unicode.IsControl(r), unicode.Is(unicode.Cf, r),
			unicode.Is(unicode.Bidi_Control, r), !unicode.IsPrint(r):
			t.Errorf("%q: %U in %s: %q", command, r, what, output[max(0, i-200):min(len(output), i+80)])
			return
		}
	}
	if strings.HasPrefix(output, "freshet: forged") || strings.Contains(output, "\nfreshet: forged") {
		t.Errorf("%q: a forged line in %s: %q", command, what, output)
	}
}

// sandbox is a directory and a server in which commands run. The test sets the answers of the
// server.
type sandbox struct {
	dir    string
	server *httptest.Server
	answer func(w http.ResponseWriter, path string)
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	refuse := func(w http.ResponseWriter, _ string) { http.Error(w, "{}", http.StatusBadRequest) }
	s := &sandbox{dir: t.TempDir(), answer: refuse}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		s.answer(w, r.URL.Path)
	}))
	t.Cleanup(s.server.Close)
	for _, dir := range []string{"home/connections", "config/freshet/providers", "tmp"} {
		if err := os.MkdirAll(filepath.Join(s.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// run runs freshet and checks its output with wantPrintable.
func (s *sandbox) run(t *testing.T, args ...string) result {
	t.Helper()
	path, err := freshetBinary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = s.dir
	cmd.Env = []string{
		"FRESHET_HOME=" + filepath.Join(s.dir, "home"), "XDG_CONFIG_HOME=" + filepath.Join(s.dir, "config"),
		"HOME=" + s.dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + filepath.Join(s.dir, "tmp"),
	}
	text := percentEncode(hostile)
	cmd.Stdin = strings.NewReader(
		"http://127.0.0.1/callback?state=s&error=" + text + "&error_description=" + text + "\n")
	got := capture(t, cmd)
	isScript := args[0] == "completion" || args[0] == "__complete"
	if !(args[0] == "exec" && got.code == 0) { // this is the output of its command
		wantPrintable(t, args, "standard output", got.stdout, isScript)
	}
	wantPrintable(t, args, "standard error", got.stderr, false)
	return got
}

func percentEncode(s string) string {
	var escaped strings.Builder
	for _, b := range []byte(s) {
		fmt.Fprintf(&escaped, "%%%02x", b)
	}
	return escaped.String()
}

func (s *sandbox) write(t *testing.T, name string, value any) string {
	t.Helper()
	data, isText := value.([]byte)
	if !isText {
		data = marshal(t, value)
	}
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// marshal returns value as JSON, with as few escapes as possible.
func marshal(t *testing.T, value any) []byte {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type object = map[string]any

// withHostile returns a copy of value with the hostile text at the path. The name * stands for a
// member with a hostile name.
func withHostile(value any, path []string) any {
	if len(path) == 0 {
		return hostile
	}
	name := path[0]
	if _, err := strconv.Atoi(name); err == nil {
		list, _ := value.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		return []any{withHostile(list[0], path[1:])}
	}
	members, _ := value.(object)
	copied := object{}
	maps.Copy(copied, members)
	if name == "*" {
		name = hostile
	}
	copied[name] = withHostile(copied[name], path[1:])
	return copied
}
