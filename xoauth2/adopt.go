package xoauth2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/oauth2"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// Adopt creates the connection of that name from a configuration and a saved token, and returns its [TokenSource]. A program calls
// it at every start: if the store has the connection, its token is newer than the saved one, and stays. With a nil token there is
// nothing to create: the connection exists, or is made by a login later.
//
// Client, endpoints and scopes are taken over, at every start. A client secret is not saved, but comes from [Secrets]. The store
// must be one that keeps registrations: a filestore.Store needs a StateDir, and a name that is not a path.
//
// [oauth2.AuthStyleAutoDetect], the zero value, cannot be taken over: x/oauth2 tries HTTP Basic, and after a refusal the body, and
// with the second try it presents a refresh token that may be spent. Freshet asks once: in the body if there is a secret, which
// nearly all servers accept, as a public client if there is none. For a server that wants HTTP Basic (it answers invalid_client,
// which spends no token) set [oauth2.AuthStyleInHeader].
//
// The extra members of a token cannot be listed. Those that freshet knows of are asked for; the others are there again after the
// first refresh, if the provider sends them. An [oauth2.HTTPClient] in ctx is not used: set [freshet.Refresher.HTTP].
//
// For a login that is made later see [Add]. Errors are those of [freshet.Keeper.Create] and [freshet.Keeper.Configure].
func Adopt(
	ctx context.Context, keeper *freshet.Keeper, name string, config *oauth2.Config, token *oauth2.Token,
) (oauth2.TokenSource, error) {
	err := freshet.ErrExists
	if token != nil {
		response, encodeErr := encode(name, token)
		if encodeErr != nil {
			return nil, encodeErr
		}
		err = keeper.Create(ctx, name, registration(config), response)
	}
	if errors.Is(err, freshet.ErrExists) {
		err = keeper.Configure(ctx, name, registration(config))
	}
	if err != nil && (token != nil || !errors.Is(err, freshet.ErrNotFound)) {
		return nil, err
	}
	return TokenSource(ctx, keeper.Source(name)), nil
}

// Add gives the connection of that name the token of a login that was just made with [oauth2.Config.Exchange], and creates it if there
// is none. It overwrites, as [freshet.Keeper.Add] does, whose errors it returns: a token that was saved is for [Adopt].
func Add(ctx context.Context, keeper *freshet.Keeper, name string, config *oauth2.Config, token *oauth2.Token) error {
	if token == nil {
		return fmt.Errorf("%s: there is no token to add", name)
	}
	response, err := encode(name, token)
	if err != nil {
		return err
	}
	return keeper.Add(ctx, name, registration(config), response)
}

func encode(name string, token *oauth2.Token) ([]byte, error) {
	if !utf8.ValidString(token.AccessToken) || !utf8.ValidString(token.RefreshToken) {
		return nil, fmt.Errorf("encoding the token of %s: it is not UTF-8", name) // JSON would have something else in its place
	}
	response, err := json.Marshal(document(token))
	if err != nil {
		return nil, fmt.Errorf("encoding the token of %s: %w", name, err)
	}
	return response, nil
}

// document is the token as x/oauth2 itself writes it, with the extra members that say where it is from and where it is of use.
func document(token *oauth2.Token) map[string]any {
	out := map[string]any{"token_type": token.Type()}
	for _, name := range []string{"scope", "id_token", "id", "instance_url", "issued_at"} {
		if value := token.Extra(name); value != nil && value != "" {
			out[name] = value
		}
	}
	if token.AccessToken != "" {
		out["access_token"] = token.AccessToken
	}
	if token.RefreshToken != "" {
		out["refresh_token"] = token.RefreshToken
	}
	switch {
	case !token.Expiry.IsZero():
		out["expiry"] = token.Expiry.Format(time.RFC3339Nano)
	case token.ExpiresIn > 0:
		out["expires_in"] = token.ExpiresIn // from now, at the latest
	}
	return out
}

func registration(config *oauth2.Config) freshet.Registration {
	r := freshet.Registration{
		Client: oauth.Client{ID: config.ClientID, Auth: authStyle(config)},
		Endpoints: oauth.Endpoints{
			Authorization: config.Endpoint.AuthURL,
			Token:         config.Endpoint.TokenURL,
			Device:        config.Endpoint.DeviceAuthURL,
		},
		Scopes: slices.Clone(config.Scopes),
	}
	if config.ClientSecret != "" {
		r.SecretFrom = secretScheme + config.ClientID
	}
	return r
}

func authStyle(config *oauth2.Config) oauth.AuthStyle {
	switch {
	case config.Endpoint.AuthStyle == oauth2.AuthStyleInHeader:
		return oauth.AuthBasic
	case config.ClientSecret == "":
		return oauth.AuthNone
	default:
		return oauth.AuthBody
	}
}

// secretScheme begins a [freshet.Registration.SecretFrom] that means a configuration of the program.
const secretScheme = "oauth2.Config:"

// Secrets is a [freshet.Refresher.Secrets] that knows the client secrets of the configurations.
func Secrets(configs ...*oauth2.Config) func(ctx context.Context, from string) (oauth.Secret, error) {
	return func(_ context.Context, from string) (oauth.Secret, error) {
		if id, ok := strings.CutPrefix(from, secretScheme); ok {
			for _, config := range configs {
				if config.ClientID == id {
					return oauth.Secret(config.ClientSecret), nil
				}
			}
		}
		return "", &freshet.Problem{
			Kind:   oauth.Misconfigured,
			What:   "no configuration of this program has the client secret " + from,
			Remedy: "give xoauth2.Secrets the oauth2.Config that the connection was adopted with",
		}
	}
}
