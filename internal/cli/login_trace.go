package cli

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/text"
)

// traceAddress writes the address that the browser opens to the trace, without its secrets.
func (l *loginRun) traceAddress(address string) {
	u, err := url.Parse(address)
	if l.trace == nil || err != nil {
		return
	}
	_, _ = text.Fprintf(l.trace, "> the browser opens %s://%s%s?%s\n",
		u.Scheme, u.Host, u.EscapedPath(), shownPairs(u.Query()))
}

// traceRedirect writes the parameters of the redirect to the trace, without their secrets.
func (l *loginRun) traceRedirect(callback url.Values) {
	_, _ = text.Fprintf(l.trace, "< the browser brings %s\n", shownPairs(callback))
}

// shownPairs returns the parameters. It hides each value that is not known to be harmless.
func shownPairs(values url.Values) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			shown, harmless := redact.HarmlessParameter(name, value)
			if !harmless {
				shown = "[hidden]"
			}
			pairs = append(pairs, name+"="+shown)
		}
	}
	return strings.Join(pairs, "&")
}
