package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// ProviderFacts is what a provider's file says of one thing, for people.
type ProviderFacts struct {
	Heading string
	Facts   []ProviderFact
}

// ProviderFact is a value, or several that belong together.
type ProviderFact struct {
	Label, Value string
	// Doubts say of what is from no official page where it is from: all of the value, or the member that is named first.
	Doubts []string
}

// DescribeProvider puts all that a provider's file says into words, but for its errors, for which there is [ProviderErrors].
func DescribeProvider(p *provider.Provider) []ProviderFacts {
	f := &facts{p: p}
	f.addresses()
	f.client()
	f.login()
	f.refresh()
	f.tokens()
	f.replies()
	f.begin("notes")
	for i, note := range p.Notes {
		f.say(fmt.Sprintf("notes.%d", i), "", note)
	}
	f.begin("documentation")
	for i, page := range p.Documentation {
		f.say(fmt.Sprintf("documentation.%d", i), "", page)
	}
	return slices.DeleteFunc(f.all, func(g ProviderFacts) bool { return len(g.Facts) == 0 })
}

// facts are those of p, in groups.
type facts struct {
	p   *provider.Provider
	all []ProviderFacts
}

func (f *facts) begin(heading string) { f.all = append(f.all, ProviderFacts{Heading: heading}) }

// say adds what the file has at a path; nothing if it has no value there.
func (f *facts) say(path, label, value string) {
	if value == "" {
		return
	}
	group := &f.all[len(f.all)-1]
	group.Facts = append(group.Facts, ProviderFact{label, value, doubts(f.p, path)})
}

// sayIf is say for what a file only says where it is so.
func (f *facts) sayIf(is bool, path, label, value string) {
	if is {
		f.say(path, label, value)
	}
}

// doubts say where the value at a path is from, or those below it, as far as no official page states them.
func doubts(p *provider.Provider, path string) []string {
	var found []string
	for _, doubted := range slices.Sorted(maps.Keys(p.Unofficial)) {
		from := p.Unofficial[doubted]
		if member, below := strings.CutPrefix(doubted, path+"."); below {
			found = append(found, member+": "+from)
		} else if strings.HasPrefix(path+".", doubted+".") {
			found = append(found, from)
		}
	}
	return found
}

func (f *facts) addresses() {
	f.begin("addresses")
	f.say("hosts", "hosts", hostList(f.p.Hosts))
	f.say("issuer", "issuer", f.p.Issuer)
	f.endpoints("endpoints", f.p.Endpoints, "")
	for _, name := range f.p.PartNames() {
		part := f.p.Parts[name]
		words := onCommandLine("NAME", part.Hint)
		if len(part.Values) > 0 {
			words += "; one of " + strings.Join(part.Values, ", ")
		}
		if part.Default != "" {
			words += "; " + part.Default + " unless another is given"
		}
		if part.Redirect != "" {
			words += "; a login goes on at the one that the redirect names as " + part.Redirect
		}
		f.say("parts."+name, "{"+name+"}", words)
		described := f.all[len(f.all)-1].Facts
		own := &described[len(described)-1]
		own.Doubts = slices.DeleteFunc(own.Doubts, func(doubt string) bool { // it stands with what it is about
			return strings.HasPrefix(doubt, "clouds") && !strings.Contains(doubt, ".values")
		})
		for i, c := range part.Clouds {
			f.endpoints(fmt.Sprintf("parts.%s.clouds.%d.endpoints", name, i), c.Endpoints, " of "+strings.Join(c.Values, ", "))
		}
	}
	if i := f.p.Identity; i != nil {
		f.say("identity", "known by", fmt.Sprintf("the member %s of a token: an address on the host that issued it, whose path begins with %s", i.Member, i.PathPrefix))
		for n, orgs := range i.Orgs {
			f.say(fmt.Sprintf("identity.orgs.%d", n), "login at", orgs.Login+" for customers at "+hostList(orgs.Hosts))
		}
	}
}

// endpoints are those at a path of the file, of a cloud or of all.
func (f *facts) endpoints(path string, e oauth.Endpoints, of string) {
	f.say(path+".authorization_endpoint", "authorization"+of, e.Authorization)
	f.say(path+".token_endpoint", "token"+of, e.Token)
	f.say(path+".device_authorization_endpoint", "device flow"+of, e.Device)
	f.say(path+".revocation_endpoint", "revocation"+of, e.Revocation)
	f.say(path+".introspection_endpoint", "introspection"+of, e.Introspection)
	f.say(path+".userinfo_endpoint", "userinfo"+of, e.Userinfo)
	f.say(path+".jwks_uri", "keys"+of, e.JWKS)
}

// hostList has a * for everything below a host.
func hostList(hosts []string) string {
	shown := make([]string, len(hosts))
	for i, host := range hosts {
		if strings.HasPrefix(host, ".") {
			host = "*" + host
		}
		shown[i] = host
	}
	return strings.Join(shown, ", ")
}

var authWords = map[oauth.AuthStyle]string{
	oauth.AuthBody:         "body: client id and secret among the parameters",
	oauth.AuthBasic:        "basic: client id and secret as user name and password (HTTP Basic)",
	oauth.AuthSecretAsUser: "secret-as-user: the secret as the user name, with an empty password (HTTP Basic)",
}

