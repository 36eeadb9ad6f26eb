package doctor

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// checkClient checks the client, its secret and the scope. It fills in s.endpoint.
func (d *Doctor) checkClient(ctx context.Context, s *subject) []Finding {
	findings := append(d.readSecret(ctx, s), checkInsecureHosts(s.InsecureHosts)...)
	unread := s.SecretFrom != "" && s.Client.Secret == ""
	if unread {
		s.Client.Secret = "unread" // a placeholder, so that Request checks the rest; it is sent nowhere
	}
	request, err := s.Request()
	if unread {
		s.Client.Secret = ""
	}
	s.endpoint = cmp.Or(request.Endpoint, s.ResolvedEndpoints().Token)
	scope := checkScope(s.Connection, s.provider.Login.RefreshScope)
	switch {
	case err != nil && s.isPermanent():
		return append(findings, ok("registration", "the access token does not expire, and needs no refresh")...)
	case err != nil && Worst(scope) == Problem: // it explains why there is no refresh token
	case err != nil:
		findings = append(findings, errorFinding("registration", err)...)
	case !sendsRefreshToken(s.Connection):
		findings = append(findings, ok("registration",
			"the client %s gets tokens of its own at %s (authentication: %s); no refresh token is needed",
			request.Client.ID, withoutSecrets(request.Endpoint), request.Client.Style())...)
	default:
		findings = append(findings, ok("registration", "the client %s refreshes at %s (authentication: %s)",
			request.Client.ID, withoutSecrets(request.Endpoint), request.Client.Style())...)
		pattern := ""
		if s.isProviderHost() {
			pattern = s.provider.Client.IDPattern
		}
		findings = append(findings,
			checkClientID(request.Client.ID, s.Token.Member("client_id"), pattern, s.provider.ClientIDHint())...)
	}
	return slices.Concat(findings, scope)
}

// checkInsecureHosts returns a warning for the hosts for which plain http is allowed.
func checkInsecureHosts(hosts []string) []Finding {
	if len(hosts) == 0 {
		return nil
	}
	return warning("insecure-hosts", Certain,
		"plain http is allowed to "+strings.Join(hosts, ", ")+": tokens and secrets go there unencrypted, "+
			"and everyone on the way can read and use them",
		"if the server has https, {set token_url}: its https address")
}

// readSecret reads the client secret into s.Client, if SecretFrom names one.
func (d *Doctor) readSecret(ctx context.Context, s *subject) []Finding {
	const check = "client-secret"
	if s.SecretFrom == "" || d.Secrets == nil || s.Client.Secret != "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	secret, err := d.Secrets(ctx, s.SecretFrom)
	if err != nil {
		return errorFinding(check, err)
	}
	s.Client.Secret = secret
	from := s.SecretFrom
	if strings.HasPrefix(from, "command:") {
		from = "a command" // its arguments may be private
	}
	return ok(check, "the client secret can be read from %s", from)
}

// checkClientID checks the form of a client id. stated is the client id in the token document, pattern
// matches the provider's client ids, and hint says where to find one; all of them may be "".
func checkClientID(id, stated, pattern, hint string) []Finding {
	const check = "client-id"
	var findings []Finding
	remedy := oauth.Remedy("check it")
	if hint != "" {
		remedy = oauth.Remedyf("check it; %s", hint)
	}
	switch {
	case strings.ContainsFunc(id, isUnusualInID) || strings.Contains(id, "..."):
		findings = problem(check, Likely, oauth.Misconfigured,
			fmt.Sprintf("%q is no client id: it is cut off, or contains surrounding text", id), remedy)
	case strings.Contains(id, "://"):
		findings = problem(check, Likely, oauth.Misconfigured, fmt.Sprintf("the client id %q is a URL", id), remedy)
	case !matches(pattern, id):
		findings = warning(check, Possible,
			fmt.Sprintf("the client id %q does not look like one of this provider", id), remedy)
	}
	if stated != "" && stated != id {
		findings = append(findings, problem(check, Likely, oauth.Misconfigured,
			fmt.Sprintf("the token was issued to the client %q, but the client is %q", stated, id),
			"{set client_id}: the one that the token was issued to")...)
	}
	return findings
}

// isUnusualInID reports whether no known client id has this character. RFC 6749 appendix A.1 allows
// some of them.
func isUnusualInID(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("\"'<>{}…“”", r)
}

// matches returns true for an invalid pattern: the provider file is at fault, not the client id.
func matches(pattern, id string) bool {
	expression, err := regexp.Compile(pattern)
	return err != nil || expression.MatchString(id)
}

// sendsRefreshToken reports whether the connection is renewed with a refresh token, whether or not it has
// one.
func sendsRefreshToken(c freshet.Connection) bool {
	grant, _ := c.Renewal()
	return grant == freshet.GrantRefreshToken
}

// checkScope checks for the scope without which the provider issues no refresh token, "" for none.
func checkScope(c freshet.Connection, needed string) []Finding {
	const check = "scope"
	granted := c.Token.Member("scope")
	has := func(scopes []string) bool {
		return slices.Contains(scopes, needed) || needed == "refresh_token" && slices.Contains(scopes, "offline_access")
	}
	switch {
	case needed == "" || !sendsRefreshToken(c):
		return nil
	case c.Token.RefreshToken() == "" && c.Token.AccessToken() != "" && granted != "" && !has(strings.Fields(granted)):
		return problem(check, Likely, oauth.LoginRequired,
			fmt.Sprintf("there is no refresh token because the granted scope (%s) lacks %s", granted, needed),
			oauth.Remedyf("allow %s in the app, then {login again scope}, with it among them", needed))
	case len(c.Scopes) > 0 && !has(c.Scopes):
		return warning(check, Likely,
			fmt.Sprintf("the next login will request the scope %s without %s, and return no refresh token",
				strings.Join(c.Scopes, " "), needed), oauth.Remedyf("{set scope}, including %s", needed))
	case c.Token.RefreshToken() != "":
		return ok(check, "the granted scope includes a refresh token")
	}
	return nil
}
