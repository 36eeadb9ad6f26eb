package login

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const address = "https://op.example.com/authorize?a=1&b=%22"

func TestOpenBrowserWithCommand(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "my browser")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" > \"${0}.log\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := OpenBrowser(t.Context(), address, script); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(script + ".log"); err != nil || string(got) != address+"\n" {
		t.Errorf("%q, %v", got, err)
	}
	if err := OpenBrowser(t.Context(), address, "/nonexistent/browser --new"); err == nil {
		t.Error("a browser that does not exist was opened")
	}
	if err := OpenBrowser(t.Context(), address, "false"); err == nil {
		t.Error("a browser that failed was opened")
	}
}

func TestCommandLine(t *testing.T) {
	for command, want := range map[string][]string{
		"firefox":                    {"firefox", address},
		"firefox --new-window":       {"firefox", "--new-window", address},
		"open -u %s -b":              {"open", "-u", address, "-b"},
		"chromium  --app=%s --quiet": {"chromium", "--app=" + address, "--quiet"},
		" ":                          {" ", address},
	} {
		if got := commandLine(command, address); !slices.Equal(got, want) {
			t.Errorf("%q: %q", command, got)
		}
	}
}

// OpenBrowser must not let a browser read a file, run a script or take an option.
func TestOpenBrowserRefusesOtherAddresses(t *testing.T) {
	for _, other := range []string{"file:///etc/passwd", "javascript:alert(1)", "--help", "", "https:"} {
		if err := OpenBrowser(t.Context(), other, "true"); err == nil {
			t.Errorf("%q was opened", other)
		}
	}
}

// A browser that stays open does not delay the end of ctx.
func TestOpenBrowserEndsWithContext(t *testing.T) {
	script := filepath.Join(t.TempDir(), "browser")
	const text = "#!/bin/sh\nwhile [ -e \"$0\" ]; do sleep 0.01; done\n" // until the test's directory is removed
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := OpenBrowser(ctx, address, script); err != nil {
		t.Error(err)
	}
}

func TestHasDisplay(t *testing.T) {
	for _, test := range []struct {
		system string
		set    []string
		want   bool
	}{
		{"linux", nil, false},
		{"linux", []string{"DISPLAY"}, true},
		{"linux", []string{"WAYLAND_DISPLAY"}, true},
		{"linux", []string{"WSL_DISTRO_NAME"}, true},
		{"linux", []string{"SSH_CONNECTION"}, false},
		{"linux", []string{"SSH_CONNECTION", "DISPLAY"}, true},
		{"freebsd", []string{"DISPLAY"}, true},
		{"darwin", nil, true},
		{"darwin", []string{"SSH_CONNECTION"}, false},
		{"windows", nil, true},
		{"windows", []string{"SSH_CONNECTION"}, false},
	} {
		isSet := func(name string) bool { return slices.Contains(test.set, name) }
		if got := hasDisplay(test.system, isSet); got != test.want {
			t.Errorf("%+v: %t", test, got)
		}
	}
}
