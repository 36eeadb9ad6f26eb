// Package durable does the same file operations and syncs as a refresh of freshet, and nothing else.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

const (
	reserved   = 64 << 10 // bytes for a reply or the next version
	replyStart = 4096     // the journal's first block says that a refresh has begun
)

// Refresh writes the files of one refresh to the directory of path, with its six syncs and the rename.
// It calls post when the space is reserved. The token at path need not exist.
func Refresh(path string, post func() (reply []byte, err error)) error {
	journal, err := create(path + ".pending")
	if err != nil {
		return err
	}
	defer journal.Close()
	next, err := create(path + ".next")
	if err != nil {
		return err
	}
	defer next.Close()
	directory, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer directory.Close()
	// errors.Join evaluates its arguments in order.
	err = errors.Join(next.Sync(), writeAt(journal, make([]byte, replyStart), 0), journal.Sync(), directory.Sync())
	if err != nil {
		return err
	}
	reply, err := post()
	if err != nil {
		return err
	}
	return errors.Join(
		writeAt(journal, reply, replyStart), journal.Sync(),
		writeAt(next, reply, 0), next.Truncate(int64(len(reply))), next.Sync(),
		os.Rename(next.Name(), path), directory.Sync(),
		os.Remove(journal.Name()),
	)
}

func create(path string) (*os.File, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return f, allocate(f, reserved)
}

func writeAt(f *os.File, data []byte, at int64) error {
	_, err := f.WriteAt(data, at)
	return err
}
