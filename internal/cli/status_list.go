package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

// statusAll shows many tokens: those given, or all connections.
func (a *app) statusAll(cmd *cobra.Command, targets []string, f *statusFlags) error {
	all, err := a.look(cmd.Context(), targets, f)
	if err != nil {
		return err
	}
	now, within := time.Now(), time.Duration(f.within)
	if len(all) == 0 && !a.json {
		a.printNoConnections()
		return nil
	}
	code := exitDone
	if slices.ContainsFunc(all, func(s seen) bool { return s.err != nil }) {
		code = exitFailed
	}
	if within > 0 {
		all = slices.DeleteFunc(all, func(s seen) bool { return s.line(now, within) == "" })
		if slices.ContainsFunc(all, func(s seen) bool { return s.err == nil }) {
			code = exitLoginRequired
		}
	}
	if err := a.printAll(all, now, within); err != nil {
		return err
	}
	if within > 0 {
		for _, s := range all {
			text.Fprintln(a.err, s.line(now, within))
		}
	}
	if code != exitDone {
		return &exitError{code}
	}
	return nil
}

func (a *app) printNoConnections() {
	text.Fprintln(a.err, "there are no connections yet")
	text.Fprintln(a.err, "  → make one with freshet login, or from a token that you have with freshet import")
}

// seen is a connection as it was found.
type seen struct {
	name       string
	connection freshet.Connection
	err        error // why it cannot be read
}

// look reads the targets, or all connections if there are none.
func (a *app) look(ctx context.Context, targets []string, f *statusFlags) (all []seen, err error) {
	if len(targets) == 0 {
		if err := f.refuseForAll(); err != nil {
			return nil, err
		}
		if targets, err = a.store().Names(); err != nil {
			return nil, fmt.Errorf("listing the connections: %w", err)
		}
	}
	for _, target := range targets {
		store, err := a.storeFor(target, &f.connectionFlags)
		if _, isUsage := errors.AsType[*usageError](err); isUsage {
			return nil, err
		}
		s := seen{name: target, err: err}
		if err == nil {
			s.connection, s.err = getTarget(ctx, store, target)
		}
		all = append(all, s)
	}
	return all, nil
}

// getTarget reads a connection, or a token file of which the flags do not say who refreshes it.
func getTarget(ctx context.Context, store *filestore.Store, target string) (freshet.Connection, error) {
	c, err := store.Get(ctx, target)
	if filestore.IsPath(target) {
		c = c.AssumeSameRequest()
	}
	return c, err
}

// problem is why the connection cannot be read, without its name.
func (s seen) problem() string {
	if s.err == nil {
		return ""
	}
	return strings.TrimPrefix(explain(s.err).Message, s.name+": ")
}

// connectionsJSON is the output of status --json for many.
type connectionsJSON struct {
	Connections []connectionJSON `json:"connections"`
}

// connectionJSON is one of them. Members may be added; none will change its meaning.
type connectionJSON struct {
	Name     string `json:"name"`
	Provider string `json:"provider"`
	Account  string `json:"account"` // "" when not known
	State    string `json:"state"`   // as in status TARGET, or "unreadable"
	expiryJSON
	StaleAt     *time.Time `json:"stale_at"`
	LastSuccess *time.Time `json:"last_success"`
	NextRefresh *time.Time `json:"next_refresh"` // null when not known, or when only a person can help
	refreshExpiryJSON
	LoginRequired bool   `json:"login_required"`
	Need          string `json:"need"`              // why a person is needed now, or within the time of --within; "" when nobody is
	Remedy        string `json:"remedy"`            // what that person has to do
	Problem       string `json:"problem,omitempty"` // why it is unreadable
}

func (s seen) json(now time.Time, within time.Duration) connectionJSON {
	remedy, need := s.need(now, within)
	if s.err != nil {
		return connectionJSON{Name: s.name, State: "unreadable", Need: need, Remedy: remedy, Problem: s.problem()}
	}
	c := s.connection
	e := c.Expiry(now)
	return connectionJSON{
		Name: s.name, Provider: c.Vendor().Name, Account: c.Account(), State: tokenState(c, now), expiryJSON: newExpiryJSON(e),
		StaleAt: momentJSON(e.StaleAt(c.Token.AccessToken())), LastSuccess: momentJSON(c.Health.LastSuccess),
		NextRefresh: momentJSON(nextRefresh(c, now)), refreshExpiryJSON: newRefreshExpiryJSON(c, now), LoginRequired: c.CurrentHealth().LoginRequired,
		Need: need, Remedy: remedy,
	}
}

func (a *app) printAll(all []seen, now time.Time, within time.Duration) error {
	if a.json {
		out := connectionsJSON{Connections: []connectionJSON{}}
		for _, s := range all {
			out.Connections = append(out.Connections, s.json(now, within))
		}
		return printJSON(a.out, out)
	}
	if len(all) == 0 {
		return nil
	}
	rows := []tableRow{heading}
	for _, s := range all {
		rows = append(rows, s.row(now))
	}
	return printTable(a.out, rows, hasColour(a.out))
}

var stateColours = map[string]string{"fresh": green, "stale": yellow, "expired": yellow, "no access token": yellow}

var heading = tableRow{cells: []string{"NAME", "PROVIDER", "ACCOUNT", "STATE", "LEFT", "LAST REFRESH", "NEXT REFRESH", "REFRESH TOKEN DIES"}}

// longestAccount keeps the table narrow.
const longestAccount = 30

func (s seen) row(now time.Time) tableRow {
	if s.err != nil {
		return tableRow{cells: []string{s.name, s.problem()}, coloured: 1, colour: red}
	}
	c := s.connection
	word := strings.ReplaceAll(tokenState(c, now), "_", " ")
	death := dies(c, now)
	if c.Token.RefreshToken() == "" {
		death = "no refresh token"
	}
	cells := []string{
		s.name, c.Vendor().Name, shortened(text.Printable(c.Account()), longestAccount), word, s.left(now),
		relative(c.Health.LastSuccess, now), s.next(now), death,
	}
	for i := range cells {
		cells[i] = cmp.Or(cells[i], "-")
	}
	return tableRow{cells: cells, coloured: 3, colour: cmp.Or(stateColours[word], red)}
}

// left is how much time the access token has, with ~ before it where that is assumed. One that was revoked has none.
func (s seen) left(now time.Time) string {
	e := s.connection.Expiry(now)
	switch {
	case s.connection.Revoked() || !e.At.After(now):
		return ""
	case e.Assumed():
		return "~" + short(e.At.Sub(now))
	default:
		return short(e.At.Sub(now))
	}
}

func (s seen) next(now time.Time) string {
	at := nextRefresh(s.connection, now)
	if !at.IsZero() && !at.After(now) {
		return "due"
	}
	return relative(at, now)
}

func shortened(s string, longest int) string {
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return s
}
