package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// checkTarget returns an error if arg is neither a path nor a valid connection name.
func checkTarget(arg string) error {
	switch {
	case arg == "-":
		return &usageError{
			"a token from standard input cannot be refreshed: there would be nowhere to save the new refresh token",
			"save it in a file (umask 077; cat >token.json) and give the path, or import it: freshet import NAME -",
		}
	case arg == "":
		return &usageError{"the target is empty", "give the name of a connection or the path of a token file"}
	case isAddress(arg):
		return &usageError{
			arg + " is an address, and the target is the name of a connection or the path of a token file",
			"to list the connections, run freshet status",
		}
	case filestore.IsPath(arg):
		return nil
	default:
		return filestore.CheckName(arg)
	}
}

// filePaths returns those of the targets that are token files.
func filePaths(targets ...string) []string {
	return slices.DeleteFunc(slices.Clone(targets), func(target string) bool { return !filestore.IsPath(target) })
}

// isAddress reports whether an argument is a URL rather than a path.
func isAddress(arg string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(arg), "://")
	return found && (scheme == "https" || scheme == "http")
}

// storeFor returns the store for the target. The target is also the connection's name in the store.
func (a *app) storeFor(target string, f *connectionFlags) (*filestore.Store, error) {
	if err := checkTarget(target); err != nil {
		return nil, withPath(target, err)
	}
	store := a.store()
	if filestore.IsPath(target) {
		if f.secretFile == "-" { // before it is typed
			if _, err := store.Get(context.Background(), target); err != nil {
				return nil, err
			}
		}
		registration, err := f.registration(a.in)
		store.Defaults = registration
		return store, err
	}
	given := f.firstGiven()
	switch {
	case given == "":
	case !slices.Contains(a.connectionNames(), target):
		return nil, &usageError{
			fmt.Sprintf("--%s is for token files, and there is no connection named %q", given, target),
			"for the file of this name use ./" + target,
		}
	default:
		return nil, &usageError{
			fmt.Sprintf("--%s is for token files; the connection %s has this setting already", given, target),
			fmt.Sprintf("to change it: freshet set %s --%s ...", target, given),
		}
	}
	return store, nil
}

// withPath adds to the remedy of an invalid name how to give it as a path.
func withPath(target string, err error) error {
	p, ok := errors.AsType[*freshet.SetupError](err)
	if !ok {
		return err
	}
	if _, missing := os.Stat(target); missing == nil {
		p.Remedy = oauth.Remedyf("for the file of this name use ./%s", target)
	} else {
		p.Remedy += oauth.Remedyf("; for a file use ./%s", target)
	}
	return err
}

// store returns the store of the connections, with the health of token files.
func (a *app) store() *filestore.Store {
	return &filestore.Store{StateDir: stateDir(), RuntimeDir: filestore.DefaultRuntimeDir()}
}

// stateDir returns the absolute path of the state directory, or "". The child process that
// refreshes has another working directory.
func stateDir() string {
	dir := filestore.DefaultStateDir()
	if dir == "" {
		return ""
	}
	abs, _ := filepath.Abs(dir) // "" if it fails
	return abs
}
