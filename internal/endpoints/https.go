package endpoints

import (
	"errors"

	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
)

// HTTPSRemedy returns the remedy for an error of [urls.Parse]. If the address is http, it adds how to
// allow that.
func HTTPSRemedy(remedy oauth.Remedy, err error) oauth.Remedy {
	if plain, ok := errors.AsType[*urls.PlainHTTPError](err); ok {
		return oauth.Remedyf("%s; only for a server inside your own network, {set insecure_hosts=%s}", remedy, plain.Host)
	}
	return remedy
}
