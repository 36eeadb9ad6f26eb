package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
)

// keptFile is a file that a flag names, for something that came over the network.
type keptFile struct {
	flag, what, path string
	isResponse       bool // what it had before may look like a token
}

// registerResponse registers the flag of the commands that keep a response.
func (f *networkFlags) registerResponse(flags *pflag.FlagSet) {
	f.response = keptFile{flag: "response", what: "the response", isResponse: true}
	flags.StringVar(&f.response.path, "response", "",
		"save the token endpoint's last response in `FILE` as it came, with its secrets; only you can read it")
}

// check makes the path absolute, and returns an error if the file cannot be created, or is where a token
// is saved or will be. It runs before anything is sent. targets are those of the command.
func (k *keptFile) check(tokenFiles []string) (err error) {
	if k.path == "" {
		return nil
	}
	if k.path, err = filepath.Abs(k.path); err != nil {
		return err
	}
	if err := k.checkSpares(tokenFiles); err != nil {
		return err
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

// checkSpares returns an error if the file holds a token, or a command keeps something else in it.
func (k keptFile) checkSpares(tokenFiles []string) error {
	if !k.isToken(tokenFiles) && (k.isResponse || !holdsToken(k.path)) {
		return nil
	}
	return &usageError{
		fmt.Sprintf("cannot write %s: %s is where a token is saved", k.what, k.path),
		fmt.Sprintf("give --%s another file", k.flag),
	}
}

// isToken reports whether the path is of a token that freshet knows, or of a file next to it.
func (k keptFile) isToken(tokenFiles []string) bool {
	path := k.path
	for _, suffix := range []string{".lock", ".pending", ".next"} {
		path = strings.TrimSuffix(path, suffix)
	}
	if isOwnFile(path) || slices.ContainsFunc(tokenFiles, func(t string) bool { return isSameFile(path, t) }) {
		return true
	}
	if _, err := os.Lstat(path); err != nil {
		return false
	}
	if _, err := os.Lstat(path + ".lock"); err == nil && holdsToken(path) {
		return true
	}
	store := filestore.Store{StateDir: stateDir()}
	names, _ := store.Names() // without them, the token of this command is spared all the same
	return slices.ContainsFunc(names, func(name string) bool {
		token, err := store.Path(name)
		return err == nil && isSameFile(path, token)
	})
}

// isOwnFile reports whether the path is in a directory in which only freshet writes.
func isOwnFile(path string) bool {
	state := stateDir()
	return state != "" && slices.ContainsFunc([]string{"connections", "health", "secrets"}, func(dir string) bool {
		return isSameFile(filepath.Dir(path), filepath.Join(state, dir))
	})
}

// holdsToken reports whether the file is a token response or a connection's document.
func holdsToken(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > freshet.MaxDocument {
		return false
	}
	data, err := os.ReadFile(path)
	var document struct {
		AccessToken  any `json:"access_token"`
		RefreshToken any `json:"refresh_token"`
		Token        any `json:"token"`
	}
	return err == nil && json.Unmarshal(data, &document) == nil &&
		(document.AccessToken != nil || document.RefreshToken != nil || document.Token != nil)
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
