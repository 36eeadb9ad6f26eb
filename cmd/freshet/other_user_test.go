//go:build unix

package main_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestScriptsAsAnotherUser runs the script about file permissions as the user nobody, because root
// ignores permissions.
func TestScriptsAsAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		return // TestScripts has run it
	}
	const page = "testdata/script/bad-input-permissions.txtar"
	const nobody = 65534
	// Not in t.TempDir, which only its user can enter.
	root, err := os.MkdirTemp("", "freshet-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	work := filepath.Join(root, "cmd", "freshet")
	for _, dir := range []string{root, work, filepath.Join(root, filepath.Dir(page)), filepath.Join(root, "tmp")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(root, "tmp"), nobody, nobody); err != nil {
		t.Fatal(err)
	}
	copyFile(t, os.Args[0], filepath.Join(root, "tests"))
	copyFile(t, filepath.Join("../..", page), filepath.Join(root, page))

	cmd := exec.Command(filepath.Join(root, "tests"), "-test.run", "^TestScripts$/^bad-input-permissions$", "-test.v")
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "TMPDIR="+filepath.Join(root, "tmp"), "HOME="+filepath.Join(root, "tmp"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestScripts/bad-input-permissions") {
		t.Errorf("%v\n%s", err, out)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
