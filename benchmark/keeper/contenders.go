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
	"github.com/freshet-dev/freshet/oauth"
)

// contender refreshes connections. refresh(i) refreshes the ith of those that it was made with.
type contender struct {
	refresh func(i int) error
	close   func()
}

// bare is the least that anybody can do: a POST, and the reply's members, which it keeps.
func bare(endpoint string, n int) (contender, error) {
	p, err := poster(endpoint, n)
	refresh := func(i int) error { _, err := p.refresh(i); return err }
	return contender{refresh, p.client.CloseIdleConnections}, err
}

// posts is the bare loop.
type posts struct {
	client   *http.Client
	endpoint string
	tokens   []map[string]any
}

func poster(endpoint string, n int) (*posts, error) {
	p := &posts{client: tunedClient(), endpoint: endpoint, tokens: make([]map[string]any, n)}
	for i := range p.tokens {
		if err := json.Unmarshal([]byte(tokenResponse(i)), &p.tokens[i]); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (p *posts) refresh(i int) ([]byte, error) {
	refreshToken, _ := p.tokens[i]["refresh_token"].(string)
	form := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}, "client_id": {clientID}, "client_secret": {clientSecret},
	}
	res, err := p.client.Post(p.endpoint, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
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
	p.tokens[i] = reply
	return body, nil
}

// tunedClient keeps as many idle connections as there are requests in flight.
func tunedClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency}}
}

// usual is x/oauth2 as people use it.
func usual(endpoint string, n int) (contender, error) {
	return xoauth2(context.Background(), endpoint, n, http.DefaultClient.CloseIdleConnections)
}

// tuned is x/oauth2 with a transport made for the purpose.
func tuned(endpoint string, n int) (contender, error) {
	client := tunedClient()
	return xoauth2(context.WithValue(context.Background(), oauth2.HTTPClient, client), endpoint, n, client.CloseIdleConnections)
}

func xoauth2(ctx context.Context, endpoint string, n int, done func()) (contender, error) {
	config := oauth2.Config{
		ClientID: clientID, ClientSecret: clientSecret, Endpoint: oauth2.Endpoint{TokenURL: endpoint, AuthStyle: oauth2.AuthStyleInParams},
	}
	sources := make([]oauth2.TokenSource, n)
	for i := range sources {
		var saved struct {
			RefreshToken string `json:"refresh_token"`
		}
		if err := json.Unmarshal([]byte(tokenResponse(i)), &saved); err != nil {
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

// ours is a keeper on a store in memory.
func ours(endpoint string, n int) (contender, error) {
	store := new(freshet.MemoryStore)
	registration := freshet.Registration{
		Provider: "salesforce", Client: oauth.Client{ID: clientID, Secret: clientSecret}, Endpoints: oauth.Endpoints{Token: endpoint},
	}
	for i := range n {
		token, err := freshet.ParseToken([]byte(tokenResponse(i)))
		if err != nil {
			return contender{}, err
		}
		if err := store.Create(context.Background(), freshet.Connection{Name: customer(i), Registration: registration, Token: token}); err != nil {
			return contender{}, err
		}
	}
	return kept(store, customer), nil
}

// kept is a keeper on any store.
func kept(store freshet.Store, name func(int) string) contender {
	ctx := context.Background()
	keeper := freshet.NewKeeper(freshet.Refresher{Store: store})
	refresh := func(i int) error {
		_, err := keeper.Refresh(ctx, name(i), "")
		return err
	}
	return contender{refresh, func() { _ = keeper.Close(ctx) }}
}
