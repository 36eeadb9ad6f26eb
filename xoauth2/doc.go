// Package xoauth2 lets a program that uses golang.org/x/oauth2 move over to freshet, with its configuration, its saved token
// and everything that takes an [oauth2.TokenSource].
//
// Two lines change: where a token was loaded and a source made of it,
//
//	source := config.TokenSource(ctx, saved)
//
// there is a keeper, made once for all connections, which is closed at the end and knows the client secrets of the configurations,
//
//	keeper := freshet.NewKeeper(freshet.Refresher{Store: filestore.New(freshet.Registration{}), Secrets: xoauth2.Secrets(config)})
//
// and
//
//	source, err := xoauth2.Adopt(ctx, keeper, "acme", config, saved)
//
// From then on the store has the token, refresh tokens that are rotated with it, and the program saves nothing any more. It may
// go on loading its old token at every start: the store's is never replaced by it. But nothing else may refresh the old token
// again: a server that rotates would take that for a theft. A customer who logs in again is no old token: what
// [oauth2.Config.Exchange] returns then goes to [Add].
package xoauth2
