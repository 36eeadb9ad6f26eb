package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
)

// isName reports whether s can be the name of a vendor and its file.
func isName(s string) bool {
	return isPartValue(s) && len(s) <= 64 && s == strings.ToLower(s) && !strings.ContainsAny(s, "._")
}

// isHost reports whether s is a host as the files write it.
func isHost(s string) bool {
	name, below := strings.CutPrefix(s, ".")
	return isHostName(name) && s == strings.ToLower(s) && (!below || strings.Contains(name, "."))
}

// isVariable reports whether s can be the name of an environment variable.
func isVariable(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_')
	})
}

// isToken reports whether s is a token as HTTP has it.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	})
}

// check reports every rule that p breaks.
func (p *Provider) check() error {
	return errors.Join(p.checkIdentity(), p.checkAddresses(), p.checkClouds(), p.checkChoices(), p.checkErrors(), p.checkUnofficial())
}

func (p *Provider) checkIdentity() error {
	var broken []error
	if !isName(p.Name) {
		broken = append(broken, fmt.Errorf(`"name" is %q: it consists of lower-case letters, digits and hyphens`, p.Name))
	}
	if p.Title == "" {
		broken = append(broken, errors.New(`"title" is missing: the name as people write it`))
	}
	for _, page := range p.Documentation {
		if u, err := url.Parse(page); err != nil || u.Scheme != "https" || u.Host == "" {
			broken = append(broken, fmt.Errorf(`"documentation" holds %q, which is not an https address`, page))
		}
	}
	for _, host := range slices.Concat(p.Hosts, p.API.Hosts) {
		if !isHost(host) && !strings.Contains(host, "{") {
			broken = append(broken, fmt.Errorf("%q is not a host in lower case, with a dot before it for everything below", host))
		}
	}
	if i := p.Identity; i != nil && (i.Member == "" || !strings.HasPrefix(i.PathPrefix, "/") || !strings.HasPrefix(p.Endpoints.Token, "/")) {
		broken = append(broken, errors.New(`"identity" needs a "member", a "path_prefix" that begins with a slash, and a token endpoint that is a path`))
	}
	if _, err := regexp.Compile(p.Client.IDPattern); err != nil {
		broken = append(broken, fmt.Errorf(`"client.id_pattern": %w`, err))
	}
	return errors.Join(broken...)
}

// checkAddresses holds the addresses to what [Provider.EndpointsAt] can do with them.
func (p *Provider) checkAddresses() error {
	var broken []error
	used := map[string]bool{}
	addresses := p.addresses()
	for i, host := range p.API.Hosts {
		if strings.Contains(host, "{") {
			addresses[fmt.Sprintf("api.hosts.%d", i)] = "https://" + host
		}
	}
	for name, address := range addresses {
		filled := ""
		for literal, part := range pieces(address) {
			if filled += literal; part == "" {
				continue
			}
			if _, ok := p.Parts[part]; !ok {
				broken = append(broken, fmt.Errorf("%q has the part {%s}, which \"parts\" does not explain", name, part))
			}
			filled += "part"
			used[part] = true
		}
		if strings.HasPrefix(address, "/") && name != "issuer" && name != "api.base" {
			continue
		}
		u, err := oauth.ParseEndpoint(filled)
		switch {
		case err != nil || u.Scheme != "https":
			broken = append(broken, fmt.Errorf("%q is %q: it must be an https address, or a path on the issuer", name, address))
		case filled != address || len(p.Hosts) == 0 || OneOf(p.Hosts, u.Hostname()):
		case name == "endpoints.token_endpoint": // a token from there is the vendor's own ([API.Base])
			broken = append(broken, fmt.Errorf(`%q is on %s, which "hosts" does not have`, name, u.Hostname()))
		case !OneOf(p.API.Hosts, u.Hostname()):
			broken = append(broken, fmt.Errorf(`%q is on %s, which neither "hosts" nor "api.hosts" has`, name, u.Hostname()))
		}
	}
	if p.Endpoints.Issuer != "" {
		broken = append(broken, errors.New(`"endpoints.issuer" has its place above: "issuer"`))
	}
	for name, part := range p.Parts {
		switch {
		case !used[name] && len(part.Clouds) == 0:
			broken = append(broken, fmt.Errorf(`"parts.%s" stands in no address`, name))
		case part.Hint == "":
			broken = append(broken, fmt.Errorf(`"parts.%s.hint" is missing: what it is, and where a person finds it`, name))
		case part.Redirect != "" && len(part.Values) == 0:
			broken = append(broken, fmt.Errorf(`"parts.%s.redirect" needs "values": no redirect may name any other host`, name))
		case part.Redirect != "" && strings.Contains(p.Issuer, "{"+name+"}"):
			broken = append(broken, fmt.Errorf(`"parts.%s.redirect" moves no login: "issuer" has the part, and a login ends at the issuer that it began at`, name))
		case part.Default != "" && p.checkPart(name, part.Default) != nil:
			broken = append(broken, p.checkPart(name, part.Default))
		}
	}
	return errors.Join(broken...)
}

