package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// factGroup holds what a provider's file says about one subject.
type factGroup struct {
	heading string
	facts   []fact
}

// fact is a member of a provider's file in words.
type fact struct {
	label, value string
	sources      []string // see unofficialSources
}

// providerFacts returns everything that a provider's file says, except the errors.
func providerFacts(p *provider.Provider) []factGroup {
	f := &facts{p: p}
	f.addAddresses()
	f.addClient()
	f.addJWTBearer()
	f.addLogin()
	f.addRefresh()
	f.addTokens()
	f.addReply()
	f.addAPI()
	f.heading("notes")
	for i, note := range p.Notes {
		f.add(fmt.Sprintf("notes.%d", i), "", note)
	}
	f.heading("documentation")
	for i, page := range p.Documentation {
		f.add(fmt.Sprintf("documentation.%d", i), "", page)
	}
	return slices.DeleteFunc(f.groups, func(g factGroup) bool { return len(g.facts) == 0 })
}

// facts collects the facts about p.
type facts struct {
	p      *provider.Provider
	groups []factGroup
}

func (f *facts) heading(heading string) { f.groups = append(f.groups, factGroup{heading: heading}) }

// add adds the member at a path of the file, such as "refresh_token.idle", unless its value is empty.
func (f *facts) add(path, label, value string) {
	if value == "" {
		return
	}
	group := &f.groups[len(f.groups)-1]
	group.facts = append(group.facts, fact{label, value, unofficialSources(f.p, path)})
}

func (f *facts) addIf(condition bool, path, label, value string) {
	if condition {
		f.add(path, label, value)
	}
}

// unofficialSources returns the sources of the member at a path if no official page states it. If
// that holds for a member below the path, its name comes before its source.
func unofficialSources(p *provider.Provider, path string) []string {
	var sources []string
	for _, member := range slices.Sorted(maps.Keys(p.Unofficial)) {
		source := p.Unofficial[member]
		if below, ok := strings.CutPrefix(member, path+"."); ok {
			sources = append(sources, below+": "+source)
		} else if strings.HasPrefix(path+".", member+".") {
			sources = append(sources, source)
		}
	}
	return sources
}

func (f *facts) addAddresses() {
	f.heading("addresses")
	f.add("hosts", "hosts", hostList(f.p.Hosts))
	f.add("issuer", "issuer", f.p.Issuer)
	f.addEndpoints("endpoints", f.p.Endpoints, "")
	for _, name := range endpoints.PartNames(f.p) {
		part := f.p.Parts[name]
		words := part.Hint
		if len(part.Values) > 0 {
			words += "; one of " + strings.Join(part.Values, ", ")
		}
		if part.Default != "" {
			words += "; default " + part.Default
		}
		if part.Redirect != "" {
			words += "; a login continues at the one in the redirect's parameter " + part.Redirect
		}
		f.add("parts."+name, "{"+name+"}", words)
		added := f.groups[len(f.groups)-1].facts
		last := &added[len(added)-1]
		last.sources = slices.DeleteFunc(last.sources, func(source string) bool { // printed with the clouds below
			return strings.HasPrefix(source, "clouds") && !strings.Contains(source, ".values")
		})
		for i, c := range part.Clouds {
			f.addEndpoints(fmt.Sprintf("parts.%s.clouds.%d.endpoints", name, i), c.Endpoints,
				" of "+strings.Join(c.Values, ", "))
		}
	}
	if i := f.p.Identity; i != nil {
		f.add("identity", "recognized by", fmt.Sprintf(
			"the member %s of a token: a URL on the host that issued it, whose path begins with %s",
			i.Member, i.PathPrefix))
		for n, orgs := range i.Orgs {
			f.add(fmt.Sprintf("identity.orgs.%d", n), "log in at", orgs.Login+" for customers at "+hostList(orgs.Hosts))
		}
	}
}

