// Package login gets the first token of a connection: a person allows it in a browser, once, and package freshet keeps it
// alive from then on. There are three ways.
//
// # A web application's own callback
//
// [Begin] makes the address to send the person to and an [Attempt], which waits in the person's session. [Exchange] takes
// what comes back, checks that it answers this attempt, exchanges the code and saves the connection before it returns:
//
//	attempt, err := login.Begin(registration, login.Options{RedirectURI: "https://app.example.com/callback"})
//	// … save attempt in the session as JSON, and redirect to attempt.URL; then, in the callback's handler:
//	answer, err := login.Exchange(r.Context(), refresher, "acme", registration, attempt, r.URL.Query())
//
// An answer that came as form_post is in r.PostForm. Take the attempt out of the session first: it is good for one answer.
//
// # A browser on this machine
//
// A [Loopback] listens for the browser's return (RFC 8252 §7.3) and shows the person a page that says how it went:
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
// Where there is no browser ([HasDisplay]), the person types a short code elsewhere (RFC 8628):
//
//	answer, err := login.Device(ctx, refresher, "acme", registration, func(d login.DeviceAttempt) {
//		fmt.Printf("open %s and enter %s\n", d.VerificationURI, d.UserCode)
//	})
//
// # What is checked
//
// Every answer must carry the state of its attempt, and name the issuer if it names one (RFC 9207). The code is bound to the
// attempt by PKCE (RFC 7636), an id_token by its nonce. An answer without the right state matches [ErrForeign]; it may come
// from anybody, and says nothing about the login.
//
// The exchange itself is [freshet.Refresher.Login], as careful as a refresh. Errors here are a [*freshet.Problem] with what is
// wrong and what to do; they show the provider's words as far as these are printable, and no secret.
//
// A registration whose endpoints are not known is completed with [oauth.Discover].
package login
