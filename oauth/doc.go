// Package oauth speaks the wire protocol of an OAuth 2.0 token endpoint, and nothing else: it sends one request, reads
// one reply and says what the reply means. It keeps no state, saves nothing and decides nothing; package freshet does.
//
// # One request
//
// [Refresh.Send] makes exactly one POST (RFC 6749 §6). It follows no redirect, is never repeated by the transport once a
// byte may have left, and tells an error before the request could reach the server ([SendError] with Sent false) from one
// whose outcome nobody knows. The distinction matters because a rotating provider answers a refresh token only once.
//
// # One reply
//
// The body comes back raw, as a [Reply], so that the caller can make it durable before anybody looks inside.
// [Reply.Object] then gives the JSON object of a success, from JSON under any content type and from the form encoding
// that some servers use, or an [*Error] (RFC 6749 §5.2), or an [*UnusableError].
//
// # Secrets
//
// A [Secret] prints as "[secret]" with every verb, in logs and in panics, and refuses to be marshalled.
package oauth
