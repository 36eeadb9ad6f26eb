package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
)

// registerResponse registers the flag of the commands that keep a response.
func (f *networkFlags) registerResponse(flags *pflag.FlagSet) {
	flags.StringVar(&f.response, "response", "",
		"save the token endpoint's last response in `FILE` as it came, with its secrets; only you can read it")
}

// checkResponse returns an error if no file can be created where --response says, before anything is
// sent.
func (f *networkFlags) checkResponse() (err error) {
	if f.response == "" {
		return nil
	}
	if f.response, err = filepath.Abs(f.response); err == nil {
		var file *os.File
		if file, err = createResponse(f.response); err == nil {
			err = errors.Join(file.Close(), os.Remove(file.Name()))
		}
	}
	if err != nil {
		return &usageError{fmt.Sprintf("cannot write the response: %v", err), "check --response"}
	}
	return nil
}

// createResponse creates a new file next to path that only its owner can read.
func createResponse(path string) (*os.File, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
}

// saveResponse replaces the file of --response. What the response means is saved elsewhere, so that a
// failure is only a warning.
func (a *app) saveResponse(path string, response []byte) {
	if path == "" || response == nil {
		return
	}
	file, err := createResponse(path)
	if err == nil {
		_, err = file.Write(response)
		if err = errors.Join(err, file.Close()); err == nil {
			err = os.Rename(file.Name(), path)
		}
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}
	if err != nil {
		a.printWarning("cannot write the response: "+err.Error(), "free disk space, or check --response")
	}
}
