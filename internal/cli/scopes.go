package cli

import (
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
)

// refreshScopes are names of the scope that a refresh token requires. Many servers do not list it among
// the granted ones.
var refreshScopes = []string{"offline_access", "offline", "refresh_token"}

// missingScopes returns the requested scopes that the provider did not grant. A response without a scope
// means that all were granted (RFC 6749 §5.1).
func missingScopes(c freshet.Connection) []string {
	granted := strings.FieldsFunc(c.Token.Member("scope"), func(r rune) bool { return r == ' ' || r == ',' })
	missing := []string{}
	if len(granted) == 0 {
		return missing
	}
	for _, scope := range c.Scopes {
		if !isGranted(scope, granted) && !showsScope(c, scope) {
			missing = append(missing, scope)
		}
	}
	return missing
}

// showsScope reports whether the response has what the scope is for.
func showsScope(c freshet.Connection, scope string) bool {
	switch {
	case scope == "openid":
		return c.Token.Member("id_token") != ""
	case slices.Contains(refreshScopes, scope), scope == c.ProviderInfo().Login.RefreshScope:
		return c.Token.RefreshToken() != ""
	default:
		return strings.HasSuffix(scope, "/.default") // Microsoft: what the application registered
	}
}

// isGranted reports whether the granted scopes include the scope: under its own name, under a URL that
// ends in it or that it ends, or under the name of a wider one ("user" for "user:email", "write_orders"
// for "read_orders").
func isGranted(scope string, granted []string) bool {
	wider, _, _ := strings.Cut(scope, ":")
	if rest, ok := strings.CutPrefix(scope, "read_"); ok {
		wider = "write_" + rest
	}
	return slices.ContainsFunc(granted, func(g string) bool {
		return g == scope || g == wider || shortScope(g) == shortScope(scope)
	})
}

// shortScope returns the last part of a scope that is a URL, and the claim of one of Google's.
func shortScope(scope string) string {
	return strings.TrimPrefix(scope[strings.LastIndex(scope, "/")+1:], "userinfo.")
}

// warnOfScopes says which scopes the login did not get.
func (l *loginRun) warnOfScopes(c freshet.Connection) {
	missing := missingScopes(c)
	if len(missing) == 0 {
		return
	}
	l.printWarning(l.name+": the provider did not grant "+strings.Join(missing, ", "),
		l.remedyFor(l.name, "allow them in the application's registration, then {login again}; "+
			"or do without them"))
}
