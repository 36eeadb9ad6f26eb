// Service is a web application whose customers connect their HubSpot or Salesforce account, once, and that calls the APIs for them
// from then on. It shows all that a service has to do: which providers there are (providers.go), the callback and the pages of the
// customers (pages.go), and here how it begins and ends.
//
//	go run ./examples/service          # test servers in place of HubSpot and Salesforce
//	go run ./examples/service -real    # with the apps of HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET, SALESFORCE_...
//
// Then open http://127.0.0.1:8080/, and end it with Ctrl-C or SIGTERM.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/secret"
)

func main() {
	inEarnest := flag.Bool("real", false, "ask HubSpot and Salesforce, and keep the connections in the usual place")
	address := flag.String("addr", "127.0.0.1:8080", "`address` to listen at")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log, *address, *inEarnest); err != nil {
		log.Error("the service ended", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger, address string, inEarnest bool) error {
	providers := realProviders()
	if !inEarnest {
		imitated, stop, err := imitatedProviders()
		if err != nil {
			return err
		}
		defer stop()
		providers = imitated
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return serve(ctx, log, listener, providers)
}

// serve answers the customers and keeps their connections alive until ctx ends.
func serve(ctx context.Context, log *slog.Logger, listener net.Listener, providers map[string]provider) error {
	// Connections in files. For a table of your own, and several replicas, take examples/sqlstore: then the names of connections are the
	// keys of your rows, and nothing else changes.
	store := filestore.New(freshet.Registration{})
	keeper := freshet.NewKeeper(freshet.Refresher{Store: store, Secrets: secret.Read, Logger: log})
	keeper.OnEvent = func(e freshet.Event) {
		switch e.Kind {
		case freshet.EventLoginRequired, freshet.EventDeadlineNear:
			log.Warn("mail to the customer: please log in again", "connection", e.Name)
		case freshet.EventUnsaved:
			log.Error("page the operator: the store does not save", "error", e.Err)
		}
	}
	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	defer stopKeeping()
	kept := make(chan error, 1)
	go func() { kept <- keeper.Run(keeping) }()

	pages := &pages{keeper: keeper, store: store, providers: providers, log: log, url: "http://" + listener.Addr().String()}
	server := &http.Server{Handler: pages.handler(), ReadHeaderTimeout: 10 * time.Second}
	log.Info("open it in a browser", "url", pages.url)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
	}

	// What uses tokens ends first, then what renews them; and Close waits until everything that was sent is saved.
	patience, cancel := context.WithTimeout(context.Background(), 2*freshet.ExchangeTimeout)
	defer cancel()
	err = errors.Join(err, server.Shutdown(patience))
	stopKeeping()
	return errors.Join(err, <-kept, keeper.Close(patience))
}
