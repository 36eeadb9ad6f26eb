package cli

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

func (a *app) statusOne(cmd *cobra.Command, target string, f *connectionFlags) error {
	a.showing = true
	store, err := a.storeFor(target, f)
	if err != nil {
		return err
	}
	c, err := getTarget(cmd.Context(), store, target)
	if err != nil {
		return err
	}
	in, err := store.Inspect(cmd.Context(), target)
	if err != nil {
		return err
	}
	s := a.newStatus(c, in, time.Now())
	if a.json {
		return printJSON(a.out, s)
	}
	return s.print(a)
}

// failureJSON is a failure whose remedy is in the words of the command line.
type failureJSON struct {
	freshet.Failure
	Remedy string `json:"remedy,omitempty"`
}

// statusJSON is the output of status TARGET --json. Later versions may add members, but do not change these.
type statusJSON struct {
	Target       string            `json:"target"`
	Path         string            `json:"path"`
	TokenFile    string            `json:"token_file"` // "" if the connection's document has the token
	Mode         string            `json:"mode"`
	Provider     string            `json:"provider"`
	Account      string            `json:"account"`
	ClientID     string            `json:"client_id"`
	Scopes       []string          `json:"scopes"`   // that a login requests
	Redirect     map[string]string `json:"redirect"` // parameters that the provider added to the login's redirect
	State        string            `json:"state"`    // see tokenState
	TokenType    string            `json:"token_type"`
	Scope        string            `json:"scope"`
	Host         string            `json:"host"`           // of the token endpoint; "" if not known
	Insecure     []string          `json:"insecure_hosts"` // that get tokens unencrypted
	Members      map[string]string `json:"members"`
	Hidden       []string          `json:"hidden"` // the names of members that are not shown
	HasRefresh   bool              `json:"has_refresh_token"`
	RenewedBy    freshet.GrantType `json:"renewed_by"` // the grant of the next access token; "" if none can be had
	IssuedAt     *time.Time        `json:"issued_at"`
	StaleAt      *time.Time        `json:"stale_at"`
	LastSuccess  *time.Time        `json:"last_success"`
	LastFailure  *failureJSON      `json:"last_failure"`
	NextAttempt  *time.Time        `json:"next_attempt"`
	IdleLimit    *time.Time        `json:"refresh_token_idle_limit"`
	Interrupted  *interruptedJSON  `json:"interrupted"`
	UnknownDate  string            `json:"date_not_understood"` // a member whose date has no known form; else ""
	Refreshing   bool              `json:"refreshing"`
	SiblingFiles []siblingJSON     `json:"siblings"`
	expiryJSON
	refreshExpiryJSON

	History []freshet.HistoryEntry `json:"history"` // oldest first

	permanent bool // the access token does not expire
	defined   bool // the provider, in the registration
	now       time.Time
}

type refreshExpiryJSON struct {
	RefreshExpiresAt   *time.Time           `json:"refresh_token_expires_at"`   // null if not known
	RefreshExpiresFrom freshet.ExpirySource `json:"refresh_token_expires_from"` // see RefreshExpiry
	GrantExpiresAt     *time.Time           `json:"grant_expires_at"`           // null if the provider did not say
}

