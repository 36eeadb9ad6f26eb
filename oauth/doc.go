// Package oauth implements the wire protocol of OAuth 2.0 clients: it sends one request, reads one
// reply and says what the reply means. It keeps no state and makes no decisions; package freshet
// does.
//
// # Requests
//
// [Request.Send] makes exactly one request to the token endpoint, or to the endpoint for devices,
// revocation or introspection. It sends a form: [RefreshGrant], [CodeGrant], [DeviceGrant] or any
// other. It follows no redirects, and the transport never repeats it. A [SendError] says whether
// the server may have received the request. That matters because a server that rotates accepts a
// refresh token once, and every server a code. [Fetch] makes one GET under the same rules.
//
// # Replies
//
// A [Reply] has the raw body, so that the caller can save it before it is parsed. [Reply.Object]
// returns the JSON object of a success, also for other content types and for form-encoded bodies,
// or an [*Error] (RFC 6749 §5.2) or an [*UnusableError]. [Reply.DeviceCode] parses the reply of a
// device authorization endpoint.
//
// # Logins
//
// [Authorization] is the request for a person's consent, with the [Challenge] of a [NewVerifier]
// (RFC 7636). [Discover] fetches a server's metadata (RFC 8414).
//
// # HTTP
//
// [HTTPConfig] makes HTTP clients with a proxy and additional certificates. [Trace] writes requests
// and replies, and hides every value that is not known to be harmless.
//
// # Secrets
//
// A [Secret] prints as "[secret]" with every verb for which package fmt calls its methods, in logs
// and in panics, and refuses to be marshalled. A [Request], a [Reply] and other values that may
// hold secrets print as "[hidden]". The forms of the grants do print their secrets: use them
// in a Request only. No error repeats a secret of its request, in whatever encoding the server or a
// proxy returned it.
//
// Package fmt prints a Secret in clear where it calls no methods: with %p, with %w outside of
// [fmt.Errorf], and through a pointer in a struct with a verb that does not match it; go vet
// reports these. It also does so in unexported fields, and encoding/json in the keys of a map: keep
// no Secret there.
package oauth
