package cli

import (
	"fmt"
	"path/filepath"

	"github.com/freshet-dev/freshet/filestore"
)

// checkTarget says what is wrong with an argument that names neither a token file nor a connection.
func checkTarget(arg string) error {
	switch {
	case arg == "-":
		return &usageError{
			"a token from standard input cannot be refreshed: there would be nowhere to save the new refresh token",
			"save it in a file of its own (umask 077; cat >token.json) and give its path, or make a connection of it: freshet import NAME -",
		}
	case arg == "":
		return &usageError{"the target is empty", "give the name of a connection or the path of a token file"}
	case filestore.IsPath(arg):
		return nil
	default:
		return filestore.CheckName(arg)
	}
}

// storeFor returns the store for the target, which is its name there.
func (a *app) storeFor(target string, f *connectionFlags) (*filestore.Store, error) {
	if err := checkTarget(target); err != nil {
		return nil, err
	}
	store := a.store()
	if filestore.IsPath(target) {
		registration, err := f.registration(a.in)
		store.Defaults = registration
		return store, err
	}
	if given := f.given(); given != "" {
		return nil, &usageError{
			fmt.Sprintf("--%s is for token files: the connection %s knows that by itself", given, target),
			fmt.Sprintf("to change it: freshet login %s --%s ...", target, given),
		}
	}
	return store, nil
}

// store is where connections are, and what is remembered of token files.
func (a *app) store() *filestore.Store {
	return &filestore.Store{StateDir: stateDir(), RuntimeDir: filestore.DefaultRuntimeDir()}
}

// stateDir is absolute, because the process that refreshes works in another directory.
func stateDir() string {
	dir := filestore.DefaultStateDir()
	if dir == "" {
		return ""
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	return abs
}