func newRefreshExpiryJSON(c freshet.Connection, now time.Time) refreshExpiryJSON {
	at, from := c.RefreshExpiry(now)
	return refreshExpiryJSON{timeJSON(at), from, timeJSON(c.GrantExpiry(now))}
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

// harmlessMembers are the standard members of a token that may be shown. The provider's file may
// allow others. The rest is hidden.
var harmlessMembers = []string{
	"token_type", "scope", "expires_in", "expires_at", "expiry", "expires_on", "issued_at",
	"token_uri", "token_endpoint", "client_id", "refresh_token_expires_in",
	"x_refresh_token_expires_in", "refresh_expires_in", "refresh_token_expires_at",
	"refresh_token_timeout", "authorization_expires_in",
}

func (a *app) newStatus(c freshet.Connection, in filestore.Inspection, now time.Time) statusJSON {
	e, health := c.Expiry(now), c.CurrentHealth()
	p := c.ProviderInfo()
	s := statusJSON{
		Target: c.Name, Path: in.Path, TokenFile: c.TokenFile, Mode: in.Mode.String(),
		Provider: p.Name, Account: c.Account(), ClientID: c.Client.ID, Host: text.Host(c.ResolvedEndpoints().Token),
		State: tokenState(c, now), TokenType: c.Token.Type(), Scope: c.Token.Member("scope"),
		HasRefresh: c.Token.RefreshToken() != "", RenewedBy: renewedBy(c), Refreshing: in.Busy,
		permanent: isPermanent(c), defined: c.Definition != nil, now: now,
		expiryJSON: newExpiryJSON(e), refreshExpiryJSON: newRefreshExpiryJSON(c, now),
		IssuedAt: timeJSON(e.Issued), StaleAt: timeJSON(e.StaleAt(c.Token.AccessToken())),
		LastSuccess: timeJSON(health.LastSuccess),
		NextAttempt: timeJSON(health.NextAttempt), UnknownDate: e.Unknown,
		SiblingFiles: []siblingJSON{}, Redirect: map[string]string{},
		Scopes: append([]string{}, c.Scopes...), Insecure: append([]string{}, c.InsecureHosts...),
		History: append([]freshet.HistoryEntry{}, c.History.Entries...),
	}
	if f := health.LastFailure; f != nil {
		s.LastFailure = &failureJSON{*f, a.remedyFor(c.Name, f.Remedy)}
	}
	s.Members, s.Hidden = visibleMembers(c.Token, slices.Concat(harmlessMembers, p.Reply.Harmless))
	limit := cmp.Or(c.Policy.IdleLimit, time.Duration(p.RefreshToken.Idle))
	if limit > 0 && s.RenewedBy == freshet.GrantRefreshToken && !e.Issued.IsZero() {
		s.IdleLimit = timeJSON(e.Issued.Add(limit))
	}
	pending := in.Pending
	if pending != nil && pending.Reply == nil {
		pending = pending.Refresh() // a login without a reply spent no token
	}
	if pending != nil && !in.Busy {
		s.Interrupted = &interruptedJSON{
			timeJSON(pending.Since), pending.Host, pending.PID, pending.Reply != nil, pending.Problem,
		}
	}
	for _, sibling := range in.Siblings {
		s.SiblingFiles = append(s.SiblingFiles, siblingJSON(sibling))
	}
	maps.Copy(s.Redirect, c.Redirect)
	return s
}

// visibleMembers returns the members of t whose names are allowed, and the names of the others.
func visibleMembers(t freshet.Token, allowed []string) (visible map[string]string, hidden []string) {
	visible, hidden = map[string]string{}, []string{}
	for _, name := range t.Names() {
		value := t.Text(name)
		if slices.Contains(allowed, name) && value != "" {
			visible[name] = value
		} else {
			hidden = append(hidden, name)
		}
	}
	return visible, hidden
}

func (s statusJSON) print(a *app) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(label, value string) {
		if value != "" {
			text.Fprintf(w, "%s\t%s\n", label, value)
		}
	}
	s.printNames(row)
	state := strings.ReplaceAll(s.State, "_", " ")
	if s.Refreshing {
		state += ", being refreshed now"
	}
	row("state", state)
	row("type", s.TokenType)
	row("scope", s.Scope)
	row("host", s.Host)
	if len(s.Insecure) > 0 {
		row("insecure hosts", strings.Join(s.Insecure, ", ")+": tokens and secrets go there unencrypted")
	}
	row("account", cmp.Or(s.Members["id"], s.Account))
	row("instance", s.Members["instance_url"])
	row("issued", moment(s.IssuedAt))
	row("expires", s.expiresLine())
	if s.UnknownDate != "" {
		row("", "the date in "+s.UnknownDate+" is not understood; it is kept as it is")
	}
	row("stale", s.since(s.StaleAt))
	if s.RenewedBy == freshet.GrantClientCredentials {
		row("renewed", "with the client's own credentials")
	}
	row("refresh token", s.refreshLine())
	if s.GrantExpiresAt != nil {
		row("grant", s.grantLine())
	}
	row("last refresh", moment(s.LastSuccess))
	if f := s.LastFailure; f != nil {
		row("last failure", f.Time.Local().Format(time.DateTime)+": "+f.Cause)
		row("", "→ "+f.Remedy)
		row("next attempt", moment(s.NextAttempt))
	}
	if p := s.Interrupted; p != nil {
		row("interrupted",
			fmt.Sprintf("a refresh begun at %s by process %d on %s %s", moment(p.Since), p.PID, p.Host, p.outcome()))
	}
	s.printHistory(row)
	row("mode", s.Mode)
	if s.readableByOthers() {
		path := s.Path
		if filestore.IsPath(s.Target) {
			path = s.Target
		}
		row("", "→ others can read this file: chmod 600 "+path)
	}
	row("not shown", strings.Join(s.Hidden, ", "))
	for _, sibling := range s.SiblingFiles {
		row("related file", sibling.Path+": "+sibling.What)
	}
	return w.Flush()
}

