package freshet

import (
	"strings"

	"github.com/freshet-dev/freshet/internal/idtoken"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// likelyProviders are members that only one provider's tokens have, or that begin in its way.
var likelyProviders = []struct{ member, prefix, provider string }{
	{"x_refresh_token_expires_in", "", "quickbooks"},
	{"ext_expires_in", "", "microsoft"},
	{"access_token", "ya29.", "google"},
	{"refresh_token", "1//", "google"},
	{"access_token", "gho_", "github"},
	{"access_token", "ghu_", "github"},
	{"refresh_token", "ghr_", "github"},
	{"access_token", "Atza|", "amazon"},
	{"refresh_token", "Atzr|", "amazon"},
}

// likelyProvider returns the name of the provider that probably issued the token, or "". A remedy
// names it. It decides nothing, since anyone may have written the document: the user must say it.
func (t Token) likelyProvider() string {
	for _, name := range []string{"id_token", "access_token"} {
		issuer := idtoken.Claim(t.Member(name), "iss")
		if p := provider.Recognize(func(string) string { return "" }, issuer); !p.IsGeneric() {
			return p.Name
		}
	}
	for _, likely := range likelyProviders {
		if value := t.Text(likely.member); value != "" && strings.HasPrefix(value, likely.prefix) {
			return likely.provider
		}
	}
	return ""
}

// whichServer returns the remedy for a token whose server is not known.
func (t Token) whichServer() oauth.Remedy {
	if name := t.likelyProvider(); name != "" {
		return oauth.Remedyf("{set provider=%s}: the token looks like one of that provider; or {set token_url}", name)
	}
	return "{set token_url}, if you know which server issued the token; or {set provider}, if freshet knows it"
}
