package doctor

import (
	"net/url"
	"time"

	"github.com/freshet-dev/freshet/internal/endpoints"
)

// certainty returns how certain a value of the provider's refresh_token is: [Possible] if no official
// page states it.
func (s *subject) certainty(member string) Certainty {
	if s.provider.Unofficial["refresh_token."+member] != "" {
		return Possible
	}
	return Likely
}

// idleLimit returns after how long an unused refresh token expires, and the source of the limit.
func (s *subject) idleLimit() (limit time.Duration, source string, certainty Certainty) {
	if s.Policy.IdleLimit > 0 {
		return s.Policy.IdleLimit, "as the connection says", Likely
	}
	return time.Duration(s.provider.RefreshToken.Idle), "usual at " + s.provider.Title, s.certainty("idle")
}

// isProviderHost reports whether the token endpoint is on the provider's own host. A test server is not.
func (s *subject) isProviderHost() bool {
	u, err := url.Parse(s.endpoint)
	return err == nil && endpoints.Owns(s.provider, u.Hostname())
}

// isPermanent reports whether the access token never expires: at some providers it does not if the
// reply has no expires_in.
func (s *subject) isPermanent() bool {
	return s.provider.AccessToken.PermanentWithoutExpiresIn && s.Expiry(s.now).From == "" &&
		s.Token.AccessToken() != "" && s.Token.RefreshToken() == ""
}
