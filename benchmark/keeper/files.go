package main

import (
	"os"
	"path/filepath"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/benchmark/durable"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// compareFiles refreshes connections whose tokens are files, beside the bare loop with the same files and syncs.
func compareFiles(rounds int) error {
	dir, err := os.MkdirTemp(".", "run-") // on a disk, not on a tmpfs where a sync costs nothing
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	return withEndpoint(func(e *endpoint) error {
		took, err := race(e, "", filed, rounds,
			entrant{"the bare loop, with the same syncs", func(url string, n int) (contender, error) { return bareFiles(dir, url, n) }},
			entrant{"freshet, `filestore.Store`", func(url string, n int) (contender, error) { return ourFiles(dir, url, n) }},
		)
		if err != nil {
			return err
		}
		printRates("of tokens in files", took, filed)
		return nil
	})
}

// bareFiles keeps the tokens of the bare loop in files.
func bareFiles(dir, endpoint string, n int) (contender, error) {
	dir, err := os.MkdirTemp(dir, "bare-")
	if err != nil {
		return contender{}, err
	}
	post, err := poster(endpoint, n)
	if err != nil {
		return contender{}, err
	}
	refresh := func(i int) error {
		return durable.Refresh(filepath.Join(dir, customer(i)+".json"), func() ([]byte, error) { return post.refresh(i) })
	}
	return contender{refresh, func() { post.client.CloseIdleConnections(); _ = os.RemoveAll(dir) }}, nil
}

// ourFiles keeps them in a file store.
func ourFiles(dir, endpoint string, n int) (contender, error) {
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
	store := &filestore.Store{StateDir: filepath.Join(dir, "state"), Defaults: freshet.Registration{
		Provider: "salesforce", Client: oauth.Client{ID: clientID, Secret: clientSecret}, Endpoints: oauth.Endpoints{Token: endpoint},
	}}
	c := kept(store, path)
	return contender{c.refresh, func() { c.close(); _ = os.RemoveAll(dir) }}, nil
}
