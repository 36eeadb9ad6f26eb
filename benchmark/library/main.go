// Command library refreshes a token with freshet's packages in this very process: the command line without its child.
//
//	library FILE CLIENT-ID
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
	store := &filestore.Store{Defaults: freshet.Registration{Client: oauth.Client{ID: os.Args[2]}}, StateDir: filestore.DefaultStateDir()}
	refresher := &freshet.Refresher{Store: store}
	if _, err := refresher.Ask(context.Background(), os.Args[1], freshet.Demand{Forced: true}); err != nil {
		fmt.Fprintln(os.Stderr, "library:", err)
		os.Exit(1)
	}
}
