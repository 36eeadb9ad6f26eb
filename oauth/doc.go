// Package oauth speaks the wire protocol of OAuth 2.0 authorization servers, and nothing else: it sends one request, reads
// one reply and says what the reply means. It keeps no state, saves nothing and decides nothing; package freshet does.
//
// # One request
//
// [Request.Send] makes exactly one POST to the token endpoint, or to the one for devices, revocation or introspection. What
// it presents is a form: [RefreshGrant], [CodeGrant], [DeviceGrant], or any other. It follows no redirect, is never repeated
// by the transport once a byte may have left, and tells an error before the request could reach the server ([SendError] with
// Sent false) from one whose outcome nobody knows. The distinction matters because a rotating provider answers a refresh
// token only once, and any provider a code. [Fetch] makes one GET under the same rules.
//
// # One reply
//
// The body comes back raw, as a [Reply], so that the caller can make it durable before anybody looks inside.
// [Reply.Object] then gives the JSON object of a success, from JSON under any content type and from the form encoding
// that some servers use, or an [*Error] (RFC 6749 §5.2), or an [*UnusableError]. [Reply.DeviceCode] reads the answer of
// a device authorization endpoint.
//
// # A person's consent
//
// [Authorization] is the address that a browser opens, with the [Challenge] of a [NewVerifier] in it (RFC 7636). The id_token
// that may come with the tokens is checked by [CheckIDToken]. [Discover] reads what a server publishes about itself.
//
// # The way there
//
// [HTTPConfig] makes clients for a proxy and further certificates. [Trace] writes what passes, and shows only what is known
// to be harmless.
//
// # Secrets
//
// A [Secret] prints as "[secret]" under every verb that package fmt lets a type control, in logs and in panics, and refuses to
// be marshalled. A [Request], a [Reply] and all else that may hold a secret print as little: a host, an id. The forms that the
// grants return do not: they are for a Request. No error repeats a secret of its request, in whatever encoding the server or
// a proxy sent it back.
//
// There are places where no type is asked what it shows. Package fmt prints a Secret in clear under %p, under %w outside of
// [fmt.Errorf], and, with all that it points to, a pointer inside a struct under a verb that does not fit it; go vet reports
// each of these. It also asks nothing that is in an unexported field, and encoding/json nothing that is the key of a map: keep no
// Secret there.
package oauth
