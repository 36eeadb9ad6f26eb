//go:build unix

package sqlstore_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/examples/sqlstore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A service that calls its customers' CRMs with the connections in its own table.
func Example() {
	ctx := context.Background()
	database, provider := salesforceCustomer(ctx)
	defer provider.Close()

	pool, err := pgxpool.New(ctx, database)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	// The server notices within a minute and a half that a machine is gone, and frees its locks.
	locks, err := pgxpool.New(ctx, database+" pool_max_conns=8 tcp_keepalives_idle=30 tcp_keepalives_interval=10 tcp_keepalives_count=6")
	if err != nil {
		log.Fatal(err)
	}
	defer locks.Close()
	keeper := freshet.NewKeeper(freshet.Refresher{Store: &sqlstore.Store{
		Pool: pool, Locks: locks,
		Apps: map[string]freshet.Registration{
			"salesforce": {Provider: "salesforce", Client: oauth.Client{ID: provider.ClientID()}, Endpoints: oauth.Endpoints{Token: provider.TokenEndpoint()}},
		},
	}})
	defer keeper.Close(ctx)

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "/services/data/", nil)
	if err != nil {
		log.Fatal(err)
	}
	const acme = "1" // the key of the customer's row
	response, err := keeper.Client(acme).Do(request)
	if err != nil {
		log.Fatal(err)
	}
	response.Body.Close()
	fmt.Println(response.Status)
	// Output: 200 OK
}

// salesforceCustomer is a database with one customer in it, who has connected their Salesforce.
func salesforceCustomer(ctx context.Context) (dsn string, provider *oauthtest.Server) {
	provider = oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	dsn, err := newDatabase(ctx)
	if err == nil {
		err = execute(ctx, dsn, `INSERT INTO crm_account (customer, vendor, token) VALUES ('Acme Ltd', 'salesforce', $1)`, string(provider.Document()))
	}
	if err != nil {
		log.Fatal(err)
	}
	return dsn, provider
}
