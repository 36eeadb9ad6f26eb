package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

const copiedToken = "copied-token"

// checkCopies looks for other connections and token files that have, or had, the same refresh token in a place of their own.
// Where a refresh token was refused, they may be why ([patient.afterCopy]).
func (d *Doctor) checkCopies(ctx context.Context, p *patient) []Finding {
	if p.Token.RefreshToken() == "" || p.Vendor().KeepsOldTokens() {
		return nil
	}
	p.copies = d.Store.Copies(ctx, p.Connection)
	if p.CurrentHealth().LoginRequired {
		return nil
	}
	var findings []Finding
	names := d.copiesOf(ctx, p)
	switch by := p.copies.Replaced; {
	case by != freshet.Copy{}:
		findings = append(findings, problem(copiedToken, Likely, oauth.LoginRequired, p.replacedBy(by), "log in again, or use the other and forget this one with freshet logout"))
	case len(names) > 0:
		findings = append(findings, warning(copiedToken, Likely,
			"its refresh token is also in "+strings.Join(names, ", ")+"; where a refresh replaces it, the first of them to refresh ends the login for the others",
			"let every program get its token from one connection, and forget the others with freshet logout"))
	}
	for _, earlier := range p.copies.Earlier {
		findings = append(findings, warning(copiedToken, Likely, hasEarlier(earlier)+"; whoever sends that ends this login", "forget it with freshet logout, or delete the file"))
	}
	return findings
}

// copiesOf are the names of the connections and token files with the same refresh token, by what is in them now and by the index.
func (d *Doctor) copiesOf(ctx context.Context, p *patient) []string {
	var names []string
	for _, c := range d.connections(ctx) {
		if c.Token.RefreshTokenHash() != p.Token.RefreshTokenHash() || c.Name == p.Name {
			continue
		}
		if path, err := d.Store.Path(c.Name); err == nil && path != p.ground.Path {
			names = append(names, c.Name)
		}
	}
	for _, other := range p.copies.Others {
		if other.TokenFile != "" {
			names = append(names, other.TokenFile)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// afterCopy explains a refusal by another connection that has, or had, the refresh token or one before it.
func (p *patient) afterCopy(freshet.Failure, []time.Time) (Finding, bool) {
	f := Finding{Check: copiedToken, Certainty: Likely, Remedy: "log in again; then let every program get its token from one connection"}
	if by := p.copies.Replaced; by != (freshet.Copy{}) {
		f.What = p.replacedBy(by)
		return f, true
	}
	for _, earlier := range p.copies.Earlier {
		f.What = hasEarlier(earlier) + "; a provider that is sent that one again ends the login"
		return f, true
	}
	return f, false
}

// replacedBy says whose refresh replaced the refresh token.
func (p *patient) replacedBy(by freshet.Copy) string {
	if by.Name == p.Name || by.TokenFile != "" && by.TokenFile == p.ground.Path {
		return fmt.Sprintf("it is an old copy: a refresh replaced this refresh token at %s", moment(by.Replaced))
	}
	return fmt.Sprintf("it is a copy: %s replaced this refresh token at %s", by, moment(by.Replaced))
}

func hasEarlier(c freshet.Copy) string {
	return fmt.Sprintf("%s has a copy of a refresh token of this login that was replaced at %s", freshet.Copy{Name: c.Name, TokenFile: c.TokenFile}, moment(c.Replaced))
}
