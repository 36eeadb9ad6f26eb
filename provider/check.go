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
	"unicode"

	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
)

// faults are the rules that a file breaks.
type faults []error

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Errorf(format, args...)) }

// Check returns every rule for files that p breaks, or nil. [Parse] calls it.
func (p *Provider) Check() error {
	var f faults
	p.checkNames(&f)
	p.checkAddresses(&f)
	p.checkParts(&f)
	p.checkClouds(&f)
	p.checkHostParts(&f)
	p.checkChoices(&f)
	p.checkErrors(&f)
	p.checkUnofficial(&f)
	return errors.Join(f...)
}

// isName reports whether s can be the name of a provider and its file.
func isName(s string) bool {
	return urls.IsValue(s) && len(s) <= 64 && s == strings.ToLower(s) && !strings.ContainsAny(s, "._")
}

// isVariable reports whether s can be the name of an environment variable.
func isVariable(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && !(r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)))
	})
}

// isToken reports whether s is a token of HTTP (RFC 9110 §5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	})
}

func (p *Provider) checkNames(f *faults) {
	if !isName(p.Name) {
		f.add(`"name" is %q: it consists of lower-case letters, digits and hyphens`, p.Name)
	}
	if p.Title == "" {
		f.add(`"title" is missing: the name for people`)
	}
	for _, page := range p.Documentation {
		if u, err := url.Parse(page); err != nil || u.Scheme != "https" || u.Host == "" {
			f.add(`"documentation" has %q, which is not an https address`, page)
		}
	}
	if _, err := regexp.Compile(p.Client.IDPattern); err != nil {
		f.add(`"client.id_pattern": %w`, err)
	}
}

// checkChoices checks the members that have a fixed set of values.
func (p *Provider) checkChoices(f *faults) {
	for _, member := range []struct{ name, value, allowed string }{
		{"client.auth", string(p.Client.Auth), "body basic secret-as-user"},
		{"revocation.auth", string(p.Revocation.Auth), "body basic"},
		{"client.assertion_audience", p.Client.AssertionAudience, AudienceToken},
		{"login.redirect", string(p.Login.Redirect), "any_port exact https"},
		{"login.pkce", p.Login.PKCE, "S256 plain none"},
		{"login.scope_separator", p.Login.ScopeSeparator, ", ; +"},
		{"refresh.method", p.Refresh.Method, "POST GET"},
		{"exchange.format", p.Exchange.Format, "form json"},
		{"refresh.format", p.Refresh.Format, "form json"},
		{"refresh_token.rotation", string(p.RefreshToken.Rotation), "always setting sometimes never"},
	} {
		if allowed := strings.Fields(member.allowed); member.value != "" && !slices.Contains(allowed, member.value) {
			f.add("%q is %q: it must be one of %s", member.name, member.value, strings.Join(allowed, ", "))
		}
	}
	if (p.Login.Redirect == ExactRedirect) != (p.Login.RedirectURI != "") {
		f.add(`"login.redirect_uri" is required with the redirect rule "exact", and allowed with no other`)
	}
	u, err := url.Parse(p.Login.RedirectURI)
	if p.Login.RedirectURI != "" && (err != nil || !urls.IsLoopback(u.Hostname())) {
		f.add(`"login.redirect_uri" is not an address on this machine, such as http://localhost:8484/callback`)
	}
	for _, member := range []struct{ name, value string }{
		{"api.header", p.API.Header}, {"api.scheme", p.API.Scheme}, {"client.id_header", p.Client.IDHeader},
	} {
		if member.value != "" && !isToken(member.value) { // a line break would add another header
			f.add("%q is %q: it must be a token of HTTP (RFC 9110 §5.6.2)", member.name, member.value)
		}
	}
	for name, value := range p.Refresh.Headers {
		if !isToken(name) || strings.ContainsFunc(value, unicode.IsControl) {
			f.add(`"refresh.headers" has %q, whose value is %q: not a header field of HTTP (RFC 9110 §5)`, name, value)
		}
	}
	for _, name := range p.AccessToken.Variables {
		if !isVariable(name) {
			f.add(`"access_token.variables" has %q, which cannot be the name of an environment variable`, name)
		}
	}
	if p.RefreshToken.Limit < 0 {
		f.add(`"refresh_token.limit" is %d`, p.RefreshToken.Limit)
	}
	for name, path := range p.Reply.Members {
		if name == "" || path == "" || strings.Trim(path, ".") != path {
			f.add(`"reply.members" has an invalid path: %q is at %q`, name, path)
		}
	}
}

