package main

import (
	"os"
	"path/filepath"

	"github.com/freshet-dev/freshet/benchmark/durable"
	"github.com/freshet-dev/freshet/benchmark/endpoint"
	"github.com/freshet-dev/freshet/benchmark/report"
	"github.com/freshet-dev/freshet/filestore"
)

// compareFiles refreshes connections whose tokens are in files. The bare loop has the same files and
// syncs.
func compareFiles(r *report.Report, rounds int) error {
	dir, err := os.MkdirTemp(".", "run-") // on a disk: on a tmpfs a sync costs nothing
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	return endpoint.With(func(e *endpoint.Endpoint) error {
		bare := func(url string, n int) (contender, error) { return newBareFiles(dir, url, n) }
		ours := func(url string, n int) (contender, error) { return newFreshetFiles(dir, url, n) }
		took, err := race(e, "", connectionsInFiles, 2, rounds,
			entrant{"the bare loop, with the same syncs", bare},
			entrant{"freshet, `filestore.Store`", ours},
		)
		if err != nil {
			return err
		}
		for i, what := range []string{"first", "second"} {
			printRates(r, "of tokens in files, the "+what+" of each", took[i], connectionsInFiles, 0.95)
			r.AtMost(what+" refreshes in files: processor time relative to bare",
				float64(took[i][1].cpu)/float64(took[i][0].cpu), 1.7)
		}
		return nil
	})
}

// newBareFiles returns the bare loop with its tokens in files.
func newBareFiles(dir, tokenURL string, n int) (contender, error) {
	dir, err := os.MkdirTemp(dir, "bare-")
	if err != nil {
		return contender{}, err
	}
	bare, err := newBareLoop(tokenURL, n)
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
func newFreshetFiles(dir, tokenURL string, n int) (contender, error) {
	dir, err := os.MkdirTemp(dir, "freshet-")
	if err != nil {
		return contender{}, err
	}
	path := func(i int) string { return filepath.Join(dir, customer(i)+".json") }
	for i := range n {
		response := endpoint.Response(2 * i) // the second refresh must not get a token of another file
		if err := os.WriteFile(path(i), []byte(response), 0o600); err != nil {
			return contender{}, err
		}
	}
	store := &filestore.Store{StateDir: filepath.Join(dir, "state"), Defaults: newRegistration(tokenURL)}
	c := newKeeper(store, path)
	return contender{c.refresh, func() { c.close(); _ = os.RemoveAll(dir) }}, nil
}
