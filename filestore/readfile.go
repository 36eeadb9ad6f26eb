package filestore

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// savedFile is a file that was read, and is still open: its name may be given to another file.
type savedFile struct {
	*os.File
	info    fs.FileInfo
	content []byte
}

// readToken reads and parses a token file. The file is closed if there is an error.
func readToken(name string, f *os.File, err error) (freshet.Token, savedFile, error) {
	saved, err := readSaved(f, err)
	if err != nil {
		return freshet.Token{}, savedFile{}, unreadable(name, err)
	}
	token, err := freshet.ParseToken(saved.content)
	if err != nil {
		var p *freshet.Problem
		if errors.As(err, &p) {
			p.Name = name
		}
		return freshet.Token{}, savedFile{}, errors.Join(err, saved.Close())
	}
	return token, saved, nil
}

// maxFile bounds what is read of a file, in bytes: a token and what a connection's document has beside it.
const maxFile = freshet.MaxDocument + 256<<10

// readSaved reads a file that was just opened. It is closed if there is an error.
func readSaved(f *os.File, err error) (savedFile, error) {
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
		saved.content, err = io.ReadAll(io.LimitReader(f, maxFile+1))
	}
	if err != nil {
		return savedFile{}, errors.Join(err, f.Close())
	}
	return saved, nil
}

// readFile reads what has the name now.
func readFile(d *osfile.Dir, name string) ([]byte, error) {
	f, err := d.Open(name, os.O_RDONLY)
	saved, err := readSaved(f, err)
	if err != nil {
		return nil, err
	}
	return saved.content, saved.Close()
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

// cause is err without the path, which the message names already.
func cause(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err.Error()
	}
	return err.Error()
}
