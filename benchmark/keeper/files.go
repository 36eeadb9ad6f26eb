package main

import (
	"os"
	"path/filepath"

	"github.com/freshet-dev/freshet/benchmark/durable"
	"github.com/freshet-dev/freshet/filestore"
)

// compareFiles refreshes connections whose tokens are in files. The bare loop has the same files and
// syncs.
func compareFiles(rounds int) error {
	dir, err := os.MkdirTemp(".", "run-") // on a disk: on a tmpfs a sync costs nothing
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	return withEndpoint(func(e *endpoint) error {
		bare := func(url string, n int) (contender, error) { return newBareFiles(dir, url, n) }
		ours := func(url string, n int) (contender, error) { return newFreshetFiles(dir, url, n) }
		took, err := race(e, "", connectionsInFiles, rounds,
			entrant{"the bare loop, with the same syncs", bare},
			entrant{"freshet, `filestore.Store`", ours},
		)
		if err != nil {
			return err
		}
		printRates("of tokens in files", took, connectionsInFiles)
		return nil
	})
}

// newBareFiles returns the bare loop with its tokens in files.
func newBareFiles(dir, endpoint string, n int) (contender, error) {
	dir, err := os.MkdirTemp(dir, "bare-")
	if err != nil {
		return contender{}, err
	}
	bare, err := newBareLoop(endpoint, n)
	if err != nil {
		return contender{}, err
	}
	refresh := func(i int) error {
		return durable.Refresh(filepath.Join(dir, customer(i)+".json"),
			func() ([]byte, error) { return bare.refresh(i) })
	}
	return contender{refresh, func() { bare.client.CloseIdleConnections(); _ = os.RemoveAll(dir) }}, nil
}

// newFreshetFiles returns a keeper with a file store.
func newFreshetFiles(dir, endpoint string, n int) (contender, error) {
	dir, err := os.MkdirTemp(dir, "freshet-")
	if err != nil {
		return contender{}, err
	}
	path := func(i int) string { return filepath.Join(dir, customer(i)+".json") }
	for i := range n {
		if err := os.WriteFile(path(i), []byte(tokenResponse(i)), 0o600); err != nil {
			return contender{}, err
		}
	}
	store := &filestore.Store{StateDir: filepath.Join(dir, "state"), Defaults: newRegistration(endpoint)}
	c := newKeeper(store, path)
	return contender{c.refresh, func() { c.close(); _ = os.RemoveAll(dir) }}, nil
}