// addEndpoints adds the endpoints at a path of the file. of is "" or names a cloud.
func (f *facts) addEndpoints(path string, e oauth.Endpoints, of string) {
	f.add(path+".authorization_endpoint", "authorization"+of, e.Authorization)
	f.add(path+".token_endpoint", "token"+of, e.Token)
	f.add(path+".device_authorization_endpoint", "device flow"+of, e.Device)
	f.add(path+".revocation_endpoint", "revocation"+of, e.Revocation)
	f.add(path+".introspection_endpoint", "introspection"+of, e.Introspection)
	f.add(path+".userinfo_endpoint", "userinfo"+of, e.Userinfo)
	f.add(path+".jwks_uri", "keys"+of, e.JWKS)
}

// hostList joins the hosts. A host that begins with a dot gets a *, because it includes subdomains.
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

var authTexts = map[oauth.AuthStyle]string{
	oauth.AuthBody:         "body: client id and secret among the parameters",
	oauth.AuthBasic:        "basic: client id and secret as user name and password (HTTP Basic)",
	oauth.AuthSecretAsUser: "secret-as-user: the secret as the user name, with an empty password (HTTP Basic)",
}

func (f *facts) addJWTBearer() {
	f.heading("JWT bearer")
	j := f.p.JWTBearer
	for i, a := range j.Audiences {
		path := fmt.Sprintf("jwt_bearer.audiences.%d", i)
		f.add(path+".audience", "audience", a.Audience)
		f.add(path+".hosts", "for the hosts", strings.Join(a.Hosts, ", "))
	}
	f.add("jwt_bearer.lifetime", "lifetime", formatDuration(j.Lifetime))
	f.addIf(j.ScopeClaim, "jwt_bearer.scope_claim", "scopes", "are a claim")
	f.addIf(j.OmitSubject, "jwt_bearer.omit_subject", "subject", "left out unless the token is for a user")
	for _, name := range slices.Sorted(maps.Keys(j.Claims)) {
		f.add("jwt_bearer.claims."+name, name, j.Claims[name])
	}
	f.add("jwt_bearer.consent_code", "consent is missing", j.ConsentCode)
}

var audienceTexts = map[string]string{provider.AudienceToken: "for the address of the token endpoint"}

func (f *facts) addClient() {
	f.heading("client")
	c := f.p.Client
	f.add("client.auth", "authentication", authTexts[cmp.Or(c.Auth, oauth.AuthBody)])
	f.add("client.assertion_audience", "assertions", audienceTexts[c.AssertionAudience])
	f.add("client.hint", "client id", c.Hint)
	f.add("client.id_pattern", "looks like", c.IDPattern)
	f.add("client.id_header", "sent in", c.IDHeader)
}

var redirectTexts = map[provider.Redirect]string{
	provider.AnyPort:       "http on this machine, on any port",
	provider.ExactRedirect: "http on this machine, exactly as registered",
	provider.HTTPSRedirect: "https only: a page of yours must redirect to this machine",
}

func (f *facts) addLogin() {
	f.heading("login")
	l := f.p.Login
	f.add("login.hint", "preparation", l.Hint)
	f.add("login.scopes", "scopes", l.Scope(l.Scopes))
	f.addIf(l.ScopeSeparator != "", "login.scope_separator", "separator",
		fmt.Sprintf("%q between scopes", l.ScopeSeparator))
	f.add("login.refresh_scope", "for a refresh token", l.RefreshScope)
	f.add("login.params", "parameters", joinPairs(l.Params))
	f.add("exchange.format", "code sent as", f.p.Exchange.Format)
	f.add("exchange.params", "with the code", joinPairs(f.p.Exchange.Params))
	f.add("login.redirect", "redirect", redirectTexts[cmp.Or(l.Redirect, provider.AnyPort)])
	f.add("login.redirect_uri", "register", l.RedirectURI)
	f.add("login.pkce", "PKCE", cmp.Or(l.PKCE, "S256"))
	f.addIf(l.PKCERequired, "login.pkce_required", "without PKCE", "logins are refused")
	f.addIf(l.DeviceAtTokenEndpoint, "login.device_at_token_endpoint", "device flow",
		"the token endpoint issues device codes, with response_type=device_code")
}

func joinPairs(p map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		pairs = append(pairs, name+"="+p[name])
	}
	return strings.Join(pairs, ", ")
}

