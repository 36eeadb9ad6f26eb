// Package durable saves what one refresh brings as safely as freshet's files do, and does nothing else: what safety costs.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

const (
	room   = 64 << 10 // reserved for a reply or the next version, in bytes
	intent = 4096     // the journal's first block: that a refresh was begun
)

// Refresh makes the files that one refresh writes beside the token, the six syncs between them, and the rename; and the
// exchange where it belongs, when everything is known to have a place. The token at path need not exist.
func Refresh(path string, exchange func() (reply []byte, err error)) error {
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
	// The arguments are evaluated in their order.
	if err := errors.Join(next.Sync(), writeAt(journal, make([]byte, intent), 0), journal.Sync(), directory.Sync()); err != nil {
		return err
	}
	reply, err := exchange()
	if err != nil {
		return err
	}
	return errors.Join(
		writeAt(journal, reply, intent), journal.Sync(),
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
	return f, allocate(f, room)
}

func writeAt(f *os.File, data []byte, at int64) error {
	_, err := f.WriteAt(data, at)
	return err
}
