package osfile

import (
	"path/filepath"
	"strings"
)

// EvalSymlinks returns the absolute path of a file without symbolic links. It returns no links,
// because only administrators make them.
func EvalSymlinks(name string) (path string, links []Link, err error) {
	if path, err = filepath.EvalSymlinks(name); err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil && strings.Contains(err.Error(), "too many links") {
		err = ErrLinkLoop
	}
	return path, nil, err
}
