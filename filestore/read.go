package filestore

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/freshet-dev/freshet"
)

// readToken reads and parses the token file at path, which is not a link.
func readToken(name, path string) (freshet.Token, fs.FileInfo, error) {
	data, info, err := readFile(path)
	if err != nil {
		return freshet.Token{}, nil, unreadable(name, err)
	}
	token, err := freshet.ParseToken(data)
	if err != nil {
		var p *freshet.Problem
		if errors.As(err, &p) {
			p.Name = name
		}
		return freshet.Token{}, nil, err
	}
	return token, info, nil
}

// maxFile bounds what is read of a file, in bytes: a token and what a connection's document has beside it.
const maxFile = freshet.MaxDocument + 256<<10

func readFile(path string) ([]byte, fs.FileInfo, error) {
	// Without blocking, because somebody may name a pipe.
	f, err := os.OpenFile(path, os.O_RDONLY|openNonblock|openNoFollow, 0)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	switch {
	case info.IsDir():
		return nil, nil, errIsDirectory
	case !info.Mode().IsRegular():
		return nil, nil, errNotRegular
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	return data, info, err
}

func unreadable(name string, err error) error {
	p := &freshet.Problem{Name: name, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.What, p.Remedy, p.Err = "no such file", "give the path of a saved token response", freshet.ErrNotFound
	case errors.Is(err, errNotRegular):
		p.What, p.Remedy = "it is a pipe or a device, which a new version could not replace", "save the token in a file"
	case errors.Is(err, errIsDirectory):
		p.What, p.Remedy = "it is a directory", "give the path of the token file in it"
	case errors.Is(err, fs.ErrPermission):
		p.What, p.Remedy = "it may not be read by this user", "run the program as the file's owner"
	default:
		p.What, p.Remedy = "it cannot be read: "+cause(err), "check the disk and the path"
	}
	return p
}