// addresses are the issuer, the endpoints and the API's base that are there, by their members' names.
func (p *Provider) addresses() map[string]string {
	all := map[string]string{"issuer": p.Issuer, "api.base": p.API.Base}
	for member, address := range addressesOf(p.Endpoints) {
		all["endpoints."+member] = address
	}
	maps.DeleteFunc(all, func(_, address string) bool { return address == "" })
	return all
}

// addressesOf are the endpoints that are there, by their members' names.
func addressesOf(e oauth.Endpoints) map[string]string {
	all := map[string]string{
		"authorization_endpoint":        e.Authorization,
		"token_endpoint":                e.Token,
		"device_authorization_endpoint": e.Device,
		"revocation_endpoint":           e.Revocation,
		"introspection_endpoint":        e.Introspection,
		"userinfo_endpoint":             e.Userinfo,
		"jwks_uri":                      e.JWKS,
	}
	maps.DeleteFunc(all, func(_, address string) bool { return address == "" })
	return all
}

// checkChoices holds members with few values to those.
func (p *Provider) checkChoices() error {
	var broken []error
	for _, member := range []struct{ name, value, allowed string }{
		{"client.auth", string(p.Client.Auth), "body basic secret-as-user"},
		{"login.redirect", string(p.Login.Redirect), "any_port exact https"},
		{"login.pkce", p.Login.PKCE, "S256 plain none"},
		{"login.scope_separator", p.Login.ScopeSeparator, ", ; +"},
		{"refresh.method", p.Refresh.Method, "POST GET"},
		{"refresh.format", p.Refresh.Format, "form json"},
		{"refresh_token.rotation", string(p.RefreshToken.Rotation), "always setting sometimes never"},
	} {
		if allowed := strings.Fields(member.allowed); member.value != "" && !slices.Contains(allowed, member.value) {
			broken = append(broken, fmt.Errorf("%q is %q: it must be one of %s", member.name, member.value, strings.Join(allowed, ", ")))
		}
	}
	if (p.Login.Redirect == ExactRedirect) != (p.Login.RedirectURI != "") {
		broken = append(broken, errors.New(`"login.redirect_uri" goes with the redirect rule "exact", and no other`))
	}
	if u, err := url.Parse(p.Login.RedirectURI); p.Login.RedirectURI != "" && (err != nil || !oauth.IsLoopback(u.Hostname())) {
		broken = append(broken, errors.New(`"login.redirect_uri" is not an address on this machine, such as http://localhost:8484/callback`))
	}
	for _, member := range []struct{ name, value string }{{"api.header", p.API.Header}, {"api.scheme", p.API.Scheme}} {
		if member.value != "" && !isToken(member.value) { // anything else could end the header that it stands in
			broken = append(broken, fmt.Errorf("%q is %q: it must be a token of HTTP (RFC 9110 §5.6.2)", member.name, member.value))
		}
	}
	for _, name := range p.AccessToken.Variables {
		if !isVariable(name) {
			broken = append(broken, fmt.Errorf(`"access_token.variables" holds %q, which cannot be the name of an environment variable`, name))
		}
	}
	if p.RefreshToken.Limit < 0 {
		broken = append(broken, fmt.Errorf(`"refresh_token.limit" is %d`, p.RefreshToken.Limit))
	}
	for name, path := range p.Reply.Members {
		if name == "" || path == "" || strings.HasPrefix(path, ".") || strings.HasSuffix(path, ".") {
			broken = append(broken, fmt.Errorf(`"reply.members" says that %q stands at %q`, name, path))
		}
	}
	return errors.Join(broken...)
}

