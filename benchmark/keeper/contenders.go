package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/benchmark/endpoint"
	"github.com/freshet-dev/freshet/oauth"
)

// contender refreshes connections. refresh(i) refreshes connection i.
type contender struct {
	refresh func(i int) error
	close   func()
}

// newBare returns the bare loop: it sends the POST, and stores the members of the reply in memory.
func newBare(tokenURL string, n int) (contender, error) {
	b, err := newBareLoop(tokenURL, n)
	refresh := func(i int) error { _, err := b.refresh(i); return err }
	return contender{refresh, b.client.CloseIdleConnections}, err
}

type bareLoop struct {
	client   *http.Client
	tokenURL string
	tokens   []map[string]any
}

func newBareLoop(tokenURL string, n int) (*bareLoop, error) {
	b := &bareLoop{client: tunedClient(), tokenURL: tokenURL, tokens: make([]map[string]any, n)}
	for i := range b.tokens {
		if err := json.Unmarshal([]byte(endpoint.Response(i)), &b.tokens[i]); err != nil {
			return b, err
		}
	}
	return b, nil
}

func (b *bareLoop) refresh(i int) ([]byte, error) {
	refreshToken, _ := b.tokens[i]["refresh_token"].(string)
	form := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refreshToken},
		"client_id": {endpoint.ClientID}, "client_secret": {endpoint.ClientSecret},
	}
	res, err := b.client.Post(b.tokenURL, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	var reply map[string]any
	if err := json.Unmarshal(body, &reply); err != nil || res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %w", res.StatusCode, err)
	}
	b.tokens[i] = reply
	return body, nil
}

// tunedClient allows as many idle connections as there are requests in flight.
func tunedClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency}}
}

// newXOAuth2 returns x/oauth2 with its default client.
func newXOAuth2(tokenURL string, n int) (contender, error) {
	return newXOAuth2With(context.Background(), tokenURL, n, http.DefaultClient.CloseIdleConnections)
}

// newTunedXOAuth2 returns x/oauth2 with the same client as the bare loop.
func newTunedXOAuth2(tokenURL string, n int) (contender, error) {
	client := tunedClient()
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, client)
	return newXOAuth2With(ctx, tokenURL, n, client.CloseIdleConnections)
}

func newXOAuth2With(ctx context.Context, tokenURL string, n int, done func()) (contender, error) {
	config := oauth2.Config{
		ClientID: endpoint.ClientID, ClientSecret: endpoint.ClientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	sources := make([]oauth2.TokenSource, n)
	for i := range sources {
		var saved struct {
			RefreshToken string `json:"refresh_token"`
		}
		if err := json.Unmarshal([]byte(endpoint.Response(i)), &saved); err != nil {
			return contender{}, err
		}
		sources[i] = config.TokenSource(ctx, &oauth2.Token{RefreshToken: saved.RefreshToken})
	}
	refresh := func(i int) error {
		_, err := sources[i].Token()
		return err
	}
	return contender{refresh, done}, nil
}

// newFreshet returns a keeper with a store in memory.
func newFreshet(tokenURL string, n int) (contender, error) {
	store := new(freshet.MemoryStore)
	registration := newRegistration(tokenURL)
	for i := range n {
		token, err := freshet.ParseToken([]byte(endpoint.Response(i)))
		if err != nil {
			return contender{}, err
		}
		c := freshet.Connection{Name: customer(i), Registration: registration, Token: token}
		if err := store.Create(context.Background(), c); err != nil {
			return contender{}, err
		}
	}
	return newKeeper(store, customer), nil
}

func newRegistration(tokenURL string) freshet.Registration {
	return freshet.Registration{
		Provider: "salesforce", Client: oauth.Client{ID: endpoint.ClientID, Secret: endpoint.ClientSecret},
		Endpoints: oauth.Endpoints{Token: tokenURL},
	}
}

// newKeeper returns a keeper with any store.
func newKeeper(store freshet.Store, name func(int) string) contender {
	ctx := context.Background()
	keeper := freshet.NewKeeper(freshet.Config{Store: store})
	refresh := func(i int) error {
		_, err := keeper.Refresh(ctx, name(i), "")
		return err
	}
	return contender{refresh, func() { _ = keeper.Close(ctx) }}
}
