package text

import (
	"net/url"
	"strings"
)

// Host returns the host of a URL in lower case, with the port if it has one, or "" if there is
// none.
func Host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
