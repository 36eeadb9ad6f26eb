package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// indent writes the token of the target again, with each member on a line of its own. The values stay as
// they are spelled.
func (a *app) indent(ctx context.Context, target string, f *refreshFlags, result *freshet.Result) error {
	store, err := a.storeFor(target, &f.connectionFlags)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), freshet.DefaultTimeout)
	defer cancel()
	return store.Update(ctx, target, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		if !c.Token.Equal(result.Connection.Token) || c.Pending != nil {
			return &freshet.SetupError{
				Name: target, Kind: oauth.Temporary, What: "another process changed the token at the same time; it was not indented",
				Remedy: "run the same command again",
			}
		}
		indented, err := indented(c.Token)
		if err != nil || indented.Equal(c.Token) {
			return err
		}
		c.Token = indented
		return save(c)
	})
}

// indented returns the token with each member on a line of its own.
func indented(t freshet.Token) (freshet.Token, error) {
	document, hasMark := bytes.CutPrefix(t.Bytes(), []byte("\ufeff"))
	var out bytes.Buffer
	if hasMark {
		out.WriteString("\ufeff")
	}
	if err := json.Indent(&out, document, "", "  "); err != nil {
		return t, errors.New("the token is not JSON")
	}
	return freshet.ParseToken(out.Bytes())
}
