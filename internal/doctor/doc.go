// Package doctor finds out why a connection does not work, or soon will not: it looks at everything that can be looked at without
// spending the refresh token, and explains the last failure.
//
// It changes nothing, takes no lock, and sends neither a token nor a client secret anywhere. What it cannot know it says with how
// sure it is.
package doctor
