package cli

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
)

// grantKind says how long the grant of a login lasts, as JSON output names it.
type grantKind string

const (
	refreshable    grantKind = "refreshable"
	sessionBound   grantKind = "session" // refreshable until the browser session of the login ends
	notRefreshable grantKind = "not_refreshable"
	permanent      grantKind = "permanent" // the access token never expires
	ownClient      grantKind = "client_credentials"
)

// renewedBy returns the grant by which freshet can get the next access token, or "".
func renewedBy(c freshet.Connection) freshet.GrantType {
	grant, err := c.Renewal()
	if err != nil {
		return ""
	}
	return grant
}

// isOwnClient reports whether the connection's tokens are the client's own.
func isOwnClient(c freshet.Connection) bool { return renewedBy(c) == freshet.GrantClientCredentials }

func grantOf(c freshet.Connection, now time.Time) grantKind {
	switch {
	case isOwnClient(c):
		return ownClient
	case c.Token.RefreshToken() == "" && isPermanent(c) && c.Expiry(now).From == "":
		return permanent
	case c.Token.RefreshToken() == "":
		return notRefreshable
	case isSessionBound(c):
		return sessionBound
	default:
		return refreshable
	}
}

// isSessionBound reports whether the grant ends with the browser session: an OpenID Connect server
// such as Keycloak says how long the session still lasts, and 0 for a grant that outlives it (OpenID
// Connect Core §11).
func isSessionBound(c freshet.Connection) bool {
	left, err := strconv.ParseFloat(c.Token.Text("refresh_expires_in"), 64)
	scopes := strings.Fields(c.Token.Member("scope"))
	isOIDC := slices.Contains(scopes, "openid") || slices.Contains(c.Scopes, "openid") ||
		slices.ContainsFunc([]string{"id_token", "session_state", "not-before-policy"}, func(name string) bool {
			return c.Token.Text(name) != ""
		})
	return err == nil && left > 0 && isOIDC && !slices.Contains(scopes, "offline_access")
}

// describe returns what a login got, in words.
func (k grantKind) describe() string {
	switch k {
	case ownClient:
		return "renewed with the client's own credentials"
	case permanent:
		return "no refresh token, and none is needed"
	case notRefreshable:
		return "no refresh token"
	case sessionBound:
		return "refresh token saved, valid until the browser session ends"
	default:
		return "refresh token saved"
	}
}

// warnOfGrant says what to do about a grant that ends by itself.
func (l *loginRun) warnOfGrant(c freshet.Connection, now time.Time) {
	switch grantOf(c, now) {
	case notRefreshable:
		until := ""
		if e := c.Expiry(now); e.From != "" {
			until = "; it expires at " + clock(e.At, now)
		}
		l.printWarning(l.name+": the provider issued no refresh token, so the access token cannot be refreshed"+until,
			l.remedyFor(l.name, "{login again scope}: offline_access or refresh_token at most providers; "+
				"at Google {login again authorize_param.access_type=offline}; without one, log in each time it expires"))
	case sessionBound:
		until := ""
		if at, _ := c.RefreshExpiry(now); !at.IsZero() {
			until = ", at " + clock(at, now) + " if it is not used"
		}
		l.printWarning(l.name+": the refresh token ends with the browser session of this login"+until,
			l.remedyFor(l.name, "for one that outlives the session, {login again scope}, with offline_access among them"))
	}
}
