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

// Adopt creates a connection from a configuration and a saved token, and returns its [TokenSource].
// Call it at every start: if the connection exists, the store's token is newer than the saved one
// and stays. If token is nil, Adopt creates nothing; the connection exists already, or [Add]
// creates it later.
//
// Each call saves the client, endpoints and scopes of config. The client secret is not saved; it
// comes from [Secrets]. The store must keep registrations: a filestore.Store needs a StateDir, and
// a name that is not a path.
//
// [oauth2.AuthStyleAutoDetect], the zero value, has no equivalent: x/oauth2 tries HTTP Basic and
// then the request body, and the second try may present a refresh token that the first one spent.
// Freshet sends one request: with the secret in the body, which nearly all servers accept, or as a
// public client if there is no secret. If a server requires HTTP Basic (it answers invalid_client,
// which spends no token), set [oauth2.AuthStyleInHeader].
//
// x/oauth2 cannot list the extra members of a token. Adopt copies those that freshet uses; the
// others return with the first refresh, if the provider sends them. An [oauth2.HTTPClient] in ctx
// is ignored: set [freshet.Config.HTTP].
//
// ctx bounds Adopt alone: the source works after ctx has ended. Its wait for a token is bounded by
// [freshet.DefaultTimeout], and by [freshet.Keeper.Close]. For a source with a context of its own call
// [TokenSource].
//
// Errors are those of [freshet.Keeper.Create] and [freshet.Keeper.Configure].
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
	return TokenSource(context.WithoutCancel(ctx), keeper.Source(name)), nil
}

// Add saves the token of a login that was just made with [oauth2.Config.Exchange]. It creates the
// connection if there is none, and otherwise replaces its token: for a token that was saved earlier
// use [Adopt]. Errors are those of [freshet.Keeper.Put].
func Add(ctx context.Context, keeper *freshet.Keeper, name string, config *oauth2.Config, token *oauth2.Token) error {
	if token == nil {
		return fmt.Errorf("%s: no token to add", name)
	}
	response, err := encode(name, token)
	if err != nil {
		return err
	}
	return keeper.Put(ctx, name, registration(config), response)
}

// encode returns the token as x/oauth2 encodes it, with the extra members that freshet uses.
func encode(name string, token *oauth2.Token) ([]byte, error) {
	if !utf8.ValidString(token.AccessToken) || !utf8.ValidString(token.RefreshToken) {
		// json.Marshal would replace the bytes by U+FFFD, and so change the token.
		return nil, fmt.Errorf("encoding the token of %s: not UTF-8", name)
	}
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
		out["expires_in"] = token.ExpiresIn // the token expires no later than that from now
	}
	response, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encoding the token of %s: %w", name, err)
	}
	return response, nil
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

// secretScheme precedes the client id in the [freshet.Registration.SecretFrom] of an adopted
// connection.
const secretScheme = "oauth2.Config:"

// Secrets returns a function for [freshet.Config.Secrets] that finds the client secrets of
// configs.
func Secrets(configs ...*oauth2.Config) func(ctx context.Context, from string) (oauth.Secret, error) {
	return func(_ context.Context, from string) (oauth.Secret, error) {
		if id, ok := strings.CutPrefix(from, secretScheme); ok {
			for _, config := range configs {
				if config.ClientID == id {
					return oauth.Secret(config.ClientSecret), nil
				}
			}
		}
		return "", &freshet.SetupError{
			Kind:   oauth.Misconfigured,
			What:   "no oauth2.Config given to xoauth2.Secrets has the client secret " + from,
			Remedy: "give xoauth2.Secrets the oauth2.Config that the connection was adopted with",
		}
	}
}
