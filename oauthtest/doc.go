// Package oauthtest is an OAuth 2.0 authorization server for tests. It listens on the loopback
// interface and issues worthless tokens. It can deny access, rotate refresh tokens, detect their
// reuse, leave out the expiry, lose a reply or send it slowly, so that a test shows what your program
// does then.
//
// Three lines make a server and a saved token:
//
//	s := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
//	defer s.Close()
//	os.WriteFile("t.json", s.Document(), 0o600)
//
// Your program refreshes t.json at [Server.TokenEndpoint] as the client [Server.ClientID]. Then the
// test asks the server: [Server.ValidRefresh] and [Server.ValidAccess] for the tokens that the program
// has saved, [Server.Stats] for the requests that it made. With [Config.RequireSecret] the client has
// the secret [Server.ClientSecret]. In a test of freshet, a Registration has any SecretFrom, and
// Refresher.Secrets returns that secret.
//
// # Logging in
//
// [Server.AuthorizationEndpoint] shows a page on which the user, user@example.com, allows or denies.
// For tests with a browser, its buttons have the ids allow and deny. With [Config.Consent] the server
// decides by itself and redirects at once. It redirects to any address on this machine or with https.
// For urn:ietf:wg:oauth:2.0:oob it shows the code on a page. [Config.RedirectURIs] restricts this. The
// server supports PKCE, state, nonce, resource, and the response modes query and form_post.
//
// A code expires after a minute, and can be exchanged once. A code that is presented again ends the
// grant that it began. The granted scope is the requested one. With the scope openid the reply has an
// id_token.
//
// A device gets a user code at [Server.DeviceEndpoint]. It polls the token endpoint until the user
// enters the code on the page, or the test calls [Server.ApproveDevice] or [Server.DenyDevice].
//
// A client with a secret gets a token of its own with the grant type client_credentials (RFC 6749 §4.4).
// It has no refresh token, and no user whom the userinfo endpoint could describe. A client that signs
// with one of [Config.ClientKeys], or with its secret, authenticates by a JWT (RFC 7523 §2.2), and gets a
// token by one (§2.1). The server checks the signature, the issuer, the audience, the times, and that the
// jti was not used before.
//
// # Rotation and reuse
//
// Every login and every [Server.Document] starts a grant, which has one current refresh token. With
// [Config.Rotate] a refresh spends that token and returns the next. A spent token that is presented
// again is a reuse: the server revokes the grant and its access tokens, as a provider does that
// suspects a theft. With [Config.Grace] the token spent last is accepted for a while longer, and the
// reply has the same current token. Without Rotate the reply has no refresh_token, and the client must
// keep the saved one. With [Config.RefreshTTL] a refresh token expires.
//
// The server recognizes every token that it has issued, but stores none: a token contains its
// encrypted identity. So the memory of a simulation with millions of refreshes does not grow.
//
// The server acts before it replies. A client that gives up during [Config.Latency], or loses the
// reply to a "lost" fault, has spent its refresh token or code without getting the next token.
//
// # Providers
//
// [Config.Provider] selects the behavior of a provider: the form of its replies, its rotation and
// grace, how clients authenticate, and how long tokens live. The other members of the Config are
// applied on top: a duration replaces that of the provider, and a switch can only be turned on.
// [Providers] returns all names. The directory profiles has a file for each, with samples of its
// replies.
//
// [Generic] implements RFC 6749 with expires_in, RFC 9207, RFC 8628, RFC 7662, RFC 7009 and OpenID
// Connect Core, with the response type "code id_token".
//
// [Salesforce] sends replies like Salesforce's token endpoint: instance_url, id, a valid signature,
// issued_at as a string of milliseconds, no expires_in, and Salesforce's error texts. While a refresh
// is in flight, it refuses another one with the same refresh token, which does not count as a reuse.
// A device gets its code at the token endpoint, with response_type=device_code and grant_type=device.
// The revocation endpoint accepts GET, and refuses a token that it does not know. The id of a token
// response is a URL that describes the user. The sixth login ends the oldest ([Config.MaxGrants]).
//
// The others imitate the token endpoint of that provider, at its path. Everything else is as with
// Generic. This is what their refreshes do, and what is special about their replies:
//
//	atlassian       rotates; 10 minutes' grace, after which a reuse ends the grant; 403 for an invalid token
//	auth0           no refresh_token; with Rotate the next, whose reuse ends the grant; 403 for an invalid token
//	box             rotates
//	dropbox         no refresh_token
//	facebook        fb_exchange_token gets an access token for another 60 days, by GET or POST; an error is an object
//	github          rotates and ends the previous access token; forms, unless the client accepts JSON;
//	                status 200 for errors
//	google          no refresh_token
//	hubspot         the same refresh_token; secret in the body only; errors as RFC 6749 and as HubSpot
//	linkedin        the same refresh_token; refresh_token_expires_in counts down from the login
//	microsoft       another refresh_token, and the previous one stays valid; any tenant; AADSTS numbers in errors
//	okta            the same refresh_token; with Rotate the next, with 30 seconds' grace, whose reuse ends the grant
//	quickbooks      the same refresh_token for a day, then the next, with a day's grace; x_refresh_token_expires_in;
//	                HTTP Basic only; realmId in the redirect
//	shopify         rotates; the previous token is valid until the next is used, for at most 30 days
//	slack           rotates; ok in every reply; a user's token is in authed_user; status 200 for errors
//	stripe          rotates; no expires_in; the secret is the user name of HTTP Basic; errors repeat the refresh token
//	stripe-connect  the same refresh_token; access tokens do not expire; otherwise as stripe
//	x               rotates; secret by HTTP Basic only; invalid_request for an invalid token
//	xero            rotates, with 30 minutes' grace; errors without a description
//	zoho            no refresh_token; api_domain; reads parameters in the URL too; status 200 for errors
//	zoom            rotates; HTTP Basic only; errors with a reason
//
// A login gets a refresh token if it asks as the provider requires: with the scope offline_access
// (Atlassian, Auth0, Microsoft, Okta, Xero) or offline.access (X), with access_type=offline (Google,
// Zoho) or token_access_type=offline (Dropbox) in the authorization request, or with expiring=1 in
// the token request (Shopify). A login without a scope gets the provider's usual scopes.
//
// Most of them require a client secret. Auth0, Dropbox, Microsoft, Okta, X and Xero require it only
// with [Config.RequireSecret]. Slack and Zoom do not require it for a login with PKCE, and GitHub does
// not for a device.
//
// With [Config.NoRefreshToken], GitHub's app is an OAuth App, Slack's app is one without token
// rotation, and Shopify's tokens are the old kind: they do not expire. With [Config.UserToken], or for
// a login with user_scope and no scope, Slack issues a user's token instead of a bot's.
//
// To imitate another provider, use Generic with other replies: [Config.ExpiryMember] sends the expiry
// as a time, [Config.Members] renames and nests members, and [Config.JSONOnly] refuses forms.
//
// Every server describes itself at /.well-known/openid-configuration. It answers GET /testserver/stats
// with [Stats] as JSON, for a test that runs in another process. Generic, Salesforce, Atlassian, Auth0,
// GitHub and Shopify also accept the parameters of a token request as a JSON object.
//
// # The API
//
// Every server has a small part of Salesforce's REST API. It accepts an access token until that
// expires ([Config.TTL]), is revoked ([Server.Revoke]) or is replaced ([Config.OneAccessToken]).
// Salesforce refuses other tokens with INVALID_SESSION_ID, Slack with status 200, Facebook with 400.
// [Stats] counts both. For Shopify the token is in X-Shopify-Access-Token. Zoho accepts its own scheme
// too.
//
//	GET  /services/data/                          the API versions
//	GET  /services/data/v67.0/query?q=SOQL        the same three records for any query
//	POST /services/data/v67.0/sobjects/OBJECT/    201 for a complete JSON object, which is not stored
//
// # Faults
//
// A [Fault] replaces or changes the reply to one POST to the token endpoint, or to several. Queued
// faults are used in order, one for each request. Some stop the server from acting: it spends no
// token, and does not look at the client, the code or the token.
//
//	429          too many requests, Retry-After: 1
//	500          an HTML error page
//	503          an HTML maintenance page, Retry-After: 1
//	huge         status 200 and 2 MiB of spaces
//	redirect     307 to a path of this server that counts its requests
//	error200     invalid_grant with status 200
//	unknown      unknown_error, "retry your request"
//	grant=TEXT   invalid_grant with the description TEXT
//
// Others let it act and change the reply, a success or an error:
//
//	lost         the connection closes without a byte
//	reset        the connection is reset without a byte
//	slow         the reply arrives at one byte a second
//	truncated    the connection closes after half of the body
//	content-type JSON with the type text/html
//	form         form-encoded instead of JSON
//
// More let it act and change the members of a success:
//
//	no-token       no access_token
//	bad-member     access_token is a number
//	control        access_token contains a line feed
//	envelope       {"status":0,"body":{…}} with all members in body, as Withings replies
//	string-expiry  expires_in is a JSON string
//	null-refresh   refresh_token is null; the grant does not rotate
//	empty-refresh  refresh_token is ""; the grant does not rotate
//	same-refresh   refresh_token is the one presented; the grant does not rotate
//	add-refresh    client credentials get a refresh_token, too
//	nonce-wrong    the nonce of the id_token is another one
//
// The rest have their own queue, and change a redirect of the authorization endpoint:
//
//	state-wrong           state is another one
//	state-missing         no state
//	iss-wrong             iss is another server
//	iss-missing           no iss
//	code-missing          neither a code nor an error
//	authorize-error=TEXT  the error TEXT instead of a code
package oauthtest