func (f *facts) addRefresh() {
	f.heading("refresh")
	r := f.p.Refresh
	f.add("refresh.method", "method", r.Method)
	f.add("refresh.format", "sent as", r.Format)
	f.add("refresh.grant_type", "grant type", r.GrantType)
	f.add("refresh.parameter", "token in", r.Parameter)
	f.add("refresh.params", "parameters", joinPairs(r.Params))
	f.add("refresh.headers", "header fields", joinPairs(r.Headers))
	f.addIf(r.OmitResource, "refresh.omit_resource", "resource", "not sent")
	f.addIf(r.NotBefore > 0, "refresh.not_before", "accepted", "in the last "+formatDuration(r.NotBefore)+" of the access token")
	f.add("revocation.auth", "to revoke", cmp.Or(authTexts[f.p.Revocation.Auth], string(f.p.Revocation.Auth)))
	f.addIf(f.p.Revocation.ByType, "revocation.by_type", "to revoke", "the token in the parameter access_token or refresh_token")
}

var rotationTexts = map[provider.Rotation]string{
	provider.Always:    "always: each refresh issues a new one",
	provider.BySetting: "depends on a setting of the app or the customer",
	provider.Sometimes: "sometimes, as the provider decides",
	provider.Never:     "never: the refresh token of the login stays valid",
	"":                 "not known",
}

func (f *facts) addTokens() {
	a, r := f.p.AccessToken, f.p.RefreshToken
	f.heading("access token")
	f.add("access_token.lifetime", "lifetime", formatDuration(a.Lifetime))
	f.addIf(a.PermanentWithoutExpiresIn, "access_token.permanent_without_expires_in", "without expires_in",
		"does not expire")
	f.addIf(a.EndedByRefresh, "access_token.ended_by_refresh", "after a refresh",
		"the previous one is no longer valid")
	f.add("access_token.variables", "read from", strings.Join(a.Variables, ", "))
	f.heading("refresh token")
	f.add("refresh_token.rotation", "rotates", rotationTexts[r.Rotation])
	f.addIf(r.Grace > 0, "refresh_token.grace", "previous one", "still accepted for "+formatDuration(r.Grace))
	f.addIf(r.StaysValid, "refresh_token.stays_valid", "previous one", "stays valid")
	f.addIf(r.ReuseRevokes, "refresh_token.reuse_revokes", "reuse", "revokes the grant")
	f.addIf(r.Idle > 0, "refresh_token.idle", "unused", "expires after "+formatDuration(r.Idle))
	f.addIf(r.Absolute > 0, "refresh_token.absolute", "in any case",
		"expires "+formatDuration(r.Absolute)+" after login")
	f.addIf(r.Limit > 0, "refresh_token.limit", "limit",
		fmt.Sprintf("%d for a user and client; the next one revokes the oldest", r.Limit))
}

func (f *facts) addReply() {
	f.heading("reply")
	r := f.p.Reply
	for _, name := range slices.Sorted(maps.Keys(r.Members)) {
		f.add("reply.members."+name, name, "in "+r.Members[name])
	}
	f.add("reply.harmless", "not secret", strings.Join(r.Harmless, ", "))
}

func (f *facts) addAPI() {
	f.heading("API")
	api := f.p.API
	f.add("api.base", "base", api.Base)
	f.add("api.hosts", "hosts", hostList(api.Hosts))
	for _, name := range endpoints.PartNames(f.p) {
		for i, c := range f.p.Parts[name].Clouds {
			path := fmt.Sprintf("parts.%s.clouds.%d.api_hosts", name, i)
			f.add(path, "hosts of "+strings.Join(c.Values, ", "), hostList(c.Hosts))
		}
	}
	f.add("api.members", "hosts in the token", strings.Join(api.Members, ", "))
	f.add("api.header", "header", api.Header)
	f.add("api.header_hosts", "header for", hostList(api.HeaderHosts))
	f.add("api.scheme", "scheme", api.Scheme)
	var rejections []string
	for _, r := range api.Rejections {
		rejections = append(rejections, fmt.Sprintf("status %d with %q", r.Status, r.Text))
	}
	f.add("api.rejections", "token refused", strings.Join(rejections, ", "))
}
