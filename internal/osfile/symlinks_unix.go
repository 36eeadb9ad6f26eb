//go:build unix

package osfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links Linux follows in a path.
const maxLinks = 40

// EvalSymlinks returns the absolute path of a file without symbolic links, and the links that it
// followed.
func EvalSymlinks(name string) (path string, links []Link, err error) {
	if !filepath.IsAbs(name) {
		dir, err := os.Getwd()
		if err != nil {
			return "", nil, err
		}
		name = dir + "/" + name
	}
	if hasNoLinks(name) {
		return filepath.Clean(name), nil, nil
	}
	path = "/"
	for rest := name; rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		switch part {
		case "", ".":
			continue
		case "..":
			path = filepath.Dir(path)
			continue
		}
		next := filepath.Join(path, part)
		info, err := Lstat(next)
		switch {
		case err != nil:
			return "", nil, err
		case info.Mode()&fs.ModeSymlink == 0:
			if rest != "" && !info.IsDir() {
				return "", nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOTDIR}
			}
			path = next
			continue
		case len(links) == maxLinks:
			return "", nil, &fs.PathError{Op: "open", Path: name, Err: ErrLinkLoop}
		}
		target, info, err := readLink(next)
		if err != nil {
			return "", nil, err
		}
		links = append(links, Link{next, info})
		if filepath.IsAbs(target) {
			path = "/"
		}
		rest = target + "/" + rest
	}
	return path, links, nil
}
