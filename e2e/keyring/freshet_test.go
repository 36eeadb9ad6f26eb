package keyring

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/e2e/program"
)

// freshet runs the command on a desktop. No command may print or save a secret.
type freshet struct {
	desktop
	program string
	secrets []string
}

// newFreshet returns a freshet that checks for these client secrets.
func newFreshet(t *testing.T, d desktop, secrets ...string) freshet {
	t.Helper()
	return freshet{d, program.Freshet(t), secrets}
}

// result is the result of a command.
type result struct {
	code        int
	out, errors string
}

// run runs a command.
func (f freshet) run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), f.program, args...)
	cmd.Env = append(f.env(), "FRESHET_HOME="+filepath.Join(f.home, "freshet"))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		t.Error(err)
		return result{code: -1}
	}
	for _, secret := range f.secrets {
		if strings.Contains(out.String()+errs.String(), secret) {
			t.Errorf("%s shows the client secret: %s%s", strings.Join(args, " "), &out, &errs)
		}
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// succeed runs a command that must succeed.
func (f freshet) succeed(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	r := f.run(t, stdin, args...)
	if r.code != 0 {
		t.Fatalf("%s: exit code %d: %s", strings.Join(args, " "), r.code, r.errors)
	}
	return r
}

// checkFiles looks for the secrets in every file of the desktop: freshet's and the keyring's, which are
// encrypted.
func (f freshet) checkFiles(t *testing.T) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(f.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		for _, secret := range f.secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("the client secret is in %s", path)
			}
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files, error %v", files, err)
	}
}
