package cli

import "os"

// openTrace opens the file of --trace, or creates it.
func openTrace(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}