func (p *Provider) checkErrors(f *faults) {
	for i, r := range p.Errors {
		if err := r.check(); err != nil {
			f.add(`"errors.%d" (%s): %w`, i, r.name(), err)
		}
		if first := slices.IndexFunc(p.Errors[:i], r.isShadowedBy); first >= 0 {
			f.add(`"errors.%d" (%s) is never reached: "errors.%d" (%s) comes first`,
				i, r.name(), first, p.Errors[first].name())
		}
	}
}

func (r Refusal) name() string { return strings.TrimSpace(r.Code.String() + " " + r.Text.String()) }

// isShadowedBy reports whether earlier matches every error that r matches.
func (r Refusal) isShadowedBy(earlier Refusal) bool {
	hasCode := func(code string) bool { return slices.Contains(earlier.Code, code) }
	hasText := func(text string) bool {
		return slices.ContainsFunc(earlier.Text, func(part string) bool { return strings.Contains(text, part) })
	}
	return !earlier.WrongHost && earlier.Status == 0 && earlier.Login == r.Login &&
		(!earlier.WithSecret || r.WithSecret) &&
		(len(earlier.Code) == 0 || len(r.Code) > 0 && all(r.Code, hasCode)) &&
		(len(earlier.Text) == 0 || len(r.Text) > 0 && all(r.Text, hasText))
}

func all(texts []string, is func(string) bool) bool {
	return !slices.ContainsFunc(texts, func(text string) bool { return !is(text) })
}

func (r Refusal) check() error {
	kinds := []oauth.Kind{oauth.Temporary, oauth.Unknown, oauth.Misconfigured, oauth.LoginRequired}
	isClause := func(s string) bool { return s != "" && s == strings.TrimSpace(s) && !strings.HasSuffix(s, ".") }
	switch {
	case !slices.Contains(kinds, r.Kind):
		return fmt.Errorf(`"kind" is %q: it must be one of temporary, unknown_outcome, misconfigured, login_required`,
			r.Kind)
	case len(r.Code) == 0 && len(r.Text) == 0 && r.Status == 0:
		return errors.New(`it needs a "code", a "text" or a "status"`)
	case !all(r.Text, func(text string) bool { return text != "" && text == strings.ToLower(text) }):
		return errors.New(`"text" is compared in lower case, and cannot be empty`)
	case !isClause(r.Cause) || !isClause(string(r.Remedy)):
		return errors.New(`"cause" and "remedy" are clauses: text without a period at the end`)
	case r.Wait > 0 && r.Kind != oauth.Temporary:
		return errors.New(`"wait" is allowed only with the kind temporary`)
	}
	return r.checkRemedy()
}

// checkRemedy checks the actions in the remedy. That of a token at the wrong host may name hosts, too.
func (r Refusal) checkRemedy() error {
	remedy := r.Remedy
	if r.WrongHost {
		remedy = oauth.Remedy(strings.NewReplacer("{asked}", "", "{org}", "", "{home}", "").Replace(string(remedy)))
	}
	return remedy.Check()
}

// checkUnofficial checks that every path of Unofficial leads to a value.
func (p *Provider) checkUnofficial(f *faults) {
	text, err := json.Marshal(p)
	if err != nil {
		f.add("encoding the file: %w", err)
		return
	}
	var members any
	if err := json.Unmarshal(text, &members); err != nil {
		f.add("decoding the file: %w", err)
		return
	}
	for _, path := range slices.Sorted(maps.Keys(p.Unofficial)) {
		if !hasPath(members, strings.Split(path, ".")) {
			f.add(`"unofficial" names %q, which has no value`, path)
		} else if p.Unofficial[path] == "" {
			f.add(`"unofficial" does not say where %q is from`, path)
		}
	}
}

// hasPath reports whether there is a value at the path. A member's name may contain dots.
func hasPath(value any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	switch value := value.(type) {
	case []any:
		i, err := strconv.Atoi(path[0])
		return err == nil && i >= 0 && i < len(value) && hasPath(value[i], path[1:])
	case map[string]any:
		for n := 1; n <= len(path); n++ {
			if next, ok := value[strings.Join(path[:n], ".")]; ok && hasPath(next, path[n:]) {
				return true
			}
		}
	}
	return false
}
