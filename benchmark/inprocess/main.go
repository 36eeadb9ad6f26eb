// Command inprocess refreshes a token with freshet's packages, without the child process of the command
// line.
//
//	inprocess FILE CLIENT-ID
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

func main() {
	defaults := freshet.Registration{Client: oauth.Client{ID: os.Args[2]}}
	store := &filestore.Store{Defaults: defaults, StateDir: filestore.DefaultStateDir()}
	refresher := &freshet.Refresher{Store: store}
	if _, err := refresher.Token(context.Background(), os.Args[1], freshet.Options{Forced: true}); err != nil {
		fmt.Fprintln(os.Stderr, "inprocess:", err)
		os.Exit(1)
	}
}
