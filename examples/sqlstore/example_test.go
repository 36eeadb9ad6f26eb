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

// A service calls its customers' CRMs, and keeps the connections in its own table.
func Example() {
	ctx := context.Background()
	database, provider := salesforceCustomer(ctx)
	defer provider.Close()

	pool, err := pgxpool.New(ctx, database)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	// With these keepalives, the server releases the locks of a machine that disappeared within 90
	// seconds.
	const keepalives = " tcp_keepalives_idle=30 tcp_keepalives_interval=10 tcp_keepalives_count=6"
	locks, err := pgxpool.New(ctx, database+" pool_max_conns=8"+keepalives)
	if err != nil {
		log.Fatal(err)
	}
	defer locks.Close()
	keeper := freshet.NewKeeper(freshet.Config{Store: &sqlstore.Store{
		Pool: pool, Locks: locks,
		Apps: map[string]freshet.Registration{
			"salesforce": {
				Provider: "salesforce", Client: oauth.Client{ID: provider.ClientID()},
				Endpoints: oauth.Endpoints{Token: provider.TokenEndpoint()},
			},
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

// salesforceCustomer returns a database with one customer, who has logged in to Salesforce.
func salesforceCustomer(ctx context.Context) (dsn string, provider *oauthtest.Server) {
	provider = oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	dsn, err := newDatabase(ctx)
	if err == nil {
		const insert = `INSERT INTO crm_account (customer, crm, token) VALUES ('Acme Ltd', 'salesforce', $1)`
		err = execute(ctx, dsn, insert, string(provider.Document()))
	}
	if err != nil {
		log.Fatal(err)
	}
	return dsn, provider
}
