package filestore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// savedFile is a file that was read or created. It is still open, because another file may get its
// name.
type savedFile struct {
	*osfile.File
	info    fs.FileInfo
	content []byte // as it was read
}

// maxFile is the size up to which files are read, in bytes: that of a token and of the rest of a
// document.
const maxFile = freshet.MaxDocument + 256<<10

// readFile reads a regular file. It follows no symbolic link.
func readFile(path string) (savedFile, error) {
	return readOpened(osfile.Open(path))
}

// readOpened reads the file that was opened as f, or with the error err. It closes f if it returns
// an error.
func readOpened(f *osfile.File, err error) (savedFile, error) {
	if err != nil {
		return savedFile{}, err
	}
	saved := savedFile{File: f}
	saved.info, err = f.Stat()
	switch {
	case err != nil:
	case saved.info.IsDir():
		err = errIsDirectory
	case !saved.info.Mode().IsRegular():
		err = errNotRegular
	default:
		saved.content, err = readAll(f, saved.info.Size())
	}
	if err != nil {
		return savedFile{}, errors.Join(err, f.Close())
	}
	return saved, nil
}

// readAll reads a file of that size, or a little more than maxFile bytes of it. If the file does not
// change meanwhile, that is one system call.
func readAll(f *osfile.File, size int64) ([]byte, error) {
	content := make([]byte, 0, min(size, maxFile)+1)
	for {
		n, err := f.Read(content[len(content):cap(content)])
		content = content[:len(content)+n]
		switch {
		case errors.Is(err, io.EOF):
			return content, nil
		case err != nil:
			return nil, err
		case int64(len(content)) == size || len(content) > maxFile:
			return content, nil
		}
		content = slices.Grow(content, 1)
	}
}

// readFileIn reads the file that has the name now.
func readFileIn(dir *osfile.Dir, name string) ([]byte, error) {
	saved, err := readOpened(dir.Open(name, os.O_RDONLY))
	if err != nil {
		return nil, err
	}
	return saved.content, saved.Close()
}

// readToken reads a T that holds nothing but the token. The file stays open unless there is an
// error.
func readToken(at location, dir *osfile.Dir) (freshet.Token, savedFile, error) {
	saved, err := readOpened(dir.Open(at.sibling(""), os.O_RDONLY))
	if err != nil {
		return freshet.Token{}, savedFile{}, unreadable(at.name, err)
	}
	token, err := freshet.ParseToken(saved.content)
	if err != nil {
		var p *freshet.SetupError
		if errors.As(err, &p) {
			p.Name = at.name
		}
		return freshet.Token{}, savedFile{}, errors.Join(err, saved.Close())
	}
	saved.content = token.Bytes()
	return token, saved, nil
}
