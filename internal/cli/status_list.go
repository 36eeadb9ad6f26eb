package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// statusAll shows the targets, or all connections if there are none.
func (a *app) statusAll(cmd *cobra.Command, targets []string, f *statusFlags) error {
	a.showing = true
	if len(targets) == 0 {
		if err := f.refuseForAll(); err != nil {
			return err
		}
		names := a.store().Names
		if f.within > 0 {
			names = a.allNames
		}
		var err error
		if targets, err = names(); err != nil {
			return err
		}
	}
	if len(targets) == 0 && !a.json {
		a.printNoConnections()
		return nil
	}
	all, err := a.readAll(cmd.Context(), targets, f)
	if err != nil {
		return err
	}
	code := exitDone
	if slices.ContainsFunc(all, func(c listed) bool { return c.unreadable }) {
		code = exitFailed
	}
	if f.within > 0 {
		all = slices.DeleteFunc(all, func(c listed) bool { return c.reason == "" })
		if slices.ContainsFunc(all, func(c listed) bool { return !c.unreadable && c.remedy != byRefresh }) {
			code = exitLoginRequired
		}
	}
	if err := a.printList(all); err != nil {
		return err
	}
	if f.within > 0 {
		for _, c := range all {
			text.Fprintf(a.err, "%s: %s — %s\n", c.name, a.remedyFor(c.name, c.remedy), c.reason)
		}
	}
	if code != exitDone {
		return &exitError{code}
	}
	return nil
}

// printNoConnections says in which directory there are no connections: it may be that of another user or
// of another FRESHET_HOME.
func (a *app) printNoConnections() {
	text.Fprintf(a.err, "there are no connections in %s\n", stateDir())
	text.Fprintln(a.err, "  → run freshet login PROVIDER or freshet import NAME FILE to create one")
}

// allNames returns the names of all connections. A FRESHET_HOME that does not exist is an error: a
// command about all connections would do nothing, every day.
func (a *app) allNames() ([]string, error) {
	if home := os.Getenv("FRESHET_HOME"); home != "" {
		if _, err := os.Stat(home); errors.Is(err, fs.ErrNotExist) {
			return nil, &freshet.SetupError{
				Kind: oauth.Misconfigured, What: "FRESHET_HOME names a directory that does not exist: " + stateDir(),
				Remedy: "correct the variable; freshet login and freshet import create the directory", Err: err,
			}
		}
	}
	return a.store().Names()
}

// readResult is a connection as it was read from the store, or the error.
type readResult struct {
	name       string
	connection freshet.Connection
	err        error
}

// listed is what the list says about a connection. It does not keep the token in memory.
type listed struct {
	name       string
	unreadable bool
	remedy     oauth.Remedy    // what a person has to do before --within has passed
	reason     string          // why; "" if there is nothing to do
	row        tableRow        // without --json
	json       *connectionJSON // with --json
}

// readAll reads the targets, several at a time.
func (a *app) readAll(ctx context.Context, targets []string, f *statusFlags) ([]listed, error) {
	type job struct {
		at    int
		store *filestore.Store
		err   error
	}
	all, now := make([]listed, len(targets)), time.Now()
	jobs := make(chan job)
	var readers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		readers.Go(func() {
			for j := range jobs {
				r := readResult{name: targets[j.at], err: j.err}
				if r.err == nil {
					r.connection, r.err = getTarget(ctx, j.store, r.name)
				}
				all[j.at] = a.list(&r, now, f.within)
			}
		})
	}
	defer readers.Wait()
	defer close(jobs)
	for i, target := range targets {
		store, err := a.storeFor(target, &f.connectionFlags)
		if _, isUsage := errors.AsType[*usageError](err); isUsage {
			return nil, err
		}
		jobs <- job{i, store, err}
	}
	return all, nil
}

func (a *app) list(r *readResult, now time.Time, within time.Duration) listed {
	c := listed{name: r.name, unreadable: r.err != nil}
	if a.json || within > 0 {
		c.remedy, c.reason = r.need(now, within)
	}
	if !a.json {
		c.row = r.row(now)
		return c
	}
	json := r.json(now)
	json.Need, json.Remedy = c.reason, a.remedyFor(c.name, c.remedy)
	c.json = &json
	return c
}

// getTarget reads a connection or a token file. The flags of this command do not identify the
// client of a token file, so that it takes failures of any client for current.
func getTarget(ctx context.Context, store *filestore.Store, target string) (freshet.Connection, error) {
	c, err := store.Get(ctx, target)
	if filestore.IsPath(target) {
		c = c.AssumeSameRequest()
	}
	return c, err
}

// problem returns why the connection cannot be read, without its name, or "".
func (r *readResult) problem() string {
	if r.err == nil {
		return ""
	}
	return strings.TrimPrefix(strings.ReplaceAll(r.err.Error(), "\n", "; "), r.name+": ")
}

