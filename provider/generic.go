package provider

import (
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Generic is any OAuth 2.0 server: the RFCs and nothing else.
var Generic = Provider{
	Name:  "generic",
	Title: "the provider",
	// A guess: too short costs a refresh, too long a request that is refused.
	AssumedLifetime: time.Hour,
	ClientIDHint:    "it was given out when the application was registered with the provider",
	Refusals: []Refusal{
		{
			Code: "invalid_grant", Kind: oauth.LoginRequired,
			Cause:  "the refresh token was refused: it expired, was revoked, was already used, or belongs to another client",
			Remedy: "log in again; if another program shares this grant, let only one of them refresh it",
		},
		{
			Code: "invalid_grant", Kind: oauth.LoginRequired, Login: true,
			Cause:  "the provider did not accept the login's code: it was used already, has expired, or belongs to another client or redirect address",
			Remedy: "log in again; if it happens at once, check the client id and the redirect address",
		},
		{
			Code: "access_denied", Kind: oauth.LoginRequired,
			Cause:  "consent was denied",
			Remedy: "log in again and allow the access",
		},
		{
			Code: "expired_token", Kind: oauth.LoginRequired,
			Cause:  "the code was not confirmed in time",
			Remedy: "log in again and confirm the code at once",
		},
		{
			Code: "authorization_pending", Kind: oauth.Temporary,
			Cause:  "the code has not been confirmed yet",
			Remedy: "confirm it in a browser",
		},
		{
			Code: "slow_down", Kind: oauth.Temporary,
			Cause:  "the provider wants to be asked less often",
			Remedy: "wait",
		},
		{
			Code: "invalid_client", Kind: oauth.Misconfigured,
			Cause:  "the server does not accept the client id or the client secret",
			Remedy: "check both; if the server wants the secret in the Authorization header, set Client.Auth to basic, if in the body set Client.Auth to body",
		},
		{
			Code: "unauthorized_client", Kind: oauth.Misconfigured,
			Cause:  "this client may not use refresh tokens",
			Remedy: "allow the refresh grant in the application's registration, or use the client id that the token was issued to",
		},
		{
			Code: "unsupported_grant_type", Kind: oauth.Misconfigured,
			Cause:  "the token endpoint does not know the refresh grant",
			Remedy: "check the token endpoint's address",
		},
		{
			Code: "invalid_scope", Kind: oauth.Misconfigured,
			Cause:  "the scope that was granted is no longer allowed",
			Remedy: "allow it in the application's registration, or log in again with fewer scopes",
		},
		{
			Code: "invalid_request", Kind: oauth.Misconfigured,
			Cause:  "the server did not understand the request",
			Remedy: "check the token endpoint's address and how the client authenticates (Client.Auth)",
		},
		{
			Code: "unsupported_token_type", Kind: oauth.Misconfigured,
			Cause:  "the provider does not revoke tokens of this kind",
			Remedy: "end the grant in the provider's own settings",
		},
		{
			Status: 429, Kind: oauth.Temporary,
			Cause:  "the provider wants fewer requests",
			Remedy: "try again later",
		},
		{
			Status: 503, Kind: oauth.Temporary,
			Cause:  "the provider is not available now",
			Remedy: "try again later",
		},
		{
			Status: 404, Kind: oauth.Misconfigured,
			Cause:  "there is no token endpoint at this address",
			Remedy: "check the token endpoint's address",
		},
	},
}
