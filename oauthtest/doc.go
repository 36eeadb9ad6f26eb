// Package oauthtest is an OAuth 2.0 authorization server for tests. It listens on the loopback interface, issues real
// looking but worthless tokens, and misbehaves on request: use it to see what your own program does when a user denies
// access, or when a provider rotates refresh tokens, detects reuse, says nothing of expiry, loses a reply or takes too
// long to send one.
//
// Three lines give a server and a saved token to start from:
//
//	s := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
//	defer s.Close()
//	os.WriteFile("t.json", s.Document(), 0o600)
//
// Your program then refreshes t.json at [Server.TokenEndpoint] as [Server.ClientID], and the test asks what came of it:
// [Server.ValidRefresh] and [Server.ValidAccess] for the tokens it kept, [Server.Stats] for what it did to get them. A client with a
// secret ([Config.RequireSecret]) has [Server.ClientSecret]: with freshet, a Registration names any SecretFrom, and Refresher.Secrets
// returns it.
//
// # Logging in
//
// [Server.AuthorizationEndpoint] shows a page on which the user, user@example.com, allows or denies; its buttons have the
// ids allow and deny, for a test that drives a browser. With [Config.Consent] the server decides by itself and redirects at
// once. Answers go to any address on this machine or with https, and to urn:ietf:wg:oauth:2.0:oob, which shows the code;
// [Config.RedirectURIs] narrows that. PKCE, state, nonce, resource and the response modes query and form_post are served.
//
// A code lives a minute, and is exchanged once: a code that comes back ends the grant that it began. The scope is the one
// asked for, and openid in it brings an id_token.
//
// A device asks at [Server.DeviceEndpoint] for a user code, and polls the token endpoint until somebody enters that code
// on the page, or the test calls [Server.ApproveDevice] or [Server.DenyDevice].
//
// # Rotation and reuse
//
// Every login, and every [Server.Document], starts a grant, which has one current refresh token. With [Config.Rotate] each
// refresh spends that token and returns the next. A spent token that comes back is a reuse: the grant and its access
// tokens are revoked, as a provider does that suspects a thief. [Config.Grace] lets the token spent last be used a little
// longer, and answers with the same current token. Without Rotate the reply has no refresh_token, and the saved one must be
// kept. [Config.RefreshTTL] ends a refresh token by its age.
//
// The server recognises every token that it ever issued, however many refreshes ago, and remembers none: a token says
// itself, enciphered, which one it is. So a simulation may refresh as often as it likes, through [Server.Transport]
// without a network.
//
// The server acts first and replies later. A client that gives up during [Config.Latency], or never sees the reply of a
// "lost" fault, has lost a refresh token or a code that the server regards as used.
//
// # Providers
//
// A provider has habits of its own: what its replies look like, whether it rotates and how long it answers a spent token, how
// clients authenticate, how long tokens live. [Config.Provider] brings them, and the rest of the Config comes on top: a duration
// in it is the one that counts, and a switch in it is on whatever the provider does. [Providers] has all names.
//
// [Generic] answers as RFC 6749 §5 says, with expires_in; as RFC 9207, 8628, 7662 and 7009 say; and as OpenID Connect Core
// says, whose response type "code id_token" it serves too.
//
// [Salesforce] answers in the shape of Salesforce's token endpoint: instance_url, id, a signature that verifies, issued_at
// in milliseconds as a string, no expires_in, and its error texts. It refuses a refresh token that is being refreshed
// already, without calling that a reuse. Its devices ask at the token endpoint, with response_type=device_code and
// grant_type=device; its revocation endpoint takes GET and refuses a token that it does not know; and the id of a token
// response is a URL that tells whose it is.
//
// The others answer as that vendor's token endpoint does, at its path; what they lack is as with Generic. What a refresh does
// there, and what is special about the replies:
//
//	atlassian       rotates; the tokens before live 10 minutes longer, and a later reuse ends the grant; 403 for a dead token
//	auth0           no refresh_token, or with Rotate the next, whose reuse ends the grant; 403 for a dead token
//	box             rotates
//	dropbox         no refresh_token
//	facebook        fb_exchange_token brings an access token for another 60 days, by GET or POST; an error is an object
//	github          rotates, and ends the access token before; forms, unless the client accepts JSON; status 200 for errors
//	google          no refresh_token
//	hubspot         the same refresh_token; the secret in the body only; errors in the RFC's members and in HubSpot's own
//	linkedin        the same refresh_token, whose refresh_token_expires_in counts down from the login
//	microsoft       another refresh_token, which does not end the one before; any tenant; AADSTS numbers in errors
//	okta            the same refresh_token, or with Rotate the next, with 30 seconds' grace, whose reuse ends the grant
//	quickbooks      the same refresh_token for a day, then the next with a day's grace; x_refresh_token_expires_in; HTTP Basic only;
//	                realmId in the redirect
//	shopify         rotates; the one before is answered until its replacement is used, for 30 days at most
//	slack           rotates; ok in every reply; a user's token in authed_user; status 200 for errors
//	stripe          rotates; no expires_in; the secret is the user name of HTTP Basic; errors repeat the refresh token
//	stripe-connect  the same refresh_token; access tokens do not expire; otherwise as stripe
//	x               rotates; a secret by HTTP Basic only; invalid_request for a dead token
//	xero            rotates, with 30 minutes' grace; errors without a description
//	zoho            no refresh_token; api_domain; parameters in the address too; status 200 for errors
//	zoom            rotates; HTTP Basic only; errors with a reason
//
// A login gets a refresh token there if it asks in the vendor's way: for the scope offline_access (Atlassian, Auth0, Microsoft,
// Okta, Xero) or offline.access (X), with access_type=offline (Google, Zoho) or token_access_type=offline (Dropbox) in the
// authorization request, with expiring=1 beside the code (Shopify). To one that names no scope the vendor's usual ones are granted.
//
// Most of them want a client's secret. Auth0, Dropbox, Microsoft, Okta, X and Xero do not, unless [Config.RequireSecret] is set;
// Slack and Zoom not from a login with PKCE, nor GitHub from a device.
//
// [Config.NoRefreshToken] makes GitHub's app an OAuth App, Slack's one without token rotation, and Shopify's tokens those of old:
// they do not expire. [Config.UserToken], or a login with user_scope and no scope, gets a user's token of Slack, not a bot's.
//
// For a vendor that is not among them there is Generic with another shape: [Config.ExpiryMember] tells the expiry as a time,
// [Config.Members] renames and nests members, [Config.JSONOnly] refuses forms.
//
// Every server describes itself at /.well-known/openid-configuration, and answers GET /testserver/stats with [Stats] as JSON,
// for a test that runs in another process. Generic, Salesforce, Atlassian, Auth0, GitHub and Shopify take the parameters of a
// token request as a JSON object too.
//
// # The API
//
// Every server has a little of Salesforce's REST API for access tokens until they expire ([Config.TTL]), are revoked
// ([Server.Revoke]) or replaced ([Config.OneAccessToken]). Salesforce refuses any other with its INVALID_SESSION_ID, Slack with
// status 200, Facebook with 400, and [Stats] counts both. Shopify wants the token in X-Shopify-Access-Token; Zoho's scheme will do
// for Zoho.
//
//	GET  /services/data/                          the API versions
//	GET  /services/data/v67.0/query?q=SOQL        invented records of plain fields: 3, or as many as LIMIT says
//	GET  /services/data/v67.0/query/LOCATOR       the next 2,000 of them, where nextRecordsUrl leads
//	POST /services/data/v67.0/sobjects/OBJECT/    201 for a JSON object that arrives whole, and nothing is kept
//
// # Faults
//
// A [Fault] replaces or spoils the reply to one POST to the token endpoint, or to several. Queued faults are used in
// order, one for each request. Some stop the server from acting: no token is spent, and neither the client nor its
// code or token is even looked at.
//
//	429          too many requests, Retry-After: 1
//	500          an HTML error page
//	503          an HTML maintenance page, Retry-After: 1
//	huge         status 200 and 2 MiB of spaces
//	redirect     307 to a path of this server that counts who follows
//	error200     invalid_grant with status 200
//	unknown      unknown_error, "retry your request"
//	grant=TEXT   invalid_grant with the description TEXT
//
// Others let it act, and spoil the reply, whether a success or a refusal:
//
//	lost         the connection closes without a byte
//	reset        the connection is reset without a byte
//	slow         the reply comes one byte a second
//	truncated    the connection closes after half the body
//	content-type JSON that calls itself text/html
//	form         form-encoded instead of JSON
//
// More let it act and change the members of a success:
//
//	no-token       no access_token
//	bad-member     access_token is a number
//	control        access_token contains a line feed
//	string-expiry  expires_in is a JSON string
//	null-refresh   refresh_token is null; the grant does not rotate
//	empty-refresh  refresh_token is ""; the grant does not rotate
//	same-refresh   refresh_token is the one presented; the grant does not rotate
//	nonce-wrong    the nonce of the id_token is another
//
// The rest have a queue of their own, and spoil a redirect of the authorization endpoint:
//
//	state-wrong           state is another
//	state-missing         no state
//	iss-wrong             iss is another server
//	iss-missing           no iss
//	code-missing          neither a code nor an error
//	authorize-error=TEXT  the error TEXT instead of a code
package oauthtest
