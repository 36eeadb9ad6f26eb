// Package freshet keeps OAuth 2.0 tokens alive. It takes a token that somebody saved, refreshes its access token at the
// provider's token endpoint, keeps or replaces the refresh token, saves the result so that nothing can be lost, and hands
// out valid access tokens to a program that calls APIs.
//
// Five lines give an HTTP client whose requests carry a valid access token for as long as the program runs:
//
//	store := filestore.New(freshet.Registration{Client: oauth.Client{ID: "…"}})
//	keeper := freshet.NewKeeper(freshet.Refresher{Store: store})
//	defer keeper.Close(context.Background())
//	client := keeper.Client("salesforce.json")
//	response, err := client.Get("/services/data/v67.0/query?q=SELECT+Name+FROM+Account")
//
// # Why not golang.org/x/oauth2
//
// Use it where a token is got and used in one process, and nothing is kept: it is small, everybody knows it, and its
// TokenSource is what other libraries take (package xoauth2 makes one of a [Source]). It was not made for tokens that outlive the
// process:
//
//   - it tells nobody about a refresh token that was replaced, so that the next start has the old one, which is dead where tokens
//     rotate (golang/oauth2#84); a [Keeper] saves it before anybody sees the new access token;
//   - two processes with one saved token refresh it twice, which providers take for theft; here the store's lock excludes one of
//     them, and it gets what the other got;
//   - a token without expires_in (Salesforce sends none) is valid for ever; here it is assumed to live as long as the provider's
//     usually do, and a 401 makes a request ask for another, once;
//   - all callers wait for a refresh under one mutex, and none can leave; here a stale token is handed out while it is valid and
//     refreshed behind it, and whoever must wait does so as long as its context allows;
//   - a refresh ends with the context of the client that it was made with; here it has a time limit of its own and is saved
//     whoever leaves;
//   - on an error it may send the same refresh token once more to find out how the client authenticates; here one attempt is one
//     request.
//
// The price: a store, a lock and three writes for each refresh, which makes a refresh of many connections at once slower than theirs
// (docs/performance.md), and that you say which hosts an unknown provider's token is for.
//
// # What to use
//
// A [Keeper] is for programs that run: it keeps tokens in memory and decides when to refresh. [Keeper.Client] is the usual way,
// [Source.Token] the one for everything that is not HTTP, and [Keeper.Run] keeps all connections of the store alive, also those
// that nobody asks for. A [Refresher] is for programs that end: it makes one refresh, if one is called for.
//
// A [Token] is the provider's response as it was saved, byte for byte. A [Connection] is all that is needed to keep one
// token alive. A [Store] is where connections live: package filestore keeps them in files, the module in examples/sqlstore in a
// table of an application's own, and [MemoryStore] nowhere, for tests. Package storetest tells whether a store of yours
// keeps its promises, and package oauthtest is a server to test your program against: one that rotates tokens, detects their
// reuse, says nothing of expiry, loses replies or is slow.
//
// How a person logs in is the business of package login; an application that has its own callback hands the provider's response
// to [Keeper.Add]. The program examples/service is a whole one, with customers, a callback and an orderly end.
//
// # What can go wrong
//
// With refresh token rotation (RFC 9700 §4.14.2) a refresh token works once. Whoever sends it twice, or does not save
// its successor, has lost the grant, and a person must log in again. So a refresh is made under the store's lock, after
// looking again; what will be needed to save the result is reserved before anything is sent; the reply is made durable
// before it is read; and nobody sees a new access token before the new document is saved. A process may die at any moment:
// the next one finds the [Pending] refresh and finishes it.
//
// # Errors
//
// [ErrNotFound] says that there is no such connection. A [*RefreshError] tells temporary failures from those that need a person
// ([ErrLoginRequired]) or another configuration, and when the next attempt is due; a [*Problem] is something to mend here, and
// nothing was sent; with an [*UnsavedError] the token is good, but not yet saved where it belongs. The first two have a Remedy, which
// says what to do; no error holds a secret, in whatever encoding a server, a proxy or a store repeats it. What nobody asked for is told by [Keeper.OnEvent] and the [Refresher]'s logger.
//
// # Printing
//
// Values that may hold a secret print a name, a host or a time, and nothing else: under every verb of package fmt that a type
// controls, in log/slog and in panics. They refuse to be marshalled, but for what a Store has to save, and then as JSON alone. The
// documentation of package oauth says where package fmt asks no type.
package freshet
