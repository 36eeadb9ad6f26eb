package oauth

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/text"
)

// Error is an error response of the authorization server (RFC 6749 §5.2), or an HTTP status without
// one. Its texts are the server's, made printable and without the secrets of the request
// ([Reply.Object]).
type Error struct {
	Host        string
	Status      int
	Code        string // "error"; "" if the reply had none
	Description string // "error_description"
	URI         string // "error_uri"
	RetryAfter  time.Duration
	Redirect    string        // the host of a redirect
	Skew        time.Duration // how far the server's clock was ahead of this machine's; 0 if not known
	page        bool          // Description is the title of a web page
}

func (e *Error) Error() string {
	result := shorten(e.Code, maxCode)
	if result == "" {
		result = strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	}
	if e.Description != "" {
		result += ": " + shorten(e.Description, maxText)
	}
	if e.Redirect != "" {
		result += fmt.Sprintf(" (a redirect to %s, not followed)", e.Redirect)
	}
	return fmt.Sprintf("%s answered %s", e.Host, result)
}

// UnusableError is the error of a reply with a success status that cannot be used.
type UnusableError struct {
	Host    string // that answered; "" if the reply did not come over HTTP
	Problem string // a clause: "the reply is not a JSON object"
}

func (e *UnusableError) Error() string {
	return fmt.Sprintf("%s answered, but %s", cmp.Or(e.Host, "the provider"), e.Problem)
}

// maxText and maxCode bound the parts of [Error.Error], in characters. The fields are not cut before
// they are redacted, so that no part of a secret stays.
const (
	maxText = 300
	maxCode = 100
)

// printable returns the printable characters of a JSON string, or "" for any other value.
func printable(v jsonobject.Value) string { return text.Printable(v.AsString()) }
