package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
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
