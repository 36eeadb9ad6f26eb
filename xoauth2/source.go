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

// margin is how long a token stays valid in the eyes of x/oauth2, which takes off ten seconds.
const margin = 11 * time.Second

// TokenSource hands out the tokens of source, to [oauth2.NewClient] or whatever else takes one. ctx ends the waiting for a token,
// and no refresh; like that of [oauth2.Config.TokenSource] it must live as long as the source is used. Errors are those of
// [freshet.Source.Token]: [freshet.ErrLoginRequired] takes the place of an [oauth2.RetrieveError] with invalid_grant.
//
// In a token that it returns
//
//   - RefreshToken is empty: whoever used it would take it from the store, and with rotation end the grant;
//   - Expiry is so near that x/oauth2 asks again after a second, or when the token expires, if that is earlier. Its caches (there
//     is one in every client) take a token without Expiry for good for ever, and keep any other after it was revoked or replaced.
//     Asking costs next to nothing; [freshet.Source.TokenUntil] tells the real time;
//   - Extra has all members of the provider's response but the refresh token.
func TokenSource(ctx context.Context, source *freshet.Source) oauth2.TokenSource {
	var last atomic.Pointer[converted]
	return tokenFunc(func() (*oauth2.Token, error) {
		token, expiry, err := source.TokenUntil(ctx)
		if token.AccessToken() == "" {
			return nil, err
		}
		// A token that comes with an error is good: only saving it failed, which the keeper's events tell.
		c := last.Load()
		if c == nil || c.from != token {
			c = convert(token)
			last.Store(c)
		}
		out := *c.to
		out.Expiry = time.Now().Add(margin)
		if !expiry.IsZero() && expiry.Before(out.Expiry) {
			out.Expiry = expiry
		}
		return &out, nil
	})
}

type tokenFunc func() (*oauth2.Token, error)

func (f tokenFunc) Token() (*oauth2.Token, error) { return f() }

// converted is a token in x/oauth2's form, but for Expiry. It never changes.
type converted struct {
	from freshet.Token
	to   *oauth2.Token
}

func convert(token freshet.Token) *converted {
	extra := map[string]any{}
	// A document that package freshet has read is JSON, with a byte order mark at most.
	_ = json.Unmarshal(bytes.TrimPrefix(token.Bytes(), []byte("\xef\xbb\xbf")), &extra)
	delete(extra, "refresh_token")
	plain := oauth2.Token{AccessToken: token.AccessToken(), TokenType: token.Type()}
	return &converted{token, plain.WithExtra(extra)}
}
