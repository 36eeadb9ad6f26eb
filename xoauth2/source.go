// Package xoauth2 moves a program from golang.org/x/oauth2 to freshet. The program keeps its
// [oauth2.Config], its saved token and all code that takes an [oauth2.TokenSource].
//
// Before, the program made a source from a saved token:
//
//	source := config.TokenSource(ctx, saved)
//
// Now it makes one keeper for all connections, which it closes at the end, and adopts the token:
//
//	store := filestore.New(freshet.Registration{})
//	keeper := freshet.NewKeeper(freshet.Config{Store: store, Secrets: xoauth2.Secrets(config)})
//	source, err := xoauth2.Adopt(ctx, keeper, "acme", config, saved)
//
// From then on the store holds the token and saves every new one; the program saves nothing. It may
// still load its old token at every start: that token never replaces the one in the store. No other
// program may refresh the old token: a server that rotates refresh tokens takes it for a theft and
// revokes the grant (RFC 9700 §4.14.2). When a customer logs in again, give the token that
// [oauth2.Config.Exchange] returns to [Add].
package xoauth2

import (
	"bytes"
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/freshet-dev/freshet"
)

// x/oauth2 takes a token for expired ten seconds before its Expiry. It is to cache a token for one
// second, or until the token's own expiry if that is earlier.
const (
	early    = 10 * time.Second
	cacheFor = time.Second
)

// TokenSource returns source as an [oauth2.TokenSource], for [oauth2.NewClient] and others. ctx
// must live as long as the returned source, as for [oauth2.Config.TokenSource]; it bounds the wait
// for a token and cancels no refresh. Errors are those of [freshet.Source.Token]:
// [freshet.ErrLoginRequired] replaces an [oauth2.RetrieveError] with invalid_grant.
//
// In a returned token
//
//   - RefreshToken is empty. A program that used it would spend the store's refresh token, and a
//     server that rotates would then revoke the grant.
//   - Expiry is not the token's own. x/oauth2 takes a token for expired ten seconds before its Expiry.
//     So Expiry is eleven seconds ahead, and x/oauth2 asks again after a second; in the last second
//     of a token it is ten seconds after the token's own expiry. A returned token is always Valid,
//     and not a moment longer than it really is. Each client of x/oauth2 has a cache, which keeps a
//     token until its Expiry, even if it was revoked or replaced, and one without Expiry for good.
//     Asking is cheap. [freshet.Source.TokenUntil] returns the real expiry.
//   - Extra has all members of the provider's response but the refresh token.
func TokenSource(ctx context.Context, source *freshet.Source) oauth2.TokenSource {
	var last atomic.Pointer[converted]
	return tokenFunc(func() (*oauth2.Token, error) {
		token, expiry, err := source.TokenUntil(ctx)
		if token.AccessToken() == "" {
			return nil, err
		}
		// A token with an error is good: it could not be saved, which the keeper reports as an
		// event.
		c := last.Load()
		if c == nil || c.from != token {
			c = convert(token)
			last.Store(c)
		}
		out := *c.to
		now := time.Now()
		out.Expiry = now.Add(early + cacheFor)
		if left := expiry.Sub(now); 0 < left && left < cacheFor { // zero if unknown
			out.Expiry = expiry.Add(early)
		}
		return &out, nil
	})
}

type tokenFunc func() (*oauth2.Token, error)

func (f tokenFunc) Token() (*oauth2.Token, error) { return f() }

// converted is a token in x/oauth2's form, without Expiry. It is immutable.
type converted struct {
	from freshet.Token
	to   *oauth2.Token
}

func convert(token freshet.Token) *converted {
	extra := map[string]any{}
	// A freshet.Token is always valid JSON, perhaps after a byte order mark.
	_ = json.Unmarshal(bytes.TrimPrefix(token.Bytes(), []byte("\xef\xbb\xbf")), &extra)
	delete(extra, "refresh_token")
	plain := oauth2.Token{AccessToken: token.AccessToken(), TokenType: token.Type()}
	return &converted{token, plain.WithExtra(extra)}
}
