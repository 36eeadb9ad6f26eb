// Package freshet keeps OAuth 2.0 tokens alive. It reads a saved token, refreshes the access token
// at the provider's token endpoint (RFC 6749 §6), saves the new access and refresh token so that a
// crash loses neither, and returns valid access tokens to a program that calls APIs.
//
// Five lines give an HTTP client that sends a valid access token with each request:
//
//	store := filestore.New(freshet.Registration{Client: oauth.Client{ID: "…"}})
//	keeper := freshet.NewKeeper(freshet.Config{Store: store})
//	defer keeper.Close(context.Background())
//	client := keeper.Client("salesforce.json")
//	response, err := client.Get("/services/data/v67.0/query?q=SELECT+Name+FROM+Account")
//
// A web application whose users connect their accounts sends them to the provider and receives the
// answer with package login. When Exchange returns, the token is saved:
//
//	attempt, err := login.Begin(registration, login.Options{RedirectURI: "https://app.example.com/callback"})
//	// … save attempt in the user's session, and redirect to attempt.URL; then, in the callback:
//	_, err = login.Exchange(r.Context(), keeper, "hubspot.acme", registration, attempt, r.URL.Query())
//
// # Which type for which job
//
//   - A program that runs: [NewKeeper] makes a [Keeper] from a [Config]. It caches tokens and decides
//     when to refresh. [Keeper.Client] returns an HTTP client, [Keeper.Source] a [Source] of tokens for
//     other protocols, and [Keeper.Run] keeps all connections of the store alive, whether they are
//     used or not.
//   - A program that ends soon: a [Refresher] makes one refresh, if one is needed.
//   - Where the tokens are: a [Store] keeps connections. Package filestore keeps them in files, the
//     module examples/sqlstore in a database table, and [MemoryStore] in memory, for tests. Package
//     storetest tests other stores.
//   - What a store keeps: a [Connection] is a [Token], which is a saved token response, kept byte for
//     byte, with all that is needed to refresh it, such as the client and the endpoints
//     ([Registration]).
//   - The first token: package login logs users in. An application that already exchanges the code
//     itself passes the token response to [Keeper.Put] instead.
//   - Tests: package oauthtest is a server to test a program against. It rotates refresh tokens,
//     detects their reuse, omits the expiry, loses replies or is slow.
//
// The program examples/service shows a whole application, with customers, a callback and a graceful
// shutdown.
//
// A service that acts for itself needs no login: with [GrantClientCredentials] in RenewBy, [Keeper.Put]
// creates a connection without a token, and the keeper requests the first one and all others.
//
// # Refresh token rotation
//
// Many providers replace the refresh token at each refresh (RFC 9700 §4.14.2). A program that sends
// the old token again, or does not save the new one, loses the grant, and a user must log in again.
// Therefore a [Refresher]:
//
//   - locks the connection, reads it again, and refreshes only if that is still needed;
//   - reserves what it needs to save the result before it sends the request;
//   - saves the reply before it parses it;
//   - returns the new access token only after the new tokens are saved.
//
// The process may crash at any time. The next one finds the [Pending] refresh and completes it.
//
// # Errors
//
// [ErrNotFound] is returned for a connection that does not exist. A [*RefreshError] has a kind: the
// failure is temporary (NextAttempt is the time of the next attempt), or the configuration must
// change, or a user must log in again ([ErrLoginRequired]). A [*SetupError] is an error in a file
// or the configuration, and nothing was sent. These two have a Remedy, which says what to do. With
// an [*UnsavedError] the new token is valid, but could not be saved. [Config.OnEvent] and
// [Config.Logger] receive the errors of refreshes in the background.
//
// # Secrets
//
// No error holds a secret, in whatever encoding a server, a proxy or a store repeats it. Values
// that may hold a secret print only the name of a connection, or "[hidden]": with each verb of
// package fmt that a type controls, in log/slog and in panics. They cannot be marshaled, except as
// JSON where a Store saves them. The documentation of package oauth lists the cases that package
// fmt decides.
//
// # Compared with golang.org/x/oauth2
//
// If one process gets a token, uses it and saves nothing, use golang.org/x/oauth2: it is small,
// widely known, and many libraries accept its TokenSource (package xoauth2 returns one for a
// [Source]). It was not made for saved tokens:
//
//   - It does not report a replaced refresh token (golang/oauth2#84), so the next start has an old
//     token. Here the new one is saved before the new access token is returned.
//   - Two processes with the same saved token both refresh it, which providers take for theft. Here
//     the store's lock lets one refresh, and the other one uses the result.
//   - A token without expires_in never expires, and Salesforce sends none. Here the provider's usual
//     lifetime is assumed, and a request that gets a 401 is repeated once with a new token.
//   - All callers wait for a refresh, and cannot stop waiting. Here a stale token is returned while
//     it is valid and is refreshed in the background. Contexts end the wait of callers that must wait.
//   - A refresh ends with the context of its client. Here it has a time limit of its own, and its
//     result is saved even if all callers have left.
//   - To find out how the client authenticates, it may send the refresh token twice. Here an attempt
//     is one request.
//
// The price is a store, a lock and three writes for each refresh, so that refreshing many
// connections at once takes longer (docs/performance.md). And for providers that freshet does not
// know, the program must state the hosts that may receive the token.
package freshet
