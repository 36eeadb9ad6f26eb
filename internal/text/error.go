package text

import (
	"errors"
	"os"
)

// Cause returns the message of err without the operation and the path, where the message around it
// names the file.
func Cause(err error) string {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err.Error()
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return l.Err.Error()
	}
	return err.Error()
}
