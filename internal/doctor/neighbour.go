package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// neighbour is another connection, with what the checks compare.
type neighbour struct {
	freshet.Connection
	path  string // of the token file that it shares, or may share; "" if the connection keeps its token itself
	owner owner
}

// owner is whose grant it is: what a provider counts grants by.
type owner struct{ provider, client, account string }

func ownerOf(c freshet.Connection) owner { return owner{c.Vendor().Name, c.Client.ID, c.Account()} }

// connections are all that can be read. What cannot is found when it is examined itself.
func (d *Doctor) connections(ctx context.Context) []neighbour {
	d.neighbours.once.Do(func() {
		all, _ := d.Store.List(ctx)
		for _, c := range all {
			n := neighbour{Connection: c, owner: ownerOf(c)}
			if c.TokenFile != "" {
				n.path, _ = d.Store.Path(c.Name)
			}
			d.neighbours.all = append(d.neighbours.all, n)
		}
	})
	return d.neighbours.all
}

// differ reports whether both are known and not the same.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// checkShared looks for other connections with the same token file.
func (d *Doctor) checkShared(ctx context.Context, p *patient) []Finding {
	const check = "shared-file"
	var same, others []string
	for _, c := range d.connections(ctx) {
		if c.Name == p.Name || c.path != p.ground.Path {
			continue
		}
		p.sharers = append(p.sharers, c.History)
		if differ(c.Client.ID, p.Client.ID) || differ(c.Endpoints.Token, p.Endpoints.Token) {
			others = append(others, c.Name)
		} else {
			same = append(same, c.Name)
		}
	}
	slices.Sort(same)
	slices.Sort(others)
	var findings []Finding
	if len(same) > 0 {
		findings = append(findings, note(check, Certain, "its token file is that of "+strings.Join(same, ", ")+", too; they share its lock", ""))
	}
	if len(others) > 0 {
		findings = append(findings, problem(check, Likely, oauth.Misconfigured,
			"its token file is that of "+strings.Join(others, ", ")+", too, which names another client or token endpoint; a refresh token belongs to one client of one server",
			"give each connection a token file of its own"))
	}
	return findings
}

// loginsLike are the times of the logins from here with the account and the client of p, over all connections. A grant that was
// not begun by a login from here, and was imported, counts as one of unknown time, unless it is known to be dead.
func (d *Doctor) loginsLike(ctx context.Context, p *patient) []time.Time {
	own := ownerOf(p.Connection)
	if p.facts.limit == 0 || own.account == "" {
		return nil
	}
	all := d.connections(ctx)
	if filestore.IsPath(p.Name) {
		all = append(all[:len(all):len(all)], neighbour{Connection: p.Connection, owner: own})
	}
	var logins []time.Time
	known := map[string]bool{}
	for _, c := range all {
		if c.owner != own {
			continue
		}
		token := c.Token.RefreshTokenHash()
		if len(c.History.Logins) == 0 && c.Token.RefreshToken() != "" && !c.CurrentHealth().LoginRequired && !known[token] {
			logins = append(logins, time.Time{})
		}
		known[token] = true
		logins = append(logins, c.History.Logins...)
	}
	return logins
}

// checkLogins counts the logins: one more than the limit ends the oldest grant.
func (p *patient) checkLogins(logins []time.Time) []Finding {
	const check = "logins"
	n, limit := len(logins), p.facts.limit
	what := fmt.Sprintf("%s with the account %s and this client, of %d that %s keeps alive", logged(n), p.Account(), limit, p.facts.title)
	switch {
	case n == 0:
		return nil
	case n >= limit:
		return []Finding{warning(check, p.facts.limitSure, what+"; each further one ends the oldest, and there may be more from elsewhere",
			"log in once, and let every program get its token from that connection; revoke the others with freshet revoke")}
	case n == limit-1:
		return []Finding{warning(check, p.facts.limitSure, what+"; there may be more from elsewhere", "share one connection instead of logging in again, or revoke one that is not needed with freshet revoke")}
	default:
		return []Finding{ok(check, "%s", what)}
	}
}

// logged counts logins, as a sentence begins.
func logged(n int) string {
	if n == 1 {
		return "1 login is known here"
	}
	return fmt.Sprintf("%d logins are known here", n)
}