func (p *Provider) checkErrors() error {
	var broken []error
	for i, r := range p.Errors {
		if err := r.check(); err != nil {
			broken = append(broken, fmt.Errorf(`"errors.%d" (%s): %w`, i, r.name(), err))
		}
		if first := slices.IndexFunc(p.Errors[:i], r.isBehind); first >= 0 {
			broken = append(broken, fmt.Errorf(`"errors.%d" (%s) is never reached: "errors.%d" (%s) comes first`, i, r.name(), first, p.Errors[first].name()))
		}
	}
	return errors.Join(broken...)
}

func (r Refusal) name() string { return strings.TrimSpace(r.Code.String() + " " + r.Text.String()) }

// isBehind reports whether first, which stands before r, covers all that r does.
func (r Refusal) isBehind(first Refusal) bool {
	has := func(code string) bool { return slices.Contains(first.Code, code) }
	saysMore := func(text string) bool {
		return slices.ContainsFunc(first.Text, func(part string) bool { return strings.Contains(text, part) })
	}
	return !first.Astray && first.Status == 0 && first.Login == r.Login &&
		(len(first.Code) == 0 || len(r.Code) > 0 && all(r.Code, has)) && (len(first.Text) == 0 || len(r.Text) > 0 && all(r.Text, saysMore))
}

func all(texts []string, is func(string) bool) bool {
	return !slices.ContainsFunc(texts, func(text string) bool { return !is(text) })
}

func isClause(s string) bool {
	return s != "" && s == strings.TrimSpace(s) && !strings.HasSuffix(s, ".")
}

func (r Refusal) check() error {
	kinds := []oauth.Kind{oauth.Temporary, oauth.Unknown, oauth.Misconfigured, oauth.LoginRequired}
	switch {
	case !slices.Contains(kinds, r.Kind):
		return fmt.Errorf(`"kind" is %q: it must be temporary, unknown_outcome, misconfigured or login_required`, r.Kind)
	case len(r.Code) == 0 && len(r.Text) == 0 && r.Status == 0:
		return errors.New(`it needs a "code", a "text" or a "status"`)
	case slices.ContainsFunc(r.Text, func(text string) bool { return text == "" || text != strings.ToLower(text) }):
		return errors.New(`"text" is compared in lower case, and cannot be empty`)
	case !isClause(r.Cause) || !isClause(r.Remedy):
		return errors.New(`"cause" and "remedy" are clauses: text without a period at the end`)
	case r.Wait > 0 && r.Kind != oauth.Temporary:
		return errors.New(`"wait" is for what is temporary`)
	}
	return nil
}

// checkUnofficial holds the remarks to values that are there.
func (p *Provider) checkUnofficial() error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	var members any
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	var broken []error
	for _, path := range slices.Sorted(maps.Keys(p.Unofficial)) {
		if !holds(members, strings.Split(path, ".")) {
			broken = append(broken, fmt.Errorf(`"unofficial" speaks of %q, which has no value`, path))
		} else if p.Unofficial[path] == "" {
			broken = append(broken, fmt.Errorf(`"unofficial" does not say where %q is from`, path))
		}
	}
	return errors.Join(broken...)
}

// holds reports whether there is something at the path; a member's name may itself have dots in it.
func holds(at any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	switch at := at.(type) {
	case []any:
		i, err := strconv.Atoi(path[0])
		return err == nil && i >= 0 && i < len(at) && holds(at[i], path[1:])
	case map[string]any:
		for n := 1; n <= len(path); n++ {
			if next, ok := at[strings.Join(path[:n], ".")]; ok && holds(next, path[n:]) {
				return true
			}
		}
	}
	return false
}
