package doctor

import (
	"cmp"
	"net/url"
	"time"

	"github.com/freshet-dev/freshet"
)

// providerFacts is what the checks need to know about a connection's provider.
type providerFacts struct {
	title        string
	idPattern    string // a regular expression that client ids match; "" if unknown
	idHint       string // where a user finds the client id
	refreshScope string // the scope without which no refresh token is issued; "" if none is needed

	idle       time.Duration // a refresh token expires after this time without use; 0 if unknown
	idleSource string        // the source of idle, such as "usual at Salesforce"
	absolute   time.Duration // a refresh token expires this long after the login; 0 if never or unknown
	limit      int           // valid refresh tokens per account and client; 0 if unknown

	idleCertainty, absoluteCertainty, limitCertainty Certainty

	identity    string // the token's member with a URL on the host that issued it; "" if none
	ownEndpoint bool   // the provider's definition has the connection's token endpoint
	issuer      string // the issuer whose metadata names the token endpoint; "" if none
}

func factsOf(c freshet.Connection, endpoint string) providerFacts {
	provider := c.Vendor()
	f := providerFacts{
		title: provider.Title, idHint: provider.ClientIDHint(), refreshScope: provider.Login.RefreshScope,
		idle:       cmp.Or(c.Policy.IdleLimit, time.Duration(provider.RefreshToken.Idle)),
		idleSource: "usual at " + provider.Title,
		absolute:   time.Duration(provider.RefreshToken.Absolute), limit: provider.RefreshToken.Limit,
		issuer: c.Addresses().Issuer,
	}
	certainty := func(member string) Certainty {
		if provider.Unofficial["refresh_token."+member] != "" {
			return Possible
		}
		return Likely
	}
	f.idleCertainty = certainty("idle")
	f.absoluteCertainty = certainty("absolute")
	f.limitCertainty = certainty("limit")
	if c.Policy.IdleLimit > 0 {
		f.idleSource, f.idleCertainty = "as the connection says", Likely
	}
	if provider.Identity != nil {
		f.identity = provider.Identity.Member
	}
	if u, err := url.Parse(endpoint); err == nil && provider.Owns(u.Hostname()) {
		f.idPattern = provider.Client.IDPattern // a test server has other client ids
		f.ownEndpoint = provider.StatedEndpoint(endpoint, nil) == endpoint
	}
	return f
}

// isPermanent reports whether the access token never expires: at some providers it does not if the
// reply has no expires_in.
func (s *subject) isPermanent() bool {
	return s.Vendor().AccessToken.PermanentWithoutExpiresIn && s.Expiry(s.now).From == "" &&
		s.Token.AccessToken() != "" && s.Token.RefreshToken() == ""
}
