package doctor

import (
	"cmp"
	"net/url"
	"time"

	"github.com/freshet-dev/freshet"
)

// facts are what the checks want to know of a connection's provider.
type facts struct {
	title        string
	idPattern    string        // a regular expression that client ids match; "" when their shape is not known
	idHint       string        // where a person finds the client id
	refreshScope string        // the scope without which no refresh token comes; "" when none is needed
	idle         time.Duration // a refresh token dies if unused for so long; 0: not known
	idleFrom     string        // who says so
	absolute     time.Duration // and so long after the login; 0: never, or not known
	limit        int           // so many refresh tokens live at once for an account and a client; 0: not known

	idleSure, absoluteSure, limitSure Certainty // how sure those are

	identity    string // the member of a token with a URL on the host that issued it; "" when there is none
	ownEndpoint bool   // the token endpoint is the one that the provider's data names
	issuer      string // the issuer whose discovery document is to name the token endpoint; "" when there is none
}

func factsOf(c freshet.Connection, endpoint string) facts {
	vendor := c.Vendor()
	f := facts{
		title: vendor.Title, idHint: vendor.ClientIDHint(), refreshScope: vendor.Login.RefreshScope,
		idle: cmp.Or(c.Policy.IdleLimit, time.Duration(vendor.RefreshToken.Idle)), idleFrom: "usual at " + vendor.Title,
		absolute: time.Duration(vendor.RefreshToken.Absolute), limit: vendor.RefreshToken.Limit, issuer: c.Addresses().Issuer,
	}
	sure := func(member string) Certainty {
		if vendor.Unofficial["refresh_token."+member] != "" {
			return Possible
		}
		return Likely
	}
	f.idleSure, f.absoluteSure, f.limitSure = sure("idle"), sure("absolute"), sure("limit")
	if c.Policy.IdleLimit > 0 {
		f.idleFrom, f.idleSure = "as the connection says", Likely
	}
	if vendor.Identity != nil {
		f.identity = vendor.Identity.Member
	}
	if u, err := url.Parse(endpoint); err == nil && vendor.Owns(u.Hostname()) {
		f.idPattern = vendor.Client.IDPattern // a test server has clients of its own
		f.ownEndpoint = vendor.StatedEndpoint(endpoint, nil) == endpoint
	}
	return f
}

// stillAnswers reports whether the provider takes a refresh token again that was presented at the given time.
func (p *patient) stillAnswers(presented time.Time) bool {
	return p.Vendor().StillAnswers(p.now.Sub(presented))
}

// permanent reports whether the access token needs no refresh, because what the vendor gives no expires_in does not expire.
func (p *patient) permanent() bool {
	return p.Vendor().AccessToken.PermanentWithoutExpiresIn && p.Token.AccessToken() != "" && p.Token.RefreshToken() == "" && p.Expiry(p.now).From == ""
}
