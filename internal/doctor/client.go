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

// checkClient looks at who asks, whom, and for what. Without a known endpoint nothing else can be asked.
func (d *Doctor) checkClient(ctx context.Context, p *patient) []Finding {
	var findings []Finding
	if f, found := d.readSecret(ctx, p); found {
		findings = append(findings, f)
	}
	unread := p.SecretFrom != "" && p.Client.Secret == ""
	if unread {
		p.Client.Secret = "unread" // a stand-in, so that the rest of the request can be looked at; it goes nowhere
	}
	request, err := p.Request()
	if unread {
		p.Client.Secret = ""
	}
	p.endpoint = cmp.Or(request.Endpoint, p.Addresses().Token)
	p.facts = factsOf(p.Connection, p.endpoint)
	scope := checkScope(p.Connection, p.facts.refreshScope)
	switch {
	case err != nil && p.permanent():
		return append(findings, ok("registration", "the access token does not expire, and nothing has to refresh it"))
	case err != nil && Worst(scope) == Problem: // that says why there is no refresh token
	case err != nil:
		findings = append(findings, refused("registration", err))
	default:
		findings = append(findings, ok("registration", "the client %s asks %s (authentication: %s)", request.Client.ID, bare(request.Endpoint), request.Client.Style()))
		findings = append(findings, checkClientID(request.Client.ID, p.Token.Member("client_id"), p.facts.idPattern, p.facts.idHint)...)
	}
	return slices.Concat(findings, scope, p.checkSignature())
}

// readSecret fills in the client secret, where it is kept elsewhere.
func (d *Doctor) readSecret(ctx context.Context, p *patient) (Finding, bool) {
	const check = "client-secret"
	if p.SecretFrom == "" || d.Secrets == nil || p.Client.Secret != "" {
		return Finding{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	secret, err := d.Secrets(ctx, p.SecretFrom)
	if err != nil {
		return refused(check, err), true
	}
	p.Client.Secret = secret
	from := p.SecretFrom
	if strings.HasPrefix(from, "command:") {
		from = "a command" // whose line is nobody's business
	}
	return ok(check, "the client secret can be read from %s", from), true
}

// checkClientID looks at a client id's shape. stated is the one that the token's document names, pattern what the provider's look
// like, and hint where a person finds one; all may be "".
func checkClientID(id, stated, pattern, hint string) []Finding {
	const check = "client-id"
	var findings []Finding
	remedy := "check it"
	if hint != "" {
		remedy += "; " + hint
	}
	switch {
	case strings.ContainsFunc(id, notOfAnID) || strings.Contains(id, "..."):
		findings = append(findings, problem(check, Likely, oauth.Misconfigured, fmt.Sprintf("%q is no client id: it looks cut short, or was copied with what stood around it", id), remedy))
	case strings.Contains(id, "://"):
		findings = append(findings, problem(check, Likely, oauth.Misconfigured, fmt.Sprintf("the client id %q is an address", id), remedy))
	case pattern != "" && !matches(pattern, id):
		findings = append(findings, warning(check, Possible, fmt.Sprintf("the client id %q does not look like one of this provider's", id), remedy))
	}
	if stated != "" && stated != id {
		findings = append(findings, problem(check, Likely, oauth.Misconfigured,
			fmt.Sprintf("the token says that it was issued to the client %q, and %q asks", stated, id), "use the client that the token was issued to"))
	}
	return findings
}

// notOfAnID reports what nobody has in a client id, though RFC 6749 appendix A.1 would allow some of it.
func notOfAnID(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("\"'<>{}…“”", r)
}

// matches reports whether id has the pattern's shape. One that cannot be compiled is nobody's fault here.
func matches(pattern, id string) bool {
	shape, err := regexp.Compile(pattern)
	return err != nil || shape.MatchString(id)
}

// checkScope looks whether the scope brings a refresh token; needed is the one without which none comes, or "".
func checkScope(c freshet.Connection, needed string) []Finding {
	const check = "scope"
	granted := c.Token.Member("scope")
	has := func(scopes []string) bool {
		return slices.Contains(scopes, needed) || needed == "refresh_token" && slices.Contains(scopes, "offline_access")
	}
	switch {
	case needed == "":
		return nil
	case c.Token.RefreshToken() == "" && c.Token.AccessToken() != "" && granted != "" && !has(strings.Fields(granted)):
		return []Finding{problem(check, Likely, oauth.LoginRequired,
			fmt.Sprintf("no refresh token came because the scope that was granted (%s) has no %s", granted, needed),
			"allow "+needed+" in the app, then log in again with it")}
	case len(c.Scopes) > 0 && !has(c.Scopes):
		return []Finding{warning(check, Likely,
			fmt.Sprintf("the next login will ask for %s, without %s, and bring no refresh token", strings.Join(c.Scopes, " "), needed),
			"log in again with other Scopes, "+needed+" among them")}
	case c.Token.RefreshToken() != "":
		return []Finding{ok(check, "the scope brought a refresh token")}
	}
	return nil
}

// checkSignature checks what Salesforce signs with the client secret, where that is known.
func (p *patient) checkSignature() []Finding {
	const check = "signature"
	switch p.CheckSignature() {
	case freshet.SignatureValid:
		return []Finding{ok(check, "the token's signature fits the client secret")}
	case freshet.SignatureInvalid:
		return []Finding{problem(check, Likely, oauth.Misconfigured, "the token's signature does not fit the client secret: the secret is wrong, or the token was issued to another client",
			"check the client id and the client secret")}
	}
	return nil
}
