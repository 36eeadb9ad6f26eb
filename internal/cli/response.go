package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet/internal/filestore"
)

// keptFile is a file that a flag names, for something that came over the network.
type keptFile struct{ flag, what, path string }

// registerResponse registers the flag of the commands that keep a response.
func (f *networkFlags) registerResponse(flags *pflag.FlagSet) {
	f.response.flag, f.response.what = "response", "the response"
	flags.StringVar(&f.response.path, "response", "",
		"save the token endpoint's last response in `FILE` as it came, with its secrets; only you can read it")
}

// check returns an error if the file cannot be created, before anything is sent.
func (k keptFile) check() error {
	if k.path == "" {
		return nil
	}
	file, err := k.create()
	if err == nil {
		err = errors.Join(file.Close(), os.Remove(file.Name()))
	}
	if err != nil {
		return &usageError{fmt.Sprintf("cannot write %s: %v", k.what, err), "check --" + k.flag}
	}
	return nil
}

// checkSpares returns an error if the file is where a token is saved, or will be: it would be replaced.
// tokenFile is one that the store may not know, or "".
func (k keptFile) checkSpares(store *filestore.Store, tokenFile string) error {
	if k.path == "" || !k.isToken(store, tokenFile) {
		return nil
	}
	return &usageError{
		fmt.Sprintf("cannot write %s: %s is where a token is saved", k.what, k.path),
		fmt.Sprintf("give --%s another file", k.flag),
	}
}

func (k keptFile) isToken(store *filestore.Store, tokenFile string) bool {
	if tokenFile != "" && isSameFile(k.path, tokenFile) {
		return true
	}
	if store.StateDir != "" && isSameFile(filepath.Dir(k.path), filepath.Join(store.StateDir, "connections")) {
		return true
	}
	if _, err := os.Lstat(k.path); err != nil {
		return false
	}
	names, _ := store.Names() // without them, the token of this command is spared all the same
	return slices.ContainsFunc(names, func(name string) bool {
		path, err := store.Path(name)
		return err == nil && isSameFile(k.path, path)
	})
}

// isSameFile reports whether both paths are of one file, which need not exist.
func isSameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, otherErr := os.Stat(b)
	switch {
	case err == nil && otherErr == nil:
		return os.SameFile(first, second)
	case errors.Is(err, fs.ErrNotExist) && errors.Is(otherErr, fs.ErrNotExist):
		return filepath.Base(a) == filepath.Base(b) && isSameFile(filepath.Dir(a), filepath.Dir(b))
	default:
		return false
	}
}

// create creates a new file next to the path that only its owner can read.
func (k keptFile) create() (*os.File, error) {
	path := k.path
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
}

// keep replaces the file. What the content means is saved elsewhere, so that a failure is only a
// warning.
func (a *app) keep(k keptFile, content []byte) {
	if k.path == "" || content == nil {
		return
	}
	file, err := k.create()
	if err == nil {
		_, err = file.Write(content)
		if err = errors.Join(err, file.Close()); err == nil {
			err = os.Rename(file.Name(), k.path)
		}
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}
	if err != nil {
		a.printWarning("cannot write "+k.what+": "+err.Error(), "free disk space, or check --"+k.flag)
	}
}
