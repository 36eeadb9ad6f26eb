package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// otherConnection is a connection of the store, with what the checks compare.
type otherConnection struct {
	freshet.Connection
	path  string // of its external token file; "" if the store keeps the token
	owner grantOwner
}

// grantOwner is what providers count valid grants by.
type grantOwner struct{ provider, client, account string }

func ownerOf(c freshet.Connection) grantOwner {
	return grantOwner{c.ProviderInfo().Name, c.Client.ID, c.Account()}
}

// allConnections lists the connections that can be read. Examining one reports why it cannot be read.
func (d *Doctor) allConnections(ctx context.Context) []otherConnection {
	d.connections.once.Do(func() {
		all, _ := d.Store.List(ctx)
		for _, c := range all {
			other := otherConnection{Connection: c, owner: ownerOf(c)}
			if c.TokenFile != "" {
				other.path, _ = d.Store.Path(c.Name)
			}
			d.connections.all = append(d.connections.all, other)
		}
	})
	return d.connections.all
}

// checkSharedFile checks for other connections with the same token file.
func (d *Doctor) checkSharedFile(ctx context.Context, s *subject) []Finding {
	const check = "shared-file"
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	var compatible, conflicting []string
	for _, c := range d.allConnections(ctx) {
		if c.Name == s.Name || c.path != s.ground.Path {
			continue
		}
		s.sharers = append(s.sharers, c.History)
		if differ(c.Client.ID, s.Client.ID) || differ(c.Endpoints.Token, s.Endpoints.Token) {
			conflicting = append(conflicting, c.Name)
		} else {
			compatible = append(compatible, c.Name)
		}
	}
	slices.Sort(compatible)
	slices.Sort(conflicting)
	var findings []Finding
	if len(compatible) > 0 {
		findings = note(check, Certain,
			"its token file is also used by "+strings.Join(compatible, ", ")+"; they share its lock", "")
	}
	if len(conflicting) > 0 {
		findings = append(findings, problem(check, Likely, oauth.Misconfigured,
			"its token file is also used by "+strings.Join(conflicting,
				", ")+" with another client or token endpoint; "+
				"a refresh token belongs to one client of one server",
			"give each connection its own token file")...)
	}
	return findings
}

// loginsOfAccount returns the times of all logins here with the account and client of s. An imported
// grant counts as a login at the zero time, unless it was refused.
func (d *Doctor) loginsOfAccount(ctx context.Context, s *subject) []time.Time {
	owner := ownerOf(s.Connection)
	if s.provider.RefreshToken.Limit == 0 || owner.account == "" {
		return nil
	}
	all := slices.Clip(d.allConnections(ctx)) // append must copy: the slice is shared
	isSame := func(c otherConnection) bool { return c.path == s.ground.Path }
	if filestore.IsPath(s.Name) && !slices.ContainsFunc(all, isSame) {
		all = append(all, otherConnection{Connection: s.Connection, owner: owner})
	}
	var logins []time.Time
	counted := map[string]bool{}
	for _, c := range all {
		if c.owner != owner || !sendsRefreshToken(c.Connection) {
			continue
		}
		token := c.Token.RefreshTokenHash()
		if len(c.History.Logins) == 0 && c.Token.RefreshToken() != "" && !c.CurrentHealth().LoginRequired &&
			!counted[token] {
			logins = append(logins, time.Time{})
		}
		counted[token] = true
		logins = append(logins, c.History.Logins...)
	}
	return logins
}

// checkLogins compares the number of logins with the provider's limit. One more ends the oldest grant.
func (s *subject) checkLogins(logins []time.Time) []Finding {
	const check = "logins"
	n, limit := len(logins), s.provider.RefreshToken.Limit
	what := fmt.Sprintf("%s with the account %s and this client; %s keeps %d valid",
		countLogins(n), s.Account(), s.provider.Title, limit)
	switch {
	case n == 0:
		return nil
	case n >= limit:
		return warning(check, s.certainty("limit"),
			what+"; each further login ends the oldest; other machines may have more",
			"log in once, and let every program get its token from that connection; "+
				"revoke the others with freshet revoke")
	case n == limit-1:
		return warning(check, s.certainty("limit"), what+"; other machines may have more",
			"share one connection instead of logging in again, or revoke an unneeded one with freshet revoke")
	default:
		return ok(check, "%s", what)
	}
}

func countLogins(n int) string {
	if n == 1 {
		return "1 login is known here"
	}
	return fmt.Sprintf("%d logins are known here", n)
}

const copiedToken = "copied-token"

// checkCopies checks for other connections and token files with the same refresh token, or an earlier
// one of the same grant. If the refresh token was refused, [subject.causeCopy] reports them instead.
func (d *Doctor) checkCopies(ctx context.Context, s *subject) []Finding {
	if s.Token.RefreshToken() == "" || !sendsRefreshToken(s.Connection) || s.provider.KeepsOldTokens() {
		return nil
	}
	s.copies = d.Store.Copies(ctx, s.Connection)
	if s.CurrentHealth().LoginRequired {
		return nil
	}
	var findings []Finding
	copies := d.copiesOf(ctx, s)
	switch by := s.copies.Replaced; {
	case by != freshet.Copy{}:
		findings = problem(copiedToken, Likely, oauth.LoginRequired, s.replacedBy(by),
			"{login again}; or use the other, and remove this one: {delete}")
	case len(copies) > 0:
		findings = warning(copiedToken, Likely, "its refresh token is also in "+strings.Join(copies, ", ")+
			"; if the provider rotates it, the first refresh ends the login of the others",
			"let every program get its token from one connection, and delete the others with freshet logout")
	}
	for _, earlier := range s.copies.Earlier {
		findings = append(findings, warning(copiedToken, Likely, hasEarlier(earlier)+"; using it ends this login",
			"delete it with freshet logout, or delete the file")...)
	}
	return findings
}

// copiesOf lists the connections and token files that have the same refresh token now, and those in
// the index.
func (d *Doctor) copiesOf(ctx context.Context, s *subject) []string {
	var names []string
	for _, c := range d.allConnections(ctx) {
		if c.Token.RefreshTokenHash() != s.Token.RefreshTokenHash() || c.Name == s.Name {
			continue
		}
		if path, err := d.Store.Path(c.Name); err == nil && path != s.ground.Path {
			names = append(names, c.Name)
		}
	}
	for _, other := range s.copies.Others {
		if other.TokenFile != "" {
			names = append(names, other.TokenFile)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// replacedBy says which connection's refresh replaced the refresh token.
func (s *subject) replacedBy(by freshet.Copy) string {
	if by.Name == s.Name || by.TokenFile != "" && by.TokenFile == s.ground.Path {
		return fmt.Sprintf("it is an old copy: a refresh replaced this refresh token at %s", localTime(by.Replaced))
	}
	return fmt.Sprintf("it is a copy: %s replaced this refresh token at %s", by, localTime(by.Replaced))
}

func hasEarlier(c freshet.Copy) string {
	return fmt.Sprintf("%s has a copy of an earlier refresh token of this login, replaced at %s",
		freshet.Copy{Name: c.Name, TokenFile: c.TokenFile}, localTime(c.Replaced))
}
