package xoauth2_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

func TestTokenSource(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true}, "http://127.0.0.1:1")
	keeper := newKeeper(t, server, new(freshet.MemoryStore))
	registration := freshet.Registration{Client: oauth.Client{ID: server.ClientID()}}
	if err := keeper.Create(t.Context(), acme, registration, server.Document()); err != nil {
		t.Fatal(err)
	}
	token := tokenOf(t, adopt(t, keeper, configOf(server), nil))
	if !server.ValidAccess(token.AccessToken) || token.Type() != "Bearer" || !token.Valid() {
		t.Errorf("type %s, valid %t", token.Type(), token.Valid())
	}
	if token.RefreshToken != "" || token.Extra("refresh_token") != nil {
		t.Error("a refresh token left the store")
	}
	if token.Extra("instance_url") != server.URL() || token.Extra("nothing") != nil {
		t.Errorf("instance_url %v", token.Extra("instance_url"))
	}
	if token.Expiry.IsZero() {
		t.Error("no expiry: x/oauth2 would cache the token for good")
	}
}

// Every client of x/oauth2 has a ReuseTokenSource.
func TestCacheReturnsNoExpiredToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := oauthtest.NewHandler(oauthtest.Config{Rotate: true, TTL: time.Minute}, "http://127.0.0.1:1")
		keeper := newKeeper(t, server, new(freshet.MemoryStore))
		cached := oauth2.ReuseTokenSource(nil, adopt(t, keeper, configOf(server), savedToken(t, server)))
		for range 600 {
			if !server.ValidAccess(tokenOf(t, cached).AccessToken) {
				t.Fatal("the token is not valid")
			}
			time.Sleep(2 * time.Second)
		}
		if stats := server.Stats(); stats.Refreshes < 20 || stats.Reuses > 0 {
			t.Errorf("the server counted %+v", stats)
		}
		synctest.Wait() // for a refresh that the last call began
	})
}

func TestCacheReturnsNoReplacedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := oauthtest.NewHandler(oauthtest.Config{OneAccessToken: true}, "http://127.0.0.1:1")
		keeper := newKeeper(t, server, new(freshet.MemoryStore))
		cached := oauth2.ReuseTokenSource(nil, adopt(t, keeper, configOf(server), savedToken(t, server)))
		tokenOf(t, cached)
		if _, err := keeper.Refresh(t.Context(), acme, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if !server.ValidAccess(tokenOf(t, cached).AccessToken) {
			t.Error("the cache returns a token that was replaced two seconds ago")
		}
	})
}

func TestClient(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true}, "http://127.0.0.1:1")
	keeper := newKeeper(t, server, new(freshet.MemoryStore))
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: server.Transport()})
	client := oauth2.NewClient(ctx, adopt(t, keeper, configOf(server), savedToken(t, server)))
	response, err := client.Get(server.URL() + "/services/data/v67.0/query?q=SELECT+Id+FROM+Account")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Error(response.Status)
	}
}

func TestSourceReturnsKeepersError(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{Rotate: true}, "http://127.0.0.1:1")
	saved := savedToken(t, server)
	keeper := newKeeper(t, server, new(freshet.MemoryStore))
	server.Revoke(saved.RefreshToken)
	saved.Expiry = time.Now().Add(-time.Hour)
	token, err := adopt(t, keeper, configOf(server), saved).Token()
	if token != nil || !errors.Is(err, freshet.ErrLoginRequired) {
		t.Errorf("got %v, %v; want ErrLoginRequired", token, err)
	}
}

// x/oauth2 takes a token for expired ten seconds before its Expiry.
func TestTokenIsValidUntilItsExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := oauthtest.NewHandler(oauthtest.Config{Rotate: true, TTL: time.Hour}, "http://127.0.0.1:1")
		keeper := newKeeper(t, server, new(freshet.MemoryStore))
		source := adopt(t, keeper, configOf(server), savedToken(t, server))
		first := tokenOf(t, source).AccessToken
		_, expiry, err := keeper.Source(acme).TokenUntil(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		server.Fail(oauthtest.Fault{Name: "lost", Count: 100})
		for _, left := range []time.Duration{
			20 * time.Second, 10 * time.Second, 5 * time.Second, time.Second, 500 * time.Millisecond, time.Millisecond,
		} {
			time.Sleep(time.Until(expiry) - left)
			token := tokenOf(t, source)
			if token.AccessToken != first || !token.Valid() {
				t.Fatalf("%v before the expiry: valid %t", left, token.Valid())
			}
			if got := time.Until(token.Expiry) - 10*time.Second; got != min(left, time.Second) {
				t.Errorf("%v before the expiry: valid for %v", left, got)
			}
		}
	})
}
