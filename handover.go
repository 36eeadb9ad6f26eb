package freshet

import (
	"net/http"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// A command makes each attempt in a child process, which survives it. These are for package
// internal/cli only: [Refresher.Attempt] reads the client secret, takes the lock of the file store,
// reads the connection again, and hands the lock and the Options over to the child, with
// [Options.Started] and [Options.Seen]. The child calls [Refresher.Refresh].

// Settle returns the result if the saved token satisfies o; else done is false. It is for package
// internal/cli, which takes the store's lock itself and has to read again.
func (o Options) Settle(c Connection) (result Result, done bool, err error) {
	if c.Pending != nil || o.DryRun {
		return Result{}, false, nil
	}
	settled, done, err := o.settle(&c, time.Now())
	if settled != nil {
		result = *settled
	}
	return result, done, err
}

// ReuseConnections makes r and its later copies reuse network connections, also of different proxies
// and CA files. It is for package internal/cli, which has one child process make many refreshes.
func (r *Refresher) ReuseConnections() {
	r.clients = &clients{byConfig: map[oauth.HTTPConfig]*http.Client{}}
}