func (f *facts) client() {
	f.begin("client")
	c := f.p.Client
	f.say("client.auth", "authentication", authWords[cmp.Or(c.Auth, oauth.AuthBody)])
	f.say("client.hint", "client id", onCommandLine("NAME", c.Hint))
	f.say("client.id_pattern", "looks like", c.IDPattern)
}

var redirectWords = map[provider.Redirect]string{
	provider.AnyPort:       "http on this machine, at any port",
	provider.ExactRedirect: "http on this machine, at the address that is registered",
	provider.HTTPSRedirect: "https only: a page of your own must lead to this machine",
}

func (f *facts) login() {
	f.begin("login")
	l := f.p.Login
	f.say("login.hint", "before the first", onCommandLine("NAME", l.Hint))
	f.say("login.scopes", "scopes", l.Scope(l.Scopes))
	f.sayIf(l.ScopeSeparator != "", "login.scope_separator", "scopes stand", fmt.Sprintf("in one parameter, with %q between them", l.ScopeSeparator))
	f.say("login.refresh_scope", "for a refresh token", l.RefreshScope)
	f.say("login.params", "parameters", parameters(l.Params))
	f.say("exchange.params", "with the code", parameters(f.p.Exchange.Params))
	f.say("login.redirect", "redirect", redirectWords[cmp.Or(l.Redirect, provider.AnyPort)])
	f.say("login.redirect_uri", "register", l.RedirectURI)
	f.say("login.pkce", "PKCE", cmp.Or(l.PKCE, "S256"))
	f.sayIf(l.PKCERequired, "login.pkce_required", "without PKCE", "a login is refused")
	f.sayIf(l.DeviceAtTokenEndpoint, "login.device_at_token_endpoint", "device flow", "asks the token endpoint for a code, with response_type=device_code")
}

// parameters are those of a request.
func parameters(p map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		pairs = append(pairs, name+"="+p[name])
	}
	return strings.Join(pairs, ", ")
}

func (f *facts) refresh() {
	f.begin("refresh")
	r := f.p.Refresh
	f.say("refresh.method", "method", r.Method)
	f.say("refresh.format", "sent as", r.Format)
	f.say("refresh.grant_type", "grant type", r.GrantType)
	f.say("refresh.parameter", "token in", r.Parameter)
	f.say("refresh.params", "parameters", parameters(r.Params))
}

var rotationWords = map[provider.Rotation]string{
	provider.Always:    "always: each refresh brings another one",
	provider.BySetting: "by a setting of the app or its customer",
	provider.Sometimes: "sometimes, as the provider decides",
	provider.Never:     "never: the one of the login stays",
	"":                 "not known",
}

func (f *facts) tokens() {
	a, r := f.p.AccessToken, f.p.RefreshToken
	f.begin("access token")
	f.say("access_token.lifetime", "lives", inWords(a.Lifetime))
	f.sayIf(a.PermanentWithoutExpiresIn, "access_token.permanent_without_expires_in", "without expires_in", "does not expire")
	f.sayIf(a.EndedByRefresh, "access_token.ended_by_refresh", "at a refresh", "the one before it ends")
	f.say("access_token.variables", "read from", strings.Join(a.Variables, ", "))
	f.begin("refresh token")
	f.say("refresh_token.rotation", "rotates", rotationWords[r.Rotation])
	f.sayIf(r.Grace > 0, "refresh_token.grace", "the one before", "is answered for another "+inWords(r.Grace))
	f.sayIf(r.StaysValid, "refresh_token.stays_valid", "the one before", "stays valid")
	f.sayIf(r.ReuseRevokes, "refresh_token.reuse_revokes", "a spent one", "ends the grant when it comes back")
	f.sayIf(r.Idle > 0, "refresh_token.idle", "unused", "dies after "+inWords(r.Idle))
	f.sayIf(r.Absolute > 0, "refresh_token.absolute", "in any case", "dies "+inWords(r.Absolute)+" after the login")
	f.sayIf(r.Limit > 0, "refresh_token.limit", "at once", fmt.Sprintf("%d of a user for a client; one more ends the oldest", r.Limit))
}

func (f *facts) replies() {
	f.begin("reply")
	r := f.p.Reply
	for _, name := range slices.Sorted(maps.Keys(r.Members)) {
		f.say("reply.members."+name, name, "stands at "+r.Members[name])
	}
	f.say("reply.harmless", "may be shown", strings.Join(r.Harmless, ", "))
	f.sayIf(r.SignsIdentity, "reply.signs_identity", "signature", "over id and issued_at, keyed with the client secret")
	f.begin("API")
	api := f.p.API
	f.say("api.base", "base", api.Base)
	f.say("api.hosts", "hosts", hostList(api.Hosts))
	for _, name := range f.p.PartNames() {
		for i, c := range f.p.Parts[name].Clouds {
			f.say(fmt.Sprintf("parts.%s.clouds.%d.api_hosts", name, i), "hosts of "+strings.Join(c.Values, ", "), hostList(c.Hosts))
		}
	}
	f.say("api.members", "a token's own hosts", strings.Join(api.Members, ", "))
	f.say("api.header", "header", api.Header)
	f.say("api.scheme", "scheme", api.Scheme)
	var rejections []string
	for _, r := range api.Rejections {
		rejections = append(rejections, fmt.Sprintf("status %d with %q", r.Status, r.Text))
	}
	f.say("api.rejections", "token refused", strings.Join(rejections, ", "))
}
