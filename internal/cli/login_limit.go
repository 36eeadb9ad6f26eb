package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/freshet-dev/freshet"
)

// warnOfLimit prints a warning if the login has ended an earlier one: some providers keep a number of
// logins of an account and client valid, and end the oldest.
func (l *loginRun) warnOfLimit(c freshet.Connection) {
	limit := c.ProviderInfo().RefreshToken.Limit
	all, _ := l.store.List(context.Background()) // those that can be read
	name := endedByLimit(c, all, limit)
	if name == "" {
		return
	}
	l.printWarning(
		fmt.Sprintf("%s keeps %d logins of an account and client valid; this login has probably ended that of %s",
			c.ProviderInfo().Title, limit, name),
		"let every program get its token from one connection, and revoke the others with freshet revoke")
}

// endedByLimit returns the connection whose present login was ended by the last one of c, or "".
func endedByLimit(c freshet.Connection, all []freshet.Connection, limit int) string {
	type login struct {
		at   time.Time
		name string // "" for a login that a later one of the same connection followed
	}
	var logins []login
	for _, other := range all {
		if other.ProviderInfo().Name != c.ProviderInfo().Name || other.Client.ID != c.Client.ID ||
			other.Account() != c.Account() || other.Revoked() {
			continue
		}
		for i, at := range other.History.Logins {
			name := ""
			if i == len(other.History.Logins)-1 && !other.CurrentHealth().LoginRequired {
				name = other.Name
			}
			logins = append(logins, login{at, name})
		}
	}
	if limit == 0 || c.Account() == "" || len(logins) <= limit {
		return ""
	}
	slices.SortFunc(logins, func(a, b login) int { return a.at.Compare(b.at) })
	return logins[len(logins)-limit-1].name
}
