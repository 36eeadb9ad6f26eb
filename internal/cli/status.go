package cli

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
)

func (a *app) statusCommand() *cobra.Command {
	var f connectionFlags
	cmd := &cobra.Command{
		Use:   "status TARGET",
		Short: "Show what is known about a token, without network",
		Long: `Show what is known about a token, without network and without changing anything: type, scope, account, when the access
token expires and from what that is known, the last failure, an interrupted refresh, and the files beside it.

Only members that are known to be harmless are shown.`,
		Example: `  freshet status salesforce.json
  freshet status salesforce.json --json`,
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.status(cmd, args[0], &f) },
	}
	flags := cmd.Flags()
	f.registerPolicy(flags)
	flags.BoolVar(&a.json, "json", false, "print the result, or the error, as JSON on standard output")
	return cmd
}

func (a *app) status(cmd *cobra.Command, target string, f *connectionFlags) error {
	store, err := a.open(target, f)
	if err != nil {
		return err
	}
	c, err := store.Get(cmd.Context(), target)
	if err != nil {
		return err
	}
	in, err := store.Inspect(cmd.Context(), target)
	if err != nil {
		return err
	}
	s := newStatus(c, in, time.Now())
	if a.json {
		return printJSON(a.out, s)
	}
	return s.print(a)
}

// statusJSON is the output of status --json. Members may be added; none will change its meaning.
type statusJSON struct {
	Target       string            `json:"target"`
	Path         string            `json:"path"`
	Mode         string            `json:"mode"`
	Provider     string            `json:"provider"`
	State        string            `json:"state"` // fresh, stale, expired, login_required, no_access_token
	TokenType    string            `json:"token_type"`
	Scope        string            `json:"scope"`
	Host         string            `json:"host"` // the token endpoint's, when it follows from the document
	Members      map[string]string `json:"members"`
	Hidden       []string          `json:"hidden"` // members that are there and not shown
	HasRefresh   bool              `json:"has_refresh_token"`
	IssuedAt     *time.Time        `json:"issued_at"`
	StaleAt      *time.Time        `json:"stale_at"`
	LastSuccess  *time.Time        `json:"last_success"`
	LastFailure  *freshet.Failure  `json:"last_failure"`
	NextAttempt  *time.Time        `json:"next_attempt"`
	RefreshDies  *time.Time        `json:"refresh_token_idle_limit"`
	Interrupted  *interruptedJSON  `json:"interrupted"`
	Refreshing   bool              `json:"refreshing"`
	SiblingFiles []siblingJSON     `json:"siblings"`
	expiryJSON
}

type interruptedJSON struct {
	Since    *time.Time `json:"since"`
	Host     string     `json:"host"`
	PID      int        `json:"pid"`
	HasReply bool       `json:"has_reply"` // the next run saves it
	Problem  string     `json:"problem,omitempty"`
}

type siblingJSON struct {
	Path string `json:"path"`
	What string `json:"what"`
}

// harmless are the standard members that may be shown. Everything else is hidden unless the provider's data allows it.
var harmless = []string{"token_type", "scope", "expires_in", "expires_at", "expiry", "expires_on", "issued_at", "token_uri", "token_endpoint", "client_id"}

func newStatus(c freshet.Connection, in filestore.Inspection, now time.Time) statusJSON {
	e := c.Expiry(now)
	vendor := c.Vendor()
	s := statusJSON{
		Target: c.Name, Path: in.Path, Mode: in.Mode.String(), Provider: vendor.Name, State: state(c, now),
		TokenType: c.Token.Type(), Scope: printable(c.Token.Member("scope")), Host: host(c),
		HasRefresh: c.Token.RefreshToken() != "", IssuedAt: momentJSON(e.Issued), expiryJSON: newExpiryJSON(e),
		StaleAt:     momentJSON(e.StaleAt(c.Token.AccessToken())),
		LastSuccess: momentJSON(c.Health.LastSuccess), LastFailure: c.Health.LastFailure, NextAttempt: momentJSON(c.Health.NextAttempt),
		Refreshing: in.Busy, SiblingFiles: []siblingJSON{},
	}
	s.Members, s.Hidden = shown(c.Token, append(harmless[:len(harmless):len(harmless)], vendor.Harmless...))
	if vendor.IdleLimit > 0 && s.HasRefresh && !e.Issued.IsZero() {
		s.RefreshDies = momentJSON(e.Issued.Add(vendor.IdleLimit))
	}
	if p := in.Pending; in.Abandoned() {
		s.Interrupted = &interruptedJSON{momentJSON(p.Since), p.Host, p.PID, p.Reply != nil, p.Problem}
	}
	for _, sibling := range in.Siblings {
		s.SiblingFiles = append(s.SiblingFiles, siblingJSON(sibling))
	}
	return s
}

