// Service is a web application. Its customers connect their HubSpot or Salesforce account once, and the
// application calls the API for them from then on. The providers are in providers.go, the callback and the
// pages in pages.go, startup and shutdown here.
//
//	go run ./examples/service          # with test servers in place of HubSpot and Salesforce
//	go run ./examples/service -real    # with the apps of HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET, SALESFORCE_...
//
// Open http://127.0.0.1:8080/. Ctrl-C or SIGTERM stops it.
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
	useReal := flag.Bool("real", false, "use HubSpot and Salesforce, and freshet's usual directory")
	address := flag.String("addr", "127.0.0.1:8080", "`address` to listen at")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log, *address, *useReal); err != nil {
		log.Error("the service ended", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger, address string, useReal bool) error {
	providers := realProviders()
	if !useReal {
		test, stop, err := testProviders()
		if err != nil {
			return err
		}
		defer stop()
		providers = test
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return serve(ctx, log, listener, providers)
}

// serve serves the pages and keeps the connections' tokens fresh until ctx ends.
func serve(ctx context.Context, log *slog.Logger, listener net.Listener, providers map[string]provider) error {
	// This store has connections in files. For a database table and several replicas see examples/sqlstore:
	// there the name of a connection is the key of a row. Nothing else changes.
	store := filestore.New(freshet.Registration{})
	keeper := freshet.NewKeeper(freshet.Config{
		Store: store, Secrets: secret.Read, Logger: log,
		OnEvent: func(e freshet.Event) {
			switch e.Kind {
			case freshet.EventLoginRequired, freshet.EventDeadlineNear:
				log.Warn("mail to the customer: please log in again", "connection", e.Name)
			case freshet.EventUnsaved:
				log.Error("page the operator: the store does not save", "error", e.Err)
			}
		},
	})
	runCtx, stopRun := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRun()
	runEnded := make(chan error, 1)
	go func() { runEnded <- keeper.Run(runCtx) }()

	url := "http://" + listener.Addr().String()
	pages := &pages{keeper: keeper, store: store, providers: providers, log: log, url: url}
	server := &http.Server{Handler: pages.handler(), ReadHeaderTimeout: 10 * time.Second}
	log.Info("open it in a browser", "url", url)
	serveEnded := make(chan error, 1)
	go func() { serveEnded <- server.Serve(listener) }()
	var err error
	select {
	case err = <-serveEnded:
	case <-ctx.Done():
	}

	// First stop what uses tokens, then what refreshes them. Close waits until all refreshes in flight are saved.
	shutdownCtx, cancel := context.WithTimeout(context.Background(), 2*freshet.ExchangeTimeout)
	defer cancel()
	err = errors.Join(err, server.Shutdown(shutdownCtx))
	stopRun()
	return errors.Join(err, <-runEnded, keeper.Close(shutdownCtx))
}
