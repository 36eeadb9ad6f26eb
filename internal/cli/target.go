package cli

import (
	"os"
	"strings"
)

// parseTarget returns the path of the token file that the argument names.
func parseTarget(arg string) (string, error) {
	switch {
	case arg == "-":
		return "", &usageError{
			"a token from standard input cannot be refreshed: there would be nowhere to save the new refresh token",
			"save it in a file of its own (umask 077; cat >token.json) and give its path",
		}
	case arg == "":
		return "", &usageError{"the target is empty", "give the path of a token file"}
	case isPath(arg):
		return arg, nil
	}
	return "", &usageError{
		"there is no connection named " + printable(arg),
		"if it is a file, write ./" + printable(arg),
	}
}

func isPath(arg string) bool {
	return strings.HasSuffix(arg, ".json") || strings.ContainsRune(arg, '/') || strings.ContainsRune(arg, os.PathSeparator)
}