func state(c freshet.Connection, now time.Time) string {
	e := c.Expiry(now)
	stale := e.StaleAt(c.Token.AccessToken())
	switch {
	case c.Health.LoginRequired:
		return "login_required"
	case c.Token.AccessToken() == "":
		return "no_access_token"
	case e.From != "" && !now.Before(e.At):
		return "expired"
	case !stale.IsZero() && !now.Before(stale):
		return "stale"
	default:
		return "fresh"
	}
}

// shown splits the members into those that may be seen and the names of those that may not.
func shown(t freshet.Token, allowed []string) (visible map[string]string, hidden []string) {
	visible, hidden = map[string]string{}, []string{}
	for _, name := range t.Names() {
		value := t.Text(name)
		if slices.Contains(allowed, name) && value != "" {
			visible[printable(name)] = printable(value)
		} else {
			hidden = append(hidden, printable(name))
		}
	}
	return visible, hidden
}

func host(c freshet.Connection) string {
	endpoint, err := c.Vendor().TokenEndpoint(c.Token.Member)
	if err != nil {
		return ""
	}
	return strings.Split(endpoint, "/")[2]
}

func (s statusJSON) print(a *app) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(label, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", label, value)
		}
	}
	row("token", s.Target)
	row("provider", s.Provider)
	row("state", s.stateLine())
	row("type", s.TokenType)
	row("scope", s.Scope)
	row("host", s.Host)
	row("account", s.Members["id"])
	row("instance", s.Members["instance_url"])
	row("issued", moment(s.IssuedAt))
	row("expires", s.expiresLine())
	row("stale", moment(s.StaleAt))
	row("refresh token", s.refreshLine())
	row("last refresh", moment(s.LastSuccess))
	if f := s.LastFailure; f != nil {
		row("last failure", f.Time.Local().Format(momentLayout)+": "+f.Cause)
		row("", "→ "+f.Remedy)
		row("next attempt", moment(s.NextAttempt))
	}
	if p := s.Interrupted; p != nil {
		row("interrupted", fmt.Sprintf("a refresh begun %s by process %d on %s %s", moment(p.Since), p.PID, p.Host, p.outcome()))
	}
	row("mode", s.Mode)
	if s.readableByOthers() {
		row("", "→ others can read this file: chmod 600 "+s.Target)
	}
	row("not shown", strings.Join(s.Hidden, ", "))
	for _, sibling := range s.SiblingFiles {
		row("beside it", sibling.Path+": "+sibling.What)
	}
	return w.Flush()
}

func (p *interruptedJSON) outcome() string {
	if p.HasReply {
		return "had received its answer, which the next run saves"
	}
	return "left no answer; the provider may have replaced the refresh token"
}

func (s statusJSON) stateLine() string {
	if s.Refreshing {
		return s.State + ", being refreshed now"
	}
	return strings.ReplaceAll(s.State, "_", " ")
}

func (s statusJSON) expiresLine() string {
	switch s.ExpiresFrom {
	case "":
		return "not known"
	case "assumed":
		return "about " + moment(s.ExpiresAt) + " (assumed: neither the provider nor the token says)"
	case "jwt":
		return moment(s.ExpiresAt) + " (the token's own exp)"
	default:
		return moment(s.ExpiresAt) + " (" + s.ExpiresFrom + ")"
	}
}

func (s statusJSON) refreshLine() string {
	switch {
	case !s.HasRefresh:
		return "none: this token cannot be refreshed"
	case s.RefreshDies != nil:
		return "dies unless used before " + moment(s.RefreshDies) + " (where the app limits idle time)"
	default:
		return "present"
	}
}

// readableByOthers looks at the group's and the others' part of a mode such as -rw-r-----.
func (s statusJSON) readableByOthers() bool {
	return runtime.GOOS != "windows" && strings.Contains(s.Mode[len(s.Mode)-6:], "r")
}

// printable makes a value safe for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

const momentLayout = "2006-01-02 15:04:05"

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format(momentLayout)
}