// connectionsJSON is the output of status --json for many connections.
type connectionsJSON struct {
	Connections []*connectionJSON `json:"connections"`
}

// connectionJSON is one of them. Later versions may add members, but do not change these.
type connectionJSON struct {
	Name     string `json:"name"`
	Provider string `json:"provider"`
	Account  string `json:"account"` // "" if not known
	State    string `json:"state"`   // as in status TARGET, or "unreadable"
	expiryJSON
	StaleAt     *time.Time `json:"stale_at"`
	LastSuccess *time.Time `json:"last_success"`
	NextRefresh *time.Time `json:"next_refresh"` // null if not known, or if only a login helps
	refreshExpiryJSON
	RenewedBy     freshet.GrantType `json:"renewed_by"` // as in status TARGET
	LoginRequired bool              `json:"login_required"`
	Need          string            `json:"need"`              // why a person is needed now or within --within; "" if none is
	Remedy        string            `json:"remedy"`            // what the person has to do
	Problem       string            `json:"problem,omitempty"` // why it is unreadable
}

func (r *readResult) json(now time.Time) connectionJSON {
	if r.err != nil {
		return connectionJSON{Name: r.name, State: "unreadable", Problem: r.problem()}
	}
	c := r.connection
	e := c.Expiry(now)
	return connectionJSON{
		Name: r.name, Provider: c.ProviderInfo().Name, Account: strings.Clone(c.Account()),
		State: tokenState(c, now), expiryJSON: newExpiryJSON(e), StaleAt: timeJSON(e.StaleAt(c.Token.AccessToken())),
		LastSuccess: timeJSON(c.Health.LastSuccess), NextRefresh: timeJSON(nextRefresh(c, now)),
		refreshExpiryJSON: newRefreshExpiryJSON(c, now), LoginRequired: c.CurrentHealth().LoginRequired,
		RenewedBy: renewedBy(c),
	}
}

func (a *app) printList(all []listed) error {
	if a.json {
		out := connectionsJSON{Connections: []*connectionJSON{}}
		for _, c := range all {
			out.Connections = append(out.Connections, c.json)
		}
		return printJSON(a.out, out)
	}
	if len(all) == 0 {
		return nil
	}
	rows := []tableRow{{cells: []string{
		"NAME", "PROVIDER", "ACCOUNT", "STATE", "LEFT", "LAST REFRESH", "NEXT REFRESH", "REFRESH TOKEN EXPIRES",
	}}}
	for _, c := range all {
		rows = append(rows, c.row)
	}
	return printTable(a.out, fitTable(rows, terminalWidth(a.out), narrowerStatus), hasColour(a.out))
}

// narrowerStatus is how the table fits a terminal: the state, the time left and the expiry of the
// refresh token stay.
var narrowerStatus = []narrowing{
	{column: 7, heading: "REFRESH TOKEN"},
	{column: 2, width: 16},
	{column: 5},
	{column: 2},
	{column: 0, width: 24},
	{column: 1},
	{column: 0, width: 16},
	{column: 6},
}

// stateColours has the states that need no person. The others are red.
var stateColours = map[string]string{"fresh": green, "stale": yellow, "expired": yellow, "no access token": yellow}

// maxAccount is the longest account in the table, in characters.
const maxAccount = 30

func (r *readResult) row(now time.Time) tableRow {
	if r.err != nil {
		return tableRow{cells: []string{r.name, r.problem()}, coloured: 1, colour: red}
	}
	c := r.connection
	account := strings.Clone(cut(c.Account(), maxAccount)) // the token can be freed
	state := strings.ReplaceAll(tokenState(c, now), "_", " ")
	next := text.RelativeTime(nextRefresh(c, now), now)
	if at := nextRefresh(c, now); !at.IsZero() && !at.After(now) {
		next = "due"
	}
	refreshToken := refreshTokenExpiry(c, now)
	switch {
	case isOwnClient(c):
		refreshToken = "not needed"
	case c.Token.RefreshToken() == "":
		refreshToken = "no refresh token"
	}
	cells := []string{
		r.name, c.ProviderInfo().Name, account, state, timeLeft(c, now),
		text.RelativeTime(c.Health.LastSuccess, now), next, refreshToken,
	}
	for i := range cells {
		cells[i] = cmp.Or(cells[i], "-")
	}
	return tableRow{cells: cells, coloured: 3, colour: cmp.Or(stateColours[state], red)}
}

// timeLeft returns how long the access token is still valid, with ~ if the expiry is assumed.
func timeLeft(c freshet.Connection, now time.Time) string {
	e := c.Expiry(now)
	switch {
	case c.Revoked() || !e.At.After(now):
		return ""
	case e.From == freshet.FromAssumption:
		return "~" + text.RoundDuration(e.At.Sub(now))
	default:
		return text.RoundDuration(e.At.Sub(now))
	}
}
