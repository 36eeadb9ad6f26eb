package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// For a provider that freshet does not know, the registration states the address of the API. Relative
// addresses lead there, and the token goes to no other host.
func ExampleKeeper_Client() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	defer server.Close()
	keeper := freshet.NewKeeper(freshet.Config{Store: new(freshet.MemoryStore)})
	ctx := context.Background()
	defer keeper.Close(ctx)
	registration := registrationAt(server)
	registration.API.Base = server.URL() // "https://api.example.com"
	if err := keeper.Create(ctx, "acme", registration, server.Document()); err != nil {
		log.Fatal(err)
	}

	client := keeper.Client("acme")
	response, err := client.Get("/services/data/")
	if err != nil {
		log.Fatal(err)
	}
	response.Body.Close()
	fmt.Println(response.Status)

	_, err = client.Get("https://elsewhere.example.com/")
	fmt.Println(errors.Unwrap(err)) // of the *url.Error
	// Output:
	// 200 OK
	// acme: the access token is not sent to https://elsewhere.example.com, which is not known to be the connection's
}

// An API rejects the access token. The transport gets another and repeats the request, so that the
// program sees only the second response. Base sends the requests; here it also prints them.
func ExampleTransport() {
	server, keeper := setUp()
	defer server.Close()
	defer keeper.Close(context.Background())
	client := &http.Client{Transport: &freshet.Transport{
		Source: keeper.Source("acme"),
		Hosts:  []string{hostOf(server.URL())}, // "api.example.com"
		Base:   printed{http.DefaultTransport},
	}}

	for range 2 {
		response, err := client.Get(server.URL() + "/services/data/")
		if err != nil {
			log.Fatal(err)
		}
		response.Body.Close()
		fmt.Println("the program sees", response.Status)

		token, _ := keeper.Token(context.Background(), "acme")
		server.Revoke(token.AccessToken()) // an administrator closes the session
	}
	fmt.Println("refreshes:", server.Stats().Refreshes)
	// Output:
	// GET /services/data/: 200 OK
	// the program sees 200 OK
	// GET /services/data/: 401 Unauthorized
	// GET /services/data/: 200 OK
	// the program sees 200 OK
	// refreshes: 1
}

// printed prints each request and its response.
type printed struct{ http.RoundTripper }

func (s printed) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.RoundTripper.RoundTrip(r)
	if err == nil {
		fmt.Printf("%s %s: %s\n", r.Method, r.URL.Path, response.Status)
	}
	return response, err
}
