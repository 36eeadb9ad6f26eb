package cli

import (
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
