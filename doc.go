// Package freshet keeps OAuth 2.0 tokens alive. It takes a token that somebody saved, refreshes its access token at the
// provider's token endpoint, keeps or replaces the refresh token, saves the result so that nothing can be lost, and hands
// out valid access tokens.
//
//	store := &filestore.Store{Defaults: freshet.Registration{Client: oauth.Client{ID: "…"}}}
//	keeper := freshet.NewKeeper(freshet.Refresher{Store: store})
//	token, err := keeper.Token(ctx, "salesforce.json")
//
// # The words
//
// A [Token] is the provider's response as it was saved, byte for byte. A [Connection] is all that is needed to keep one
// token alive. A [Store] is where connections live. A [Refresher] makes one refresh at a time, safely; a [Keeper] decides
// when, and keeps what it got in memory.
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
// A [*RefreshError] tells temporary failures from those that need a person ([ErrLoginRequired]) or another
// configuration; a [*Problem] is something to mend here, and nothing was sent; with an [*UnsavedError] the token is good, but
// not yet saved where it belongs. All of them say what to do, and none holds a secret.
package freshet
