package filestore

import (
	"path/filepath"
	"strings"
)

// followLinks resolves a path. Only administrators make symbolic links here.
func followLinks(name string) (path string, links []link, err error) {
	if path, err = filepath.EvalSymlinks(name); err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil && strings.Contains(err.Error(), "too many links") {
		err = errLinkLoop
	}
	return path, nil, err
}