// printNames prints the rows about the target, the provider and the client.
func (s statusJSON) printNames(row func(label, value string)) {
	if filestore.IsPath(s.Target) {
		row("token", s.Target)
	} else {
		row("connection", s.Target)
		row("token file", s.TokenFile)
	}
	if s.defined {
		row("provider", s.Provider+" (defined in the connection)")
	} else {
		row("provider", s.Provider)
	}
	row("client", s.ClientID)
	row("scopes", strings.Join(s.Scopes, " "))
	for _, name := range slices.Sorted(maps.Keys(s.Redirect)) {
		row(name, s.Redirect[name])
	}
}

// printHistory prints the last three entries, newest first.
func (s statusJSON) printHistory(row func(label, value string)) {
	last := s.History[max(0, len(s.History)-3):]
	label := "history"
	for _, e := range slices.Backward(last) {
		line := moment(&e.Time) + ": " + describeEntry(e)
		if e.Fingerprint != "" {
			line += "; refresh token #" + e.Fingerprint
		}
		row(label, line)
		label = ""
	}
	if more := len(s.History) - len(last); more > 0 {
		row("", fmt.Sprintf("(%d more: --json)", more))
	}
}

func describeEntry(e freshet.HistoryEntry) string {
	if e.Outcome == freshet.Failed && e.Code == freshet.CodeRevoked {
		return "revoked from here"
	}
	what := strings.ReplaceAll(string(e.Outcome), "_", " ")
	if reason := cmp.Or(e.Code, strings.ReplaceAll(string(e.Kind), "_", " ")); reason != "" {
		what += " (" + reason + ")"
	}
	return fmt.Sprintf("%s in %d ms", what, e.Millis)
}

func (p *interruptedJSON) outcome() string {
	if p.HasReply {
		return "received its reply; the next run saves it"
	}
	return "received no reply; the provider may have replaced the refresh token"
}

func (s statusJSON) expiresLine() string {
	switch s.ExpiresFrom {
	case "":
		if s.permanent {
			return "never: this provider's tokens without expires_in do not expire"
		}
		return "not known"
	case "assumed":
		if s.isPast(s.ExpiresAt) {
			return "has probably expired, about " + moment(s.ExpiresAt) + " (assumed: the provider does not state it)"
		}
		return "about " + moment(s.ExpiresAt) + " (assumed: the provider does not state it)"
	case "jwt":
		return s.expired(s.ExpiresAt) + " (exp of the access token)"
	default:
		return s.expired(s.ExpiresAt) + " (" + string(s.ExpiresFrom) + ")"
	}
}

// expired returns the time of an expiry, with "expired since" if it has passed.
func (s statusJSON) expired(at *time.Time) string {
	if s.isPast(at) {
		return "expired since " + moment(at)
	}
	return moment(at)
}

// isPast reports whether the time is known and has passed.
func (s statusJSON) isPast(at *time.Time) bool { return at != nil && !at.After(s.now) }

// since returns the time, with "since" if it has passed.
func (s statusJSON) since(at *time.Time) string {
	if s.isPast(at) {
		return "since " + moment(at)
	}
	return moment(at)
}

func (s statusJSON) grantLine() string {
	if s.isPast(s.GrantExpiresAt) {
		return "ended " + moment(s.GrantExpiresAt)
	}
	return "ends " + moment(s.GrantExpiresAt) + ", however much it is used"
}

func (s statusJSON) refreshLine() string {
	switch {
	case s.RenewedBy == freshet.GrantClientCredentials && !s.HasRefresh:
		return "" // none is needed
	case s.RenewedBy == freshet.GrantClientCredentials:
		return "present, but not used"
	case !s.HasRefresh:
		return "none: this token cannot be refreshed"
	case s.isPast(s.RefreshExpiresAt) && s.RefreshExpiresFrom == freshet.FromIdleLimit:
		return "has probably expired: unused since " + moment(s.IssuedAt) + " (if the app has an idle limit)"
	case s.isPast(s.RefreshExpiresAt):
		return "expired since " + moment(s.RefreshExpiresAt) + " (" + string(s.RefreshExpiresFrom) + ")"
	case s.RefreshExpiresFrom == freshet.FromIdleLimit:
		return "expires " + moment(s.RefreshExpiresAt) + " unless it is used (if the app has an idle limit)"
	case endsUnused(s.RefreshExpiresFrom):
		return "expires " + moment(s.RefreshExpiresAt) + " unless it is used (" + string(s.RefreshExpiresFrom) + ")"
	case s.RefreshExpiresAt != nil:
		return "expires " + moment(s.RefreshExpiresAt) + " (" + string(s.RefreshExpiresFrom) + ")"
	default:
		return "present"
	}
}

// readableByOthers reports whether the mode, such as -rw-r-----, lets the group or others read the file.
func (s statusJSON) readableByOthers() bool {
	return runtime.GOOS != "windows" && strings.Contains(s.Mode[len(s.Mode)-6:], "r")
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format(time.DateTime)
}
