// Package login gets the first token of a connection: a person allows access in a browser, once.
// From then on package freshet refreshes the token. There are three ways.
//
// # A web application's own callback
//
// [Begin] returns an [Attempt] with the address to send the person to. Keep it in the person's
// session. [Exchange] checks the answer, exchanges the code and saves the connection before it
// returns:
//
//	attempt, err := login.Begin(registration, login.Options{RedirectURI: "https://app.example.com/callback"})
//	// … save attempt in the session as JSON, and redirect to attempt.URL; then, in the callback's handler:
//	answer, err := login.Exchange(r.Context(), keeper, "acme", registration, attempt, r.URL.Query())
//
// An answer by form_post is in r.PostForm. Remove the attempt from the session first: each is for
// one answer.
//
// # A browser on this machine
//
// A [Loopback] listens for the browser (RFC 8252 §7.3) and shows the person a page with the result:
//
//	listener, err := login.Loopback{}.Listen(ctx)
//	attempt, err := login.Begin(registration, login.Options{RedirectURI: listener.RedirectURI()})
//	go login.OpenBrowser(ctx, attempt.URL, os.Getenv("FRESHET_BROWSER"))
//	err = listener.Wait(ctx, attempt, func(callback url.Values) error {
//		_, err := login.Exchange(ctx, refresher, "acme", registration, attempt, callback)
//		return err
//	})
//
// # A browser on another device
//
// If this machine has no browser ([HasDisplay]), the person types a short code on another (RFC
// 8628):
//
//	answer, err := login.Device(ctx, refresher, "acme", registration, func(d login.DeviceAttempt) {
//		fmt.Printf("open %s and enter %s\n", d.VerificationURI, d.UserCode)
//	})
//
// # What is checked
//
// Every answer must have the state of its attempt, and the right issuer if it names one (RFC 9207).
// PKCE (RFC 7636) binds the code to the attempt, a nonce binds the id_token. An answer with another
// state matches [ErrForeign]. Any web page can send one, so it does not end the login.
//
// The exchange itself is [freshet.Refresher.Login]: the reply is journaled like that of a refresh.
// Errors are of type [*freshet.SetupError]; they quote the provider's printable text and no secret.
//
// To find the endpoints of a registration, use [oauth.Discover].
package login
