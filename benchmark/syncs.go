package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// medianSyncs measures what safety alone costs: the files that one refresh writes beside the token, the six syncs between
// them, and the rename.
func medianSyncs(dir string, times int) (time.Duration, error) {
	path := filepath.Join(dir, "synced.json")
	var took []time.Duration
	for range times {
		began := time.Now()
		if err := syncLikeRefresh(path); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return median(took, func(d time.Duration) time.Duration { return d }), nil
}

func syncLikeRefresh(path string) error {
	document := make([]byte, 1<<10)
	reserved := make([]byte, 64<<10)
	journal, err := os.Create(path + ".pending")
	if err != nil {
		return err
	}
	defer journal.Close()
	next, err := os.Create(path + ".next")
	if err != nil {
		return err
	}
	defer next.Close()
	directory, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer directory.Close()
	// The arguments are evaluated in their order: room, intent, reply, next version, its name.
	return errors.Join(
		writeAt(next, reserved), next.Sync(), writeAt(journal, reserved), journal.Sync(), directory.Sync(),
		writeAt(journal, document), journal.Sync(),
		writeAt(next, document), next.Truncate(int64(len(document))), next.Sync(),
		os.Rename(next.Name(), path), directory.Sync(),
		os.Remove(journal.Name()),
	)
}

func writeAt(f *os.File, data []byte) error {
	_, err := f.WriteAt(data, 0)
	return err
}
